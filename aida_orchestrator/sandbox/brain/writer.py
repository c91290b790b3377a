"""The writer's mind: a script in beats that is about the message, in the brief's language."""

from typing import Any

from . import bank, details, wishes
from .language import primary
from .lexicon import named_in, subjects
from .reading import Reading, read
from .tones import Tone, find_tones

BEAT_SECONDS = 5
# Nothing leaps into flames around these.
COLD = frozenset({
    "ice cream", "ice cream shop", "wine", "winery", "vineyard", "beer", "cocktail", "honey", "tea", "fruit",
    "vegetables", "olive oil", "cheese", "sushi", "chocolate", "dessert", "coffee", "coffee shop",
})
# Where food is sold or made, and what comes to the table there; elsewhere it is the dish of the day.
VENUES = {"restaurant": "", "chef": "", "coffee shop": "coffee", "bakery": "bread", "pastry shop": "cake",
          "pizzeria": "pizza", "ice cream shop": "ice cream", "winery": "wine"}


def script(text: str) -> dict[str, Any]:
    """Title, logline and beats whose seconds add up to the brief's duration."""
    message, feedback, brief = wishes.message_of(text), wishes.part(text, "feedback"), wishes.document(text, "brief")
    language = primary(str(brief.get("language") or read(message).language))
    reading, wish = read(message, language), read(feedback, language)
    tone = _tone(brief, reading, feedback)
    named = bank.untitled(str(brief.get("title") or ""), language)
    default = bank.sections(language)["say.default_subject"][0]
    subject = reading.subject or (named if named.lower() != default.lower() else "") or default
    seconds = split(int(brief.get("duration_seconds") or reading.seconds or 30))
    seed = (message, feedback, tone.name)
    writer = _Hand(language, subject, tone, _details(reading, wish, seed), reading, seed)
    beats = [
        {"words": words, "picture": picture, "seconds": length}
        for (words, picture), length in zip(writer.beats(len(seconds)), seconds, strict=True)
    ]
    say = bank.sections(language)
    slots = {"s": subject, "n": sum(seconds), "tone": tone.shown[language], "beats": len(beats)}
    return {
        "title": str(brief.get("title") or bank.capital(subject)),
        "logline": bank.capital(bank.fill(bank.choose(say["say.logline"], "logline", *seed), **slots)),
        "beats": beats,
    }


def split(duration: int) -> list[int]:
    """A duration in shots of five seconds; what does not divide goes to the last one."""
    count = max(1, duration // BEAT_SECONDS)
    return [BEAT_SECONDS] * (count - 1) + [duration - BEAT_SECONDS * (count - 1)]


def _tone(brief: dict[str, Any], reading: Reading, feedback: str) -> Tone:
    asked = find_tones(feedback) or find_tones(str(brief.get("tone") or "")) or list(reading.tones)
    return asked[0] if asked else reading.tone


def _details(reading: Reading, wish: Reading, seed: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Close-ups: what feedback and message name; and all, with what suits the kind of film behind."""
    asked = [piece for piece in (wish.subject, *wish.extra) if subjects(piece, wish.language) or len(piece.split()) > 2]
    named = [piece for piece in (*asked, *reading.extra) if piece and not piece.startswith("…")]
    typical = list(details.DETAILS[reading.category][reading.language])
    turn = bank.number("details", *seed) % len(typical)
    general = details.DETAILS["any"][reading.language]
    return named, list(dict.fromkeys([*named, *typical[turn:], *typical[:turn], *general]))


class _Hand:
    """Writes beat after beat and never the same line twice in one film."""

    def __init__(
        self, language: str, subject: str, tone: Tone, close_ups: tuple[list[str], list[str]], reading: Reading,
        seed: tuple[str, ...],
    ) -> None:
        self._say = bank.sections(language)
        self._tone, self._reading, self._seed = tone, reading, seed
        self._named, self._details = close_ups
        self._whole, self._short = subject, reading.short or subject
        self._slots = {"s": subject, "p": reading.place, "b": reading.brand}
        self._category = reading.category
        self._used: set[str] = set()
        spoken = next((piece for piece in reading.extra if piece.startswith("…")), "")
        self._tail = f"… {reading.tail}" if reading.tail else spoken

    def beats(self, count: int) -> list[tuple[str, str]]:
        """Narration and picture of each beat."""
        made, close_ups = [], 0
        for place, role in enumerate(bank.roles(count)):
            detail = self._details[close_ups % len(self._details)]
            close_ups += role == "detail"
            # Said in full once and seen in full at both ends; in between the short name is enough.
            said = self._whole if role == "hook" and not self._reading.tail else self._short
            seen = self._whole if role in ("hook", "climax") else self._short
            words = self._words(role, place, {**self._slots, "s": said, "d": detail})
            made.append((words, self._picture(role, place, {**self._slots, "s": seen, "d": detail})))
        return made

    def _words(self, role: str, place: int, slots: dict[str, str]) -> str:
        if role in ("turn", "climax") and self._tail:
            tail, self._tail = self._tail, ""
            return tail.rstrip(".") + "."
        own = self._say.get(f"{role}.{self._category}", ())
        if role == "build" and self._reading.place:
            own = self._say["place"]
        if role == "close" and self._reading.brand:
            own = self._say["brand"]
        family = self._say[f"{role}.{self._tone.family}"]
        # The line made for this kind of film wins in two of three; a quick or comic film keeps its own voice longer.
        odds = 3 if self._tone.family == "calm" or role in ("build", "close") else 2
        prefer_own = own and bank.number(role, place, "own", *self._seed) % odds
        others = [line for kind in ("calm", "playful", "dynamic") for line in self._say[f"{role}.{kind}"]]
        line = self._pick([*own] if prefer_own else [*family], [*family, *own], others, role, place)
        return bank.join(bank.fill(line, **slots), self._reading.language)

    def _picture(self, role: str, place: int, slots: dict[str, str]) -> str:
        """What is seen: the kind of film's own picture of this step, unless the subject asks for a plainer one."""
        step = bank.ARC.index(role)
        general = self._say["scene.any"][step]
        own = self._say[f"scene.{self._category}"][step]
        venue = next((known for known in self._reading.known if known in VENUES), None)
        if self._category == "food" and venue:
            # Nobody serves a restaurant on a plate: it is seen from outside, its dishes close up.
            if role in ("hook", "close"):
                own = general
            else:
                dish = VENUES[venue] and named_in(VENUES[venue], self._reading.language)
                slots = {**slots, "s": dish or self._say["say.dish"][0]}
        elsewhere = [line for line in self._say["scene.any"][1:5] if "{d}" not in line]
        plain = (role == "turn" and set(self._reading.known) & COLD) or (role == "detail" and slots["d"] in self._named)
        more = [line for kind in ("people", "travel") for line in self._say[f"scene.{kind}"] if "{d}" not in line]
        line = self._pick([general if plain else own], [general, *elsewhere], more, role, place, "picture")
        return bank.join(bank.fill(line, **slots), self._reading.language)

    def _pick(self, first: list[str], second: list[str], third: list[str], *seed: object) -> str:
        for options in (first, second, third):
            fresh = [line for line in options if line not in self._used]
            if fresh:
                line = bank.choose(fresh, *seed, *self._seed)
                self._used.add(line)
                return line
        return bank.choose(second, *seed, *self._seed)

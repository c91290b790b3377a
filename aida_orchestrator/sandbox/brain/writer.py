"""The writer's mind: a script in beats that is about the message, in the brief's language."""

from typing import Any

from . import bank, details, wishes
from .language import primary
from .reading import Reading, read
from .tones import Tone, find_tones

BEAT_SECONDS = 5


def script(text: str) -> dict[str, Any]:
    """Title, logline and beats whose seconds add up to the brief's duration."""
    message, feedback, brief = wishes.message_of(text), wishes.part(text, "feedback"), wishes.document(text, "brief")
    language = primary(str(brief.get("language") or read(message).language))
    reading, wish = read(message, language), read(feedback, language)
    tone = _tone(brief, reading, feedback)
    subject = reading.subject or str(brief.get("title") or "") or bank.sections(language)["say.default_subject"][0]
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


def _details(reading: Reading, wish: Reading, seed: tuple[str, ...]) -> list[str]:
    """Close-ups: what feedback and message name, then what suits the kind of film."""
    named = [piece for piece in (wish.subject, *wish.extra, *reading.extra) if piece and not piece.startswith("…")]
    typical = list(details.DETAILS[reading.category if reading.category in details.DETAILS else "any"][reading.language])
    turn = bank.number("details", *seed) % len(typical)
    general = details.DETAILS["any"][reading.language]
    return list(dict.fromkeys([*named, *typical[turn:], *typical[:turn], *general]))


class _Hand:
    """Writes beat after beat and never the same line twice in one film."""

    def __init__(
        self, language: str, subject: str, tone: Tone, close_ups: list[str], reading: Reading, seed: tuple[str, ...]
    ) -> None:
        self._say = bank.sections(language)
        self._tone, self._details, self._reading, self._seed = tone, close_ups, reading, seed
        self._slots = {"s": subject, "p": reading.place, "b": reading.brand}
        self._category = reading.category
        self._used: set[str] = set()
        self._tail = next((piece for piece in reading.extra if piece.startswith("…")), "")

    def beats(self, count: int) -> list[tuple[str, str]]:
        """Narration and picture of each beat."""
        made, close_ups = [], 0
        for place, role in enumerate(bank.roles(count)):
            detail = self._details[close_ups % len(self._details)]
            close_ups += role == "detail"
            slots = {**self._slots, "d": detail}
            made.append((self._words(role, place, slots), self._picture(role, place, slots)))
        return made

    def _words(self, role: str, place: int, slots: dict[str, str]) -> str:
        if role == "turn" and self._tail:
            tail, self._tail = self._tail, ""
            return tail.rstrip(".") + "."
        own = self._say.get(f"{role}.{self._category}", ())
        if role == "build" and self._reading.place:
            own = self._say["place"]
        if role == "close" and self._reading.brand:
            own = self._say["brand"]
        family = self._say[f"{role}.{self._tone.family}"]
        # The line made for this kind of film wins in two of three; a quick or comic film keeps its own voice more often.
        odds = 3 if self._tone.family == "calm" or role in ("build", "close") else 2
        prefer_own = own and bank.number(role, place, "own", *self._seed) % odds
        return bank.fill(self._pick([*own] if prefer_own else [*family], [*family, *own], role, place), **slots)

    def _picture(self, role: str, place: int, slots: dict[str, str]) -> str:
        step = bank.ARC.index(role)
        general = self._say["scene.any"][step]
        own = self._say.get(f"scene.{self._category}", self._say["scene.any"])[step]
        elsewhere = self._say["scene.any"][1:5]
        return bank.fill(self._pick([own], [general, *elsewhere], role, place, "picture"), **slots)

    def _pick(self, first: list[str], second: list[str], *seed: object) -> str:
        for options in (first, second):
            fresh = [line for line in options if line not in self._used]
            if fresh:
                line = bank.choose(fresh, *seed, *self._seed)
                self._used.add(line)
                return line
        return bank.choose(second, *seed, *self._seed)

"""Reading a message as a director would: subject, details, place, brand, length, format, tone, memory of last time."""

import re
from dataclasses import dataclass

from . import bank, details, orders, phrase
from .language import detect
from .lexicon import subjects, words
from .tones import Tone, default_tone, find_tones

_WITHOUT = re.compile(
    r"\b(?:senza|without|no(?= [a-z])|niente|sin|sans|ohne|sem|kein|keine|pas de|never|mai|do not|don['’]t|non)\s+"
    r"[^,.;:!?]{3,60}", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:in|a|at|ad|near|from|over|en|à|au|aux|em|no|na|nel|nella|nelle|nei|sul|sulla|sulle|sui|aus|bei|am)\s+"
    r"((?:[A-ZÀ-Ý][\w'’À-ÿ]+)(?:\s+(?:(?:di|de|del|da|do|of|la|sur)\s+)?[A-ZÀ-Ý][\w'’À-ÿ]+)*)")
_WEAK_PLACE = re.compile(r"\b(?:della|del|di|de|da|do|von)\s+([A-ZÀ-Ý][\w'’À-ÿ]+)")
_QUOTED = re.compile(r"[\"“«„]\s*([^\"”»“]{2,40}?)\s*[\"”»“]")
_BRAND = re.compile(r"\b(?:brand|marca|marchio|marque|marke|called|chiamat[oa]|azienda|company|startup|app)\s+"
                    r"([A-ZÀ-Ý][\w&'’À-ÿ]*(?:\s+[A-ZÀ-Ý][\w&'’À-ÿ]*)*)")

_WHERE = re.compile(r"\s+(?:in|a|ad|at|on|en|à|sur|dans|sulle|sulla|sul|nel|nella|em|no|na|an|auf|im|am)\s+(?=\S)")
# Food by its taste, but nobody kneads it on a table.
_DRINKS = frozenset(("wine", "winery", "vineyard", "beer", "cocktail"))
_STRONG = frozenset(("food", "car", "tech", "beauty", "fashion", "wedding", "sport", "music", "animal", "folk"))


@dataclass(frozen=True)
class Reading:
    """What a message says; `seconds` and `aspect` are None and `place`, `brand` empty when it does not say."""

    language: str
    subject: str
    extra: tuple[str, ...]
    groups: tuple[str, ...]
    known: tuple[str, ...]
    place: str
    brand: str
    seconds: int | None
    aspect: str | None
    tones: tuple[Tone, ...]
    like_last_time: bool
    without: tuple[str, ...]

    @property
    def short(self) -> str:
        """The subject without its relative clause and, when it is long, without where and when."""
        head = phrase.RELATIVE.split(self.subject, maxsplit=1)[0]
        cut = _WHERE.split(head, maxsplit=1)[0] if len(head.split()) > 4 else head
        return cut if len(cut.split()) > 1 or len(cut) > 3 else head

    @property
    def tail(self) -> str:
        """What the subject does, said by its relative clause: "who adopts a dog"; "" when there is none."""
        return self.subject[len(phrase.RELATIVE.split(self.subject, maxsplit=1)[0]):].strip(" ,")

    @property
    def category(self) -> str:
        if self.group == "food" and set(self.known) & _DRINKS:
            return "any"
        return details.CATEGORIES.get(self.group, "any")

    @property
    def group(self) -> str:
        """The kind of film: a group with pictures of its own wins over a place, a family or a firm."""
        return next((group for group in self.groups if group in _STRONG), self.groups[0] if self.groups else "")

    @property
    def tone(self) -> Tone:
        return self.tones[0] if self.tones else default_tone(self.group)


def read(message: str, language: str = "") -> Reading:
    """Read a message; `language` overrides what its own words say."""
    text = " ".join(message.split())
    language = language or detect(text)
    without = tuple(
        hit.group(0).strip() for hit in _WITHOUT.finditer(text)
        if not (language == "pt" and hit.group(0).lower().startswith("no "))
    )
    rest = _QUOTED.sub(lambda hit: " " + hit.group(1) + " ", orders.strip(text))
    for wish in without:
        rest = rest.replace(wish, ". ")
    clauses = phrase.clauses(rest, language)
    subject = _concrete(clauses[0], language) if clauses else ""
    head = phrase.RELATIVE.split(subject, maxsplit=1)[0]
    found = subjects(head, language) or subjects(subject, language) or subjects(rest, language)
    quoted, branded, place = _QUOTED.search(text), _BRAND.search(text), _place(rest, language)
    brand = quoted.group(1) if quoted else branded.group(1) if branded else ""
    return Reading(
        language, subject, tuple(clauses[1:4]), tuple(dict.fromkeys(group for _, group, _, _ in found)),
        tuple(dict.fromkeys(english for english, _, _, _ in subjects(subject, language))), place, brand,
        orders.seconds(text), orders.aspect(text), tuple(find_tones(text)),
        bool(orders.LIKE_LAST_TIME.search(text)), without,
    )


def _concrete(subject: str, language: str) -> str:
    """A subject that is only a kind of film ("food") becomes something one can film."""
    known = subjects(subject, language)
    if known and known[0][2] == 0 and language != "de":
        subject = subject[:1].lower() + subject[1:]
    kind = known[0][0] if len(known) == 1 and known[0][3] == len(words(subject)) else ""
    return bank.sections(language).get(f"say.{kind}", (subject,))[0]


def _place(text: str, language: str) -> str:
    for hit in (*_PLACE.finditer(text), *_WEAK_PLACE.finditer(text)):
        name = hit.group(1)
        if language != "de" or not subjects(name, language):
            return name
    return ""



"""The lengths a message names, in digits or in words, and which of them we make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

# The default stands first: a model that does not choose, chooses it.
LENGTHS = (30, 5, 10, 15, 20, 25, 35, 40, 45, 50, 55, 60)
DEFAULT_SECONDS = LENGTHS[0]

_SPOKEN = {
    5: "five cinque cinco cinq fünf", 8: "eight otto ocho huit acht oito",
    10: "ten dieci diez dix zehn dez decina decena dizaine", 12: "twelve dodici doce douze zwölf doze",
    15: "fifteen quindici quince quinze fünfzehn quindicina quincena quinzaine",
    20: "twenty venti veinte vingt zwanzig vinte ventina veintena vingtaine",
    25: "twenty-five venticinque veinticinco vingt-cinq fünfundzwanzig vinte-e-cinco",
    30: "thirty trenta treinta trente dreißig dreissig trinta trentina treintena trentaine",
    35: "thirty-five trentacinque treinta-y-cinco trente-cinq fünfunddreißig trinta-e-cinco",
    40: "forty quaranta cuarenta quarante vierzig quarenta quarantina quarantaine",
    45: "forty-five quarantacinque cuarenta-y-cinco quarante-cinq fünfundvierzig quarenta-e-cinco",
    50: "fifty cinquanta cincuenta cinquante fünfzig cinquenta cinquantina cinquantaine",
    55: "fifty-five cinquantacinque cincuenta-y-cinco cinquante-cinq fünfundfünfzig cinquenta-e-cinco",
    60: "sixty sessanta sesenta soixante sechzig sessenta sessantina soixantaine",
    90: "ninety novanta noventa quatre-vingt-dix neunzig",
}
_NUMBERS = {word: number for number, words in _SPOKEN.items() for word in words.split()}
_WORDS = "|".join(sorted((word.replace("-", r"[-\ ]") for word in _NUMBERS), key=len, reverse=True))
_COUNT = rf"(?:(?<![\d.,:x])\d{{1,3}}(?!\d)|\b(?:{_WORDS})\b)"
# "the 30s", "70s look": decades. "secondo me": in my opinion.
_UNIT = r"""(?:(?:sec|secs|sek|seconds?|secondi|secondo(?!\ (?:me|te|noi|il|la|i|le|lo|gli)\b)|segundos?|secondes?
        |sekunden?|seconden
    |sekundy?|секунд[аы]?|сек)\b|s\b(?!\ (?:look|style|vibe|feel|music|fashion|disco|rock|retro|era)\b)|秒|초)"""
_SECONDS = re.compile(
    rf"""(?:(?P<first>{_COUNT})(?:\s*(?<=\d)[-–/](?=\d)|\s*,?\s*(?:o|or|oder|ou|to|a|à|bis|e|and|y|et|und|ma|but|sondern|sino|mais|mas
        |rather\ than|instead\ of|invece\ di|anziché|statt)\s)\s*)??
    (?P<count>{_COUNT})\s*-?\s*(?:d[ie]\s+)?{_UNIT}
    (?:\s*,?\s*(?:ma|bensì|but|sondern|sino|mais|mas|o|or|oder|ou)\s+(?:d[ie]\s+)?(?P<then>{_COUNT})
        (?=\s*(?:$|[.,;:!?)]|please|per\ favore|por\ favor|bitte|grazie|thanks)))?""",
    re.IGNORECASE | re.VERBOSE,
)
_MINUTES = re.compile(
    rf"""(?:(?<![\w.,:])\d(?:[.,]5)?|(?<![\w.,:])(?:one|an?|uno?|une|eine[rn]?|um|één|een|two|due|dos|deux|zwei|dois)|一)
    (?:\ and\ a\ half)?\s*-?\s*(?:(?:min|minut[oei]?|minutes?|minutos?|minuten|minuut|minut[ęy]|минут[ауы]?)\b|分)
    (?:\s*(?:e|and|y|et|und)?\s*\d{{1,2}}\s*{_UNIT})?""",
    re.IGNORECASE | re.VERBOSE,
)
_HALF_A_MINUTE = re.compile(
    r"""(?<!\w)(?:(?:half(?:\ an?|\ of\ an?|-a)?|mezzo|medio|demi|halbe[rn]?|meio|halve|pół|0[.,]5)[\s-]+
    (?:minut\w*|minuut)|полминуты)\b|半分""",
    re.IGNORECASE | re.VERBOSE,
)
_DECADE = re.compile(r"(?:\b(?:the|early|late|mid|anni)[\s-]+|['’])$", re.IGNORECASE)
_NOT = re.compile(
    r"""\b(?:non|not|no|nicht|kein\w*|pas|não|niet|instead\ of|rather\ than|anziché|piuttosto\ che|invece\ (?:di|che)
        |statt|anstatt
    |al\ posto\ (?:di|dei)|en\ (?:vez|lugar)\ de|au\ lieu\ de|plutôt\ que|em\ vez\ de)
    \s+(?:(?:di|da|de|dei|of|von|in|en|em|im|an?|the|per|for)\s+)*$""",
    re.IGNORECASE | re.VERBOSE,
)
SAID = (_HALF_A_MINUTE, _MINUTES, _SECONDS)


def lengths_in(message: str) -> tuple[int, ...]:
    """The lengths the message names, as those we make, in order, each once. "Not 30 seconds but 15" is 15."""
    found: list[tuple[int, int]] = []
    for seconds, said in ((30, _HALF_A_MINUTE), (60, _MINUTES)):
        found += [(hit.start(), seconds) for hit in said.finditer(message)]
        message = said.sub(lambda hit: "." * len(hit[0]), message)  # "1 minute and 30 seconds" is one length
    for hit in _SECONDS.finditer(message):
        if hit[0].endswith("s") and hit[0][-2:-1].isdigit() and _is_a_decade(message, hit):
            continue
        found += [(hit.start(part), _number(hit[part])) for part in ("first", "count", "then") if hit[part]]
    return as_said(message, sorted((start, nearest_length(seconds)) for start, seconds in found))


def seconds_in(message: str) -> int | None:
    """The first length the message names, as one we make; None if it names none."""
    return next(iter(lengths_in(message)), None)


def nearest_length(seconds: int) -> int:
    """The length we make that is nearest; the longer one between two."""
    return min(LENGTHS, key=lambda length: (abs(length - seconds), -length))


def as_said(message: str, found: Iterable[tuple[int, T]]) -> tuple[T, ...]:
    """What was found at these places, each once; not what the message refuses ("instead of"), unless that is all."""
    named = list(found)
    wanted = [value for start, value in named if not _NOT.search(message[max(0, start - 40) : start])]
    return tuple(dict.fromkeys(wanted or [value for _, value in named]))


def _is_a_decade(message: str, hit: re.Match[str]) -> bool:
    number, before = _number(hit["count"]), message[max(0, hit.start() - 10) : hit.start()]
    return number % 10 == 0 and (number > 60 or bool(_DECADE.search(before)))


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else _NUMBERS[re.sub(r"\s", "-", said.lower())]

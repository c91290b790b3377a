"""Text at the door of the agents: cleaned and cut when it comes from Claude, quoted when it goes there."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator

# Direction marks can make a title read backwards; joiners (U+200C, U+200D) stay, scripts and emoji need them.
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
_OUR_TAG = re.compile(
    r"<(?=\s*/?\s*(?:message|feedback|recalled|today|brief|script|(?:preferences|campaign)(?:_so_far)?|conversation"
    r"|clip_seconds|former_\w+|\w+_to_change)\b)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"(?<!\S)(?:--+|\u2014)(?:no\b.*?(?=--|$)|[a-z]\w*(?:\s+[\d.:]+(?=\s|$))?)", re.IGNORECASE
)
_SPOKEN_PARAMETER = re.compile(r"(?<!\S)--[a-z]\w*(?:\s+[\d.:]+(?=\s|$))?", re.IGNORECASE)  # "—" also begins speech
# Ways to reach somebody: addresses, also without a scheme, e-mail, telephone numbers (nine digits: a date has eight).
_CONTACT = re.compile(
    r"(?<!\S)\S*://\S*|(?<!\w)www\.\S+|(?<!\S)(?:javascript|data|mailto|tel):\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|it|eu|de|fr|es|pt|ch|uk|us|info|biz|app|dev|ai|shop|store|online|site"
    r"|example|test|local|internal|localhost|xyz|ru|cn|me|tv|co)(?![\w-])(?:[/:?\#]\S*)?"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\S*)?(?![\w.])"
    r"|(?<![\w.,])(?:\+|00)?\(?\d(?:[\s()./-]{0,2}\d){8,}(?!\w)",
    re.IGNORECASE,
)
_DASHES = re.compile(r"\s*-{2,}\s*")
_HALF_BRACKET = "\u2039"
_ESCAPED_BRACKET = "\\u003c"
LONGEST_QUOTE = 10_000  # as long as the API takes messages and feedback
_PLAIN_SIGNS = str.maketrans({"{": "(", "}": ")", "<": " ", ">": " ", "|": ","})
_BIGGEST = 10**6


def clean(text: str, limit: int) -> str:
    """One line without control, surrogate and direction characters, at most `limit` characters, cut between words."""
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text[: limit * 4].translate(_HIDDEN)
        if unicodedata.category(char) != "Cs"
    )
    return cut(" ".join(kept.split()), limit)


def without_contacts(text: str) -> str:
    """The text without web and e-mail addresses and telephone numbers: nobody is sent to them and nobody reads them."""
    left = _CONTACT.sub(" ", text)
    return text if left == text else re.sub(r"\s+([.,;:!?])", r"\1", " ".join(left.split())).strip(" ,;:-")


def plain_words(text: str, limit: int) -> str:
    """Words to be spoken or read in the film: one clean line without addresses and parameters of picture models."""
    return cut(" ".join(_SPOKEN_PARAMETER.sub(" ", without_contacts(clean(text, limit * 2))).split()), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending after a whole word where one ends in the second half."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:-")


def prompt_words(text: str, limit: int) -> str:
    """Words for a picture or clip provider: no addresses, no `--parameters`, no braces (they would order variants)."""
    plain = _DASHES.sub(" - ", _PARAMETER.sub(" ", without_contacts(clean(text, limit * 2))))
    return cut(" ".join(plain.translate(_PLAIN_SIGNS).split()).strip(" ,;-"), limit)


def quoted(tag: str, text: str, attributes: str = "") -> str:
    """At most 10,000 characters between tags; a tag of ours inside loses its bracket, so nobody closes the quotation."""
    sendable = text[:LONGEST_QUOTE].encode("utf-8", "ignore").decode().replace("\0", "")
    return f"<{tag}{attributes}>{_OUR_TAG.sub(_HALF_BRACKET, sendable)}</{tag}>"


def quoted_json(tag: str, value: Any) -> str:
    """The value as JSON between tags; `<` is written as an escape, which JSON readers undo."""
    return f"<{tag}>{compact_json(value).replace('<', _ESCAPED_BRACKET)}</{tag}>"


def compact_json(value: Any) -> str:
    """The value as JSON without a blank too much: each round of a tool loop reads it again."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _whole(value: Any) -> Any:
    """JSON Schema calls 5.0 and 1e400 integers too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float) and math.isnan(value):
        return 0
    return int(max(-_BIGGEST, min(_BIGGEST, value)))


Whole = Annotated[int, BeforeValidator(_whole)]

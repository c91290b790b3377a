"""What a reader found, and its two ways of saying no."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

MOST_CHARACTERS = 200_000
_LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\xad": "",
                            "\xa0": " ", "\ufeff": "", "\u200b": ""})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Unsupported(Exception):
    """The file is of a sort that is not taken."""


class Unreadable(Exception):
    """The file is of a sort that is taken, and cannot be read; the words say why and go to whoever sent it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The text of a document, or "" of a picture; `details` are numbers about it: pages, width, height, truncated."""

    content_type: str
    text: str = ""
    details: dict[str, int] = field(default_factory=dict)


class Gathering:
    """Text as it comes, until there is enough of it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0

    @property
    def full(self) -> bool:
        """Nothing more is kept."""
        return self._length > MOST_CHARACTERS

    def add(self, part: str) -> None:
        """Keep a part, or as much of it as there is room for."""
        if not self.full:
            part = part[:MOST_CHARACTERS + 1 - self._length]
            self._parts.append(part)
            self._length += len(part)

    def found(self, content_type: str, **details: int) -> Found:
        """All that came, tidied; raises Unreadable when there is not a word in it."""
        text = tidy("".join(self._parts))
        if not text:
            raise Unreadable("there is no text in it")
        return Found(content_type, text, {**details, "truncated": int(self.full or details.get("truncated", 0))})


def tidy(text: str) -> str:
    """One text without what nobody reads: control characters, runs of blanks, more than one empty line."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n"))
    text = _CONTROLS.sub("", text.translate(_LIGATURES))
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:MOST_CHARACTERS]

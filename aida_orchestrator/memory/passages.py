"""A long text in passages: cut where a paragraph or a sentence ends, each beginning a little before the last one's end."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 1_000  # characters
SHORTEST = 500   # unless it is the last, or nothing is left
OVERLAP = 120
MOST = 200
_ENDS = (re.compile(r"\n\n"), re.compile(r"\n"), re.compile(r"[.!?…]['\"»”)]*\s|[。！？]"), re.compile(r"\s"))
_BEGIN = re.compile(r"(?<=\s)\S")


def cut(text: str) -> tuple[list[str], bool]:
    """The passages, at most MOST, and whether that is the whole text."""
    passages: list[str] = []
    at, length = 0, len(text)
    while at < length and len(passages) < MOST:
        end = length if length - at <= LONGEST else at + _end(text[at:at + LONGEST])
        if passage := text[at:end].strip():
            passages.append(passage)
        if end == length:
            return passages, True
        at = _step_back(text, at, end)
    return passages, False


def join(passages: Sequence[str], most: int) -> str:
    """Neighbouring passages as one text of at most `most` characters, without what they have in common."""
    text = ""
    for passage in passages:
        shared = next((size for size in range(min(len(text), len(passage), 2 * OVERLAP), 0, -1)
                       if text.endswith(passage[:size])), 0)
        text = f"{text}{passage[shared:]}" if shared else "\n".join(part for part in (text, passage) if part)
    return text[:most]


def _end(window: str) -> int:
    """Where a passage that fills this window ends: after the last paragraph, line, sentence or word in it."""
    for ending in _ENDS:
        found = [match.end() for match in ending.finditer(window) if match.end() >= SHORTEST]
        if found:
            return found[-1]
    return len(window)


def _step_back(text: str, at: int, end: int) -> int:
    """Where the next passage begins: at a word shortly before the end of this one."""
    earliest = max(at + 1, end - OVERLAP)
    begin = _BEGIN.search(text, earliest, end)
    return begin.start() if begin else end

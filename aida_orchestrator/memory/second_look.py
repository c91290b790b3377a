"""What vectors found, looked at again by an embedder that can: the texts themselves tell a find from its neighbours.

An embedder without `judge` is taken at its word: its cosine is the similarity. Of one with it, the nearest few are judged
whatever their cosine, and the similarity that is shown, and that the floor is for, is what it says of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from .embedding import Embedder

MOST_JUDGED = 8
_EVERYTHING = -1.0


@runtime_checkable
class Judge(Protocol):
    """An embedder that can look again."""

    def judge(self, question: str, found: Sequence[tuple[str, float]], /) -> Sequence[float]:
        """How surely each text is meant by the question, 0 to 1, from the texts and the cosines they were found with."""


def first_look(embedder: Embedder, limit: int, floor: float) -> tuple[int, float]:
    """How many to look for by vector, and the least cosine."""
    return (max(limit, MOST_JUDGED), _EVERYTHING) if _judge(embedder) else (limit, floor)


def look_again(
    embedder: Embedder, question: str, found: Sequence[dict[str, Any]], texts: Sequence[str], limit: int, floor: float,
) -> list[dict[str, Any]]:
    """The rows that are meant, best first, their `similarity` what the second look says; `texts` are theirs, in order."""
    judge = _judge(embedder)
    if judge is None:
        return list(found)
    cosines = [float(row["similarity"]) for row in found]
    judged = judge.judge(question, list(zip(texts, cosines, strict=True)))
    rows = [row | {"similarity": likely} for row, likely in zip(found, judged, strict=True) if likely >= floor]
    return sorted(rows, key=lambda row: -row["similarity"])[:limit]


def _judge(embedder: Embedder) -> Judge | None:
    """Who can look again: the embedder, or the one that it stands before (`behind`), as one that keeps its answers does."""
    behind = getattr(embedder, "behind", embedder)
    return behind if isinstance(behind, Judge) else None

"""What "like last time" means: which film, and which of its settings the message itself wants otherwise.

A film that is asked for like an earlier one gets that one's settings, field by field. An agent would paraphrase them.
"""

from __future__ import annotations

from typing import TypeVar

from ..model import Brief, Match
from .differences import other_length, touches_look, touches_tone
from .formats import DEFAULT_RATIO, RATIOS, ratios_in
from .lengths import LENGTHS, lengths_in, nearest_length
from .pointing import points_back
from .reading import rest_of

__all__ = ["chosen", "length_of", "meant", "names_no_subject", "points_back", "ratio_of", "touches_look", "touches_tone"]

T = TypeVar("T")
_NEAR = 0.02


def names_no_subject(message: str) -> bool:
    """Nothing but the order of a film like before: "un video come l'altra volta"."""
    return points_back(message) and not rest_of(message)


def meant(matches: list[Match]) -> Match | None:
    """The film that a message which points back means: the most alike, of nearly equal ones the latest."""
    if not matches:
        return None
    best = max(match.similarity for match in matches)
    return max((match for match in matches if match.similarity >= best - _NEAR), key=lambda match: match.finished_at)


def chosen(named: tuple[T, ...], answered: T | None) -> T | None:
    """What the message names; of several, what the answer took of them, else the first. None where it names nothing."""
    return answered if answered in named else next(iter(named), None)


def length_of(message: str, past: Brief, answered: int | None) -> int:
    """The past film's length, unless the message names one or says shorter or longer; `answered` is what Claude took."""
    before = nearest_length(past.duration_seconds)
    named = chosen(lengths_in(message), answered)
    way, plainly = other_length(message)
    if named or not way:
        return named or before
    if answered and (answered - before) * way > 0:
        return answered
    further = [length for length in LENGTHS if (length - before) * way > 0]
    return min(further, key=lambda length: abs(length - before)) if further and plainly else before


def ratio_of(message: str, past: Brief, answered: str | None) -> str:
    """The past film's format, unless the message names one."""
    return chosen(ratios_in(message), answered) or (past.aspect_ratio if past.aspect_ratio in RATIOS else DEFAULT_RATIO)

"""A Preference: something learned about a user, or said by one, with what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """What preferences are about; the value is {"words", "sref"}, whole seconds, a text, a format such as 9:16."""

    STYLE = "style"
    DURATION = "duration"
    TONE = "tone"
    ASPECT_RATIO = "aspectRatio"


class Reason(StrEnum):
    """Why a piece of evidence was written."""

    FINISHED = "finished"
    RATED = "rated"
    KEPT = "kept"
    REFINED_AWAY = "refined_away"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece for a value (weight above 0) or against it; `weight` is as it was written, before it fades."""

    category: Category
    value: Any
    weight: float
    reason: Reason
    project_id: str
    task_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Preference:
    """A user's value of one category; confidence 0..1; `source` is said or learned; evidence newest first."""

    category: Category
    value: Any
    confidence: float
    source: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A rating from 1 to 5 of a project's film, and perhaps words."""

    id: int
    project_id: str
    task_id: str | None
    rating: int
    comment: str
    created_at: datetime

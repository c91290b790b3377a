"""Preferences: learned from films that were accepted or refined away, or said outright; each is a sum that fades.

Evidence halves in 60 days. A value's confidence is its faded sum over all that speaks in its category, for or against any
value, and one more: a single film makes nothing certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..model import Aspect, Brief, Category, Evidence, Preference, Reason, Style, Task, TaskStatus
from ..store import preferences as rows
from ..store import projects
from ..store.db import Tx
from ..store.preferences import Piece
from .values import film_values, value_key

HALF_LIFE = timedelta(days=60)
SAID, LEARNED = "said", "learned"
FADED = 12 * HALF_LIFE  # what is left after that is a four-thousandth
_MOST_EVIDENCE = 4000
_RATED = {1: -1.5, 2: -1.0, 4: 1.0, 5: 1.5}
_FINISHED, _KEPT, _REFINED_AWAY = 1.0, 0.5, -1.0
# A refine says something against what it changed only where changing it was the point.
_MEANT = {Aspect.STYLE: {Category.STYLE}, Aspect.ALL: set(Category)}


def learn_from_finished(tx: Tx, task: Task, brief: Brief, board_style: Style, now: datetime) -> None:
    """A film was completed: it speaks for its values, and a refine for what it kept and against what it changed away.

    Called before the project shows the new film, in the transaction that ends the task. Nothing is learned from a film
    of which anything was simplified or refused, nor in a project that was forgotten.
    """
    if task.degraded or not projects.hold_unforgotten(tx, task.project_id):
        return
    values, former = film_values(brief, board_style), _former_values(tx, task)
    pieces: list[Piece] = []
    for category, value in values.items():
        before = former.get(category)
        if before is not None and value_key(category, before) == value_key(category, value):
            pieces.append((category, value, _KEPT, Reason.KEPT))
            continue
        pieces.append((category, value, _FINISHED, Reason.FINISHED))
        if before is not None and task.aspect is not None and category in _MEANT.get(task.aspect, ()):
            pieces.append((category, before, _REFINED_AWAY, Reason.REFINED_AWAY))
    rows.put_evidence(tx, tenant_id=task.tenant_id, user_id=task.user_id, project_id=task.project_id, task_id=task.id,
                      pieces=pieces, now=now)


def learn_from_rating(
    tx: Tx, tenant_id: str, user_id: str, project_id: str, film: Mapping[str, Any] | None, rating: int, now: datetime
) -> bool:
    """Let a rating (1..5) of this film (a row of `find_current_film`) speak instead of its former one.

    False when nothing is learned: a film that does not teach, a forgotten project. A 3 speaks for nothing, and takes back.
    """
    values = _taught_by(film)
    if film is None or not values or not projects.hold_unforgotten(tx, project_id):
        return False
    rows.drop_ratings(tx, film["id"], tenant_id, user_id)
    weight = _RATED.get(rating)
    if weight is not None:
        rows.put_evidence(tx, tenant_id=tenant_id, user_id=user_id, project_id=project_id, task_id=film["id"], now=now,
                          pieces=[(category, value, weight, Reason.RATED) for category, value in values.items()])
    return True


def list_preferences(tx: Tx, tenant_id: str, user_id: str, now: datetime) -> list[Preference]:
    """The user's preference of each category that has one: what was said, else the value that most speaks for."""
    said = rows.list_said(tx, tenant_id, user_id)
    evidence = rows.list_evidence(tx, tenant_id, user_id, now - FADED, _MOST_EVIDENCE)
    by_category: dict[Category, list[Evidence]] = defaultdict(list)
    for piece in evidence:
        by_category[piece.category].append(piece)
    found = [_said(category, said[category], by_category[category]) if category in said
             else _learned(category, by_category[category], now) for category in Category]
    return [preference for preference in found if preference is not None]


def defaults(tx: Tx, tenant_id: str, user_id: str, now: datetime, floor: float) -> dict[Category, Preference]:
    """What a new film begins with where its message says nothing: preferences of at least this confidence."""
    return {one.category: one for one in list_preferences(tx, tenant_id, user_id, now) if one.confidence >= floor}


def liked(
    category: Category, said: Any, evidence: Sequence[Evidence], now: datetime, floor: float,
) -> Any:
    """The value that a new film begins with where its message says nothing, by what was said and what was learned; None
    where nothing is sure enough."""
    found = _said(category, said, evidence) if said is not None else _learned(category, evidence, now)
    return found.value if found is not None and found.confidence >= floor else None


def _said(category: Category, value: Any, pieces: Sequence[Evidence]) -> Preference:
    key = value_key(category, value)
    own = tuple(piece for piece in pieces if value_key(category, piece.value) == key)
    return Preference(category, value, 1.0, SAID, own)


def _learned(category: Category, pieces: Sequence[Evidence], now: datetime) -> Preference | None:
    sums: dict[str, float] = {}  # the newest value stands first, and wins among equals
    total = 0.0
    for piece in pieces:
        weight = piece.weight * 0.5 ** (max(timedelta(), now - piece.at) / HALF_LIFE)
        key = value_key(category, piece.value)
        sums[key] = sums.get(key, 0.0) + weight
        total += abs(weight)
    best = max(sums, key=lambda key: sums[key], default=None)
    if best is None or sums[best] <= 0:
        return None
    own = tuple(piece for piece in pieces if value_key(category, piece.value) == best)
    return Preference(category, own[0].value, min(1.0, sums[best] / (total + 1)), LEARNED, own)


def _former_values(tx: Tx, task: Task) -> dict[Category, Any]:
    """What the film that this task refined says; empty for a new film, or when the former one teaches nothing."""
    if task.kind != "refine":
        return {}
    film = rows.find_current_film(tx, task.project_id, task.tenant_id, task.user_id)
    return _taught_by(film) if film is not None and film["id"] != task.id else {}


def _taught_by(film: Mapping[str, Any] | None) -> dict[Category, Any]:
    if film is None or film["status"] != TaskStatus.COMPLETED or film["degraded"] or film["brief"] is None:
        return {}
    brief = Brief.model_validate(film["brief"])
    return film_values(brief, Style.model_validate(film["style"]) if film["style"] else brief.style)

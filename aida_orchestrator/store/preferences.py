"""Rows of what users like: evidence, what they said, what they said of a film. Always asked for with tenant and user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..model import Category, Evidence, Feedback, Reason
from .db import Tx, as_json, load_queries

_SQL = load_queries("preferences")

Piece = tuple[Category, Any, float, Reason]
"""(category, value, weight, reason)"""


def put_evidence(
    tx: Tx, *, tenant_id: str, user_id: str, project_id: str, task_id: str, pieces: Sequence[Piece], now: datetime
) -> None:
    """Write what a task's film says; a piece of the same category and reason is replaced."""
    if pieces:
        tx.later(_SQL["put_evidence"], tenant_id=tenant_id, user_id=user_id, project_id=project_id, task_id=task_id,
                 now=now, evidence=as_json([
                     {"category": category, "value": value, "weight": weight, "reason": reason}
                     for category, value, weight, reason in pieces]))


def drop_ratings(tx: Tx, task_id: str, tenant_id: str, user_id: str) -> None:
    """Take back what a rating of this task's film said."""
    tx.later(_SQL["drop_ratings"], task_id=task_id, tenant_id=tenant_id, user_id=user_id)


def list_evidence(tx: Tx, tenant_id: str, user_id: str, after: datetime, limit: int) -> list[Evidence]:
    """The user's evidence since then, the newest first."""
    rows = tx.all(_SQL["list_evidence"], tenant_id=tenant_id, user_id=user_id, after_at=after, limit=limit)
    return [Evidence(category=Category(row["category"]), value=row["value"], weight=float(row["weight"]),
                     reason=Reason(row["reason"]), project_id=row["project_id"], task_id=row["task_id"],
                     at=row["created_at"]) for row in rows]


def forget_evidence(tx: Tx, tenant_id: str, user_id: str, category: Category) -> int:
    """Delete what was learned of a category; how many pieces."""
    return tx.run(_SQL["forget_evidence"], tenant_id=tenant_id, user_id=user_id, category=category)


def say_preference(tx: Tx, tenant_id: str, user_id: str, category: Category, value: Any, now: datetime) -> None:
    """Keep what the user said."""
    tx.later(_SQL["say_preference"], tenant_id=tenant_id, user_id=user_id, category=category, value=as_json(value), now=now)


def list_said(tx: Tx, tenant_id: str, user_id: str) -> dict[Category, Any]:
    """What the user said, by category."""
    known = set(Category)
    return {Category(row["category"]): row["value"]
            for row in tx.all(_SQL["list_said"], tenant_id=tenant_id, user_id=user_id) if row["category"] in known}


def forget_said(tx: Tx, tenant_id: str, user_id: str, category: Category) -> int:
    """Delete what was said of a category; 1 or 0."""
    return tx.run(_SQL["forget_said"], tenant_id=tenant_id, user_id=user_id, category=category)


def find_current_film(tx: Tx, project_id: str, tenant_id: str, user_id: str) -> dict[str, Any] | None:
    """The task whose film the project shows: id, status, degraded, brief and style as they were made; None without film."""
    return tx.one(_SQL["find_current_film"], project_id=project_id, tenant_id=tenant_id, user_id=user_id)


def add_feedback(
    tx: Tx, *, tenant_id: str, user_id: str, project_id: str, task_id: str | None, rating: int, comment: str, now: datetime,
) -> int:
    """Keep a rating; its number."""
    row = tx.one(_SQL["add_feedback"], tenant_id=tenant_id, user_id=user_id, project_id=project_id, task_id=task_id,
                 rating=rating, comment=comment, now=now)
    assert row is not None
    return int(row["id"])


def list_feedback(tx: Tx, tenant_id: str, user_id: str, project_id: str, limit: int) -> list[Feedback]:
    """How the user rated this project's films, the newest first."""
    rows = tx.all(_SQL["list_feedback"], tenant_id=tenant_id, user_id=user_id, project_id=project_id, limit=limit)
    return [_feedback(row) for row in rows]


def _feedback(row: Mapping[str, Any]) -> Feedback:
    return Feedback(id=row["id"], project_id=row["project_id"], task_id=row["task_id"], rating=row["rating"],
                    comment=row["comment"], created_at=row["created_at"])

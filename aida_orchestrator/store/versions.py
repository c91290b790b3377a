"""Rows of a project's finished films, numbered from 1, and of one that is brought back; and the projects of a user."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .db import Tx, load_queries

_SQL = load_queries("versions")
NEWEST = 2**31 - 1


def list_versions(tx: Tx, project_id: str, *, before: int = NEWEST, limit: int) -> list[tuple[int, str]]:
    """(number, task id) of the finished films with a number below `before`, newest first."""
    rows = tx.all(_SQL["list_versions"], project_id=project_id, before_version=before, limit=limit)
    return [(row["version"], row["id"]) for row in rows]


def find_version(tx: Tx, project_id: str, number: int) -> str | None:
    """The task of this number, or None."""
    found = list_versions(tx, project_id, before=number + 1, limit=1) if 0 < number < NEWEST else []
    return found[0][1] if found and found[0][0] == number else None


def add_restored(tx: Tx, *, id: str, source_id: str, now: datetime) -> None:
    """A finished film once more under another id, with its documents and purchases."""
    for query in (_SQL["add_restored"], _SQL["copy_stage_runs"], _SQL["copy_checkpoints"]):
        tx.later(query, id=id, source_id=source_id, now=now)
    tx.later(_SQL["copy_task_jobs"], id=id, source_id=source_id)


def list_projects(
    tx: Tx, tenant_id: str, user_id: str, *, limit: int, before: tuple[datetime, str] | None = None,
) -> list[dict[str, Any]]:
    """A user's projects as rows, newest first, those older than `before` (created_at, id)."""
    at, id_ = before or (None, "")
    return tx.all(_SQL["list_projects"], tenant_id=tenant_id, user_id=user_id, before_at=at, before_id=id_, limit=limit)

"""Rows of memory: vectors of finished projects, always asked for with tenant and user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .db import Tx, as_json, load_queries
from .vectors import literal

_SQL = load_queries("memory")


def nearest_projects(
    tx: Tx, *, tenant_id: str, user_id: str, embedder: str, vector: Sequence[float], limit: int, floor: float,
    exclude_project_id: str | None = None,
) -> list[dict[str, Any]]:
    """Rows with project_id, title, brief, finished_at, content and similarity (cosine, at least `floor`), best first."""
    return tx.all(
        _SQL["nearest_projects"], tenant_id=tenant_id, user_id=user_id, embedder=embedder, vector=literal(vector),
        limit=limit, floor=floor, exclude_project_id=exclude_project_id,
    )


def latest_project(
    tx: Tx, *, tenant_id: str, user_id: str, embedder: str, vector: Sequence[float], exclude_project_id: str | None = None,
) -> dict[str, Any] | None:
    """The row of the film that was finished last, as in `nearest_projects`."""
    return tx.one(_SQL["latest_project"], tenant_id=tenant_id, user_id=user_id, embedder=embedder, vector=literal(vector),
                  exclude_project_id=exclude_project_id)


def list_unread_said(tx: Tx, project_id: str, embedder: str, limit: int) -> list[tuple[str, str]]:
    """(task id, words) of what was said in a project and has no vector of this embedder, oldest first."""
    rows = tx.all(_SQL["list_unread_said"], project_id=project_id, embedder=embedder, limit=limit)
    return [(row["id"], row["words"]) for row in rows]


def list_read(tx: Tx, *, project_id: str, tenant_id: str, user_id: str, embedder: str) -> dict[str, str]:
    """The text that this embedder has read of a project, by facet."""
    rows = tx.all(_SQL["list_read"], project_id=project_id, tenant_id=tenant_id, user_id=user_id, embedder=embedder)
    return {row["facet"]: row["content"] for row in rows}


def remember_project(
    tx: Tx, *, project_id: str, tenant_id: str, user_id: str, embedder: str, facet: str, title: str, content: str,
    vector: Sequence[float] | None, brief: dict[str, Any], finished_at: datetime, now: datetime,
) -> int:
    """Write or replace one vector of a project (facet: film, message), or without one what stands beside the vector of the
    same content; 0 when the row belongs to another tenant or user, or is not there.
    """
    given = {} if vector is None else {"vector": literal(vector)}
    return tx.run(
        _SQL["remember_project"] if given else _SQL["remember_again"], project_id=project_id, tenant_id=tenant_id,
        user_id=user_id, embedder=embedder, facet=facet, title=title, content=content, brief=as_json(brief),
        finished_at=finished_at, now=now, **given,
    )

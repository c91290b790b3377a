"""Recall by meaning: a user's own finished projects that are like the words of a new message."""

from __future__ import annotations

from typing import Any

from ..model import Match
from ..store import memory as rows
from ..store.db import Database
from .embedding import Embedder, OnUsage, embed_one
from .second_look import first_look, look_again
from .text import one_line

LONGEST_QUERY = 4000


def search_similar_projects(
    db: Database, embedder: Embedder, tenant_id: str, user_id: str, query: str, limit: int, floor: float, *,
    exclude_project_id: str | None = None, on_usage: OnUsage | None = None,
) -> list[Match]:
    """The user's nearest projects, best first; `floor` is the least similarity and belongs to the embedder."""
    words = one_line(query, LONGEST_QUERY)
    if not words or limit < 1:
        return []
    vector = embed_one(embedder, words, on_usage, role="query")
    most, least = first_look(embedder, limit, floor)
    with db.single() as tx:
        found = rows.nearest_projects(
            tx, tenant_id=tenant_id, user_id=user_id, embedder=embedder.name, vector=vector, limit=most, floor=least,
            exclude_project_id=exclude_project_id,
        )
    return [_match(row) for row in look_again(embedder, words, found, [row["content"] for row in found], limit, floor)]


def latest_project(
    db: Database, embedder: Embedder, tenant_id: str, user_id: str, query: str, *, exclude_project_id: str | None = None,
    on_usage: OnUsage | None = None,
) -> Match | None:
    """The user's film that was finished last, with its likeness to the words; for a message that names no subject."""
    words = one_line(query, LONGEST_QUERY)
    vector = embed_one(embedder, words or "film", on_usage, role="query")
    with db.single() as tx:
        row = rows.latest_project(tx, tenant_id=tenant_id, user_id=user_id, embedder=embedder.name, vector=vector,
                                  exclude_project_id=exclude_project_id)
    return _match(look_again(embedder, words, [row], [row["content"]], 1, -1.0)[0]) if row else None


def _match(row: dict[str, Any]) -> Match:
    return Match(
        project_id=row["project_id"], title=row["title"], similarity=round(max(0.0, min(1.0, row["similarity"])), 4),
        brief=row["brief"], finished_at=row["finished_at"].isoformat(),
    )

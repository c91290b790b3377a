"""Deleting what memory keeps of a user, or of one project of a user; the films' own rows stay, and are marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .db import Tx, load_queries

_SQL = load_queries("erasure")


def lock_erasure(tx: Tx, tenant_id: str, user_id: str) -> None:
    """Let erasures of one user wait for each other until this transaction ends."""
    tx.later(_SQL["lock_erasure"], tenant_id=tenant_id, user_id=user_id)


def forget_projects(tx: Tx, tenant_id: str, user_id: str, project_id: str | None, now: datetime) -> int:
    """Mark one project, or with None all of the user; how many were not marked yet. Comes before the deletions."""
    marked = tx.run(_SQL["forget_projects"], tenant_id=tenant_id, user_id=user_id, project_id=project_id, now=now)
    tx.later(_SQL["drop_matches"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)
    return marked


def erase_vectors(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> int:
    """Delete vectors of films and of everything else, before the rows they belong to; how many there were."""
    of_films = tx.run(_SQL["erase_project_vectors"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)
    return of_films + tx.run(_SQL["erase_vectors"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)


def hold_files(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> dict[str, set[str]]:
    """The storage keys of each file of the user, or of those given for one project."""
    found: dict[str, set[str]] = {}
    for row in tx.all(_SQL["hold_files"], tenant_id=tenant_id, user_id=user_id, project_id=project_id):
        found.setdefault(row["id"], set()).add(row["asset_key"])
    return found


def erase_files(tx: Tx, tenant_id: str, user_id: str, ids: Sequence[str]) -> None:
    """Delete these files' rows; their media are the caller's."""
    if ids:
        tx.later(_SQL["erase_files"], tenant_id=tenant_id, user_id=user_id, ids=list(ids))


def erase_links(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> int:
    """Take projects out of their campaigns."""
    return tx.run(_SQL["erase_links"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)


def erase_evidence(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> int:
    """Delete what was learned."""
    return tx.run(_SQL["erase_evidence"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)


def erase_feedback(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> int:
    """Delete what was said of films."""
    return tx.run(_SQL["erase_feedback"], tenant_id=tenant_id, user_id=user_id, project_id=project_id)


def erase_campaigns(tx: Tx, tenant_id: str, user_id: str) -> int:
    """Delete all campaigns of a user."""
    return tx.run(_SQL["erase_campaigns"], tenant_id=tenant_id, user_id=user_id)


def erase_preferences(tx: Tx, tenant_id: str, user_id: str) -> int:
    """Delete all that a user said of what is liked."""
    return tx.run(_SQL["erase_preferences"], tenant_id=tenant_id, user_id=user_id)

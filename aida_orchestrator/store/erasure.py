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
    row = tx.one(_SQL["forget_projects"], tenant_id=tenant_id, user_id=user_id, project_id=project_id, now=now)
    return int(row["marked"]) if row else 0


def hold_tasks(tx: Tx, tenant_id: str, user_id: str) -> None:
    """Hold the user's tasks still, for who changes what several of them keep; before any of their projects is held."""
    tx.later(_SQL["hold_tasks"], tenant_id=tenant_id, user_id=user_id)


def forget_recalled(tx: Tx, tenant_id: str, user_id: str, project_id: str | None) -> None:
    """Take from finished stages what they recalled of one project, and what was recalled for it; with None, all."""
    for query in (_SQL["blank_contexts"], _SQL["drop_seen"], _SQL["drop_matches"]):
        tx.later(query, tenant_id=tenant_id, user_id=user_id, project_id=project_id)


def blank_results(tx: Tx, tenant_id: str, user_id: str, ids: Sequence[str], task_id: str | None = None) -> None:
    """Take what these projects and files told from the user's tasks, or from one of them."""
    if ids:
        tx.later(_SQL["blank_results"], tenant_id=tenant_id, user_id=user_id, ids=list(ids), task_id=task_id)


def list_forgotten(tx: Tx, ids: Sequence[str]) -> set[str]:
    """Those of these projects that memory was made to forget."""
    return {row["id"] for row in tx.all(_SQL["list_forgotten"], ids=list(ids))} if ids else set()


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

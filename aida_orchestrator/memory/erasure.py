"""Forgetting: what memory keeps of a user or of one project is deleted, and does not come back from the films that stay."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from ..errors import MediaError
from ..media.storage import LocalStorage
from ..model import Brief
from ..store import erasure as rows
from ..store import projects
from ..store.db import Database, Tx

log = logging.getLogger(__name__)

Counts = dict[str, int]
"""How many of each kind were removed; `projects` are those that are no longer recalled."""


def erase_user(db: Database, storage: LocalStorage, tenant_id: str, user_id: str, now: datetime) -> Counts:
    """Delete all of a user's memory: vectors, files with their media, campaigns, preferences, feedback."""
    with db.transaction() as tx:
        rows.lock_erasure(tx, tenant_id, user_id)
        removed, _ = _erase(tx, storage, tenant_id, user_id, None, now)
        removed["preferences"] = rows.erase_preferences(tx, tenant_id, user_id)
    _forget_recalled(db, tenant_id, user_id, None, ())
    log.info("the memory of a user was erased", extra={"removed": removed})
    return removed


def erase_project(
    db: Database, storage: LocalStorage, tenant_id: str, user_id: str, project_id: str, now: datetime
) -> Counts:
    """Delete what memory keeps of one project of the user, and the files that were given for it; else NotFoundError."""
    with db.transaction() as tx:
        rows.lock_erasure(tx, tenant_id, user_id)
        projects.lock_project(tx, project_id, tenant_id, user_id)
        removed, files = _erase(tx, storage, tenant_id, user_id, project_id, now)
    _forget_recalled(db, tenant_id, user_id, project_id, files)
    log.info("the memory of a project was erased", extra={"projectId": project_id, "removed": removed})
    return removed


def without_forgotten(tx: Tx, brief: Brief) -> tuple[Brief, list[str]]:
    """The brief without the films that the user had forgotten since they were recalled for it; and their ids."""
    gone = rows.list_forgotten(tx, [match.project_id for match in brief.matches])
    kept = tuple(match for match in brief.matches if match.project_id not in gone)
    return (brief.model_copy(update={"matches": kept}) if gone else brief), sorted(gone)


def _erase(
    tx: Tx, storage: LocalStorage, tenant_id: str, user_id: str, project_id: str | None, now: datetime
) -> tuple[Counts, list[str]]:
    """What was removed, and the ids of the files among it."""
    # The mark comes first: whoever finishes a film now either is waited for here, or sees the mark and keeps nothing.
    removed = {"projects": rows.forget_projects(tx, tenant_id, user_id, project_id, now)}
    # Then as those go who read a file or a campaign: its row, and after it the vectors. Else we would wait for each other.
    files = rows.hold_files(tx, tenant_id, user_id, project_id)
    removed["campaignLinks"] = rows.erase_links(tx, tenant_id, user_id, project_id)
    if project_id is None:
        removed["campaigns"] = rows.erase_campaigns(tx, tenant_id, user_id)
    removed["vectors"] = rows.erase_vectors(tx, tenant_id, user_id, project_id)
    # Media before rows: if we die in between, the rows are still there to be erased by a second request.
    _delete_media(storage, (key for keys in files.values() for key in keys))
    rows.erase_files(tx, tenant_id, user_id, sorted(files))
    removed["files"] = len(files)
    removed["evidence"] = rows.erase_evidence(tx, tenant_id, user_id, project_id)
    removed["feedback"] = rows.erase_feedback(tx, tenant_id, user_id, project_id)
    return removed, sorted(files)


def _forget_recalled(db: Database, tenant_id: str, user_id: str, project_id: str | None, files: Sequence[str]) -> None:
    """Films that stay keep nothing of what was recalled from what is gone.

    A transaction of its own: a worker holds its task before the project, and an erasure its projects before all else. A film
    whose stage ends after this one sees the mark.
    """
    with db.transaction() as tx:
        rows.hold_tasks(tx, tenant_id, user_id)
        rows.forget_recalled(tx, tenant_id, user_id, project_id)
        if project_id is not None:
            rows.blank_results(tx, tenant_id, user_id, [project_id, *files])


def _delete_media(storage: LocalStorage, keys: Iterable[str]) -> None:
    for key in keys:
        try:
            storage.delete(key)
        except MediaError:
            log.warning("a file's key is none of our storage; only its row is erased")

"""What was said in a project before: the latest remarks, and of a long conversation those that are about the new one."""

from __future__ import annotations

import logging

from ..errors import ProviderError
from ..model import Task
from ..store import tasks
from ..store.db import Database
from ..store.vectors import nearest_items
from .embedding import Embedder, OnUsage, embed_one
from .second_look import first_look, look_again
from .text import one_line

log = logging.getLogger(__name__)

KIND = "said"
LATEST, BY_MEANING, _MOST = 10, 5, 500
_LONGEST = 4000


def said_lately(db: Database, task: Task) -> list[str]:
    """The project's latest ten messages and feedbacks before this task, oldest first; none for a film that is no refine."""
    if task.feedback is None:
        return []
    with db.single() as tx:
        return [words for _, words in tasks.list_said(tx, task.project_id, task.id, LATEST)]


def said_before(
    db: Database, embedder: Embedder, task: Task, floor: float, on_usage: OnUsage | None = None
) -> list[str]:
    """The project's messages and feedbacks before this task, oldest first: the latest ten, and up to five older ones whose
    likeness to the task's own words is at least `floor`. Nothing is embedded while there are no older ones.
    """
    with db.single() as tx:
        said = tasks.list_said(tx, task.project_id, task.id, _MOST)
    older = dict(said[:-LATEST])
    if not older:
        return [words for _, words in said]
    try:
        meant = _nearest(db, embedder, task, older, floor, on_usage)
    except ProviderError as error:
        # The latest remarks tell most of it; a film is not stopped for the others.
        log.warning("older remarks were not searched", extra={"taskId": task.id, "code": error.code})
        meant = set()
    return [words for item, words in said if item in meant or item not in older]


def _nearest(
    db: Database, embedder: Embedder, task: Task, older: dict[str, str], floor: float, on_usage: OnUsage | None,
) -> set[str]:
    words = one_line(task.feedback or task.message, _LONGEST)
    if not words:
        return set()
    vector = embed_one(embedder, words, on_usage, role="query")
    most, least = first_look(embedder, BY_MEANING, floor)
    with db.single() as tx:
        found = nearest_items(tx, kind=KIND, tenant_id=task.tenant_id, user_id=task.user_id, embedder=embedder.name,
                              vector=vector, limit=most, floor=least, among=list(older))
    meant = look_again(embedder, words, found, [older[row["item_id"]] for row in found], BY_MEANING, floor)
    return {row["item_id"] for row in meant}

"""Bringing a former film of a project back: its documents and files are there still, so nothing is bought."""

from __future__ import annotations

import logging
import secrets

from ..errors import ConflictError, NotFoundError
from ..jobs import task_fields
from ..memory.erasure import without_forgotten
from ..model import Brief, Script, Stage, Storyboard, Task
from ..services import Services
from ..store import erasure, projects, tasks, versions
from ..store.db import Tx
from .binding import bind_brief

log = logging.getLogger(__name__)


def restore(services: Services, tenant_id: str, user_id: str, project_id: str, number: int) -> tuple[Task, bool]:
    """Make the finished film of this number the project's again, as a task of its own; with whether one was written.

    None is written where that film is what the project shows now. Raises NotFoundError for a project that is not this
    user's or a number it has not, ConflictError while a task of it is unfinished.
    """
    with services.db.transaction() as tx:
        now = services.clock()
        projects.lock_project(tx, project_id, tenant_id, user_id)
        open_id = tasks.open_task_id(tx, project_id)
        if open_id is not None:
            raise ConflictError(f"the project is still being worked on by {open_id}: wait for its end, or cancel it")
        source_id = versions.find_version(tx, project_id, number)
        if source_id is None:
            raise NotFoundError(f"the project has no version {number}")
        source, latest = tasks.get_task(tx, source_id), tasks.latest_task(tx, project_id)
        # A later task that failed may have left documents of its own: then even the newest version is brought back.
        if latest is not None and latest.id == source.id:
            return source, False
        task_id = f"task_{secrets.token_hex(10)}"
        versions.add_restored(tx, id=task_id, source_id=source.id, now=now)
        _show(tx, services, source, task_id)
        tasks.add_event(tx, task_id, "task_restored", now, version=number, from_task=source.id)
        task = tasks.get_task(tx, task_id)
    log.info("a version was restored", extra={**task_fields(task), "projectId": project_id, "version": number})
    return task, True


def _show(tx: Tx, services: Services, source: Task, task_id: str) -> None:
    """The project is what it was when this film was finished, but for what the user had forgotten since."""
    now = services.clock()
    left = tasks.list_checkpoints(tx, source.id)
    board = Storyboard.model_validate(left[Stage.STORYBOARD])
    # As the storyboard stage leaves it: the brief in the style that the film was really made in.
    kept, gone = without_forgotten(tx, Brief.model_validate(left[Stage.CONTEXT]))
    if gone:
        tasks.add_checkpoint(tx, task_id, Stage.CONTEXT, kept.model_dump(mode="json"), now)
        erasure.blank_results(tx, source.tenant_id, source.user_id, gone, task_id)
    brief = bind_brief(source.plan, kept).model_copy(update={"style": board.style})
    projects.update_documents(tx, source.project_id, now, brief=brief, script=Script.model_validate(left[Stage.SCRIPT]),
                              storyboard=board)
    projects.set_message(tx, source.project_id, source.message, now)
    if source.film_key:
        projects.set_film(tx, source.project_id, source.film_key, now)

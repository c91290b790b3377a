"""What stands on every line of the log that concerns a film or a job of it, and the trouble of a job in its film's story."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .. import logs, tracing
from ..model import Job, Stage, Task
from ..store import tasks
from ..store.db import StoreUnavailable
from ..store.doubts import Line
from .desk import STAGE_OF, Desk

log = logging.getLogger(__name__)


def task_fields(task: Task, stage: Stage | None = None) -> dict[str, Any]:
    """Of a film, at this stage or where it stands."""
    return logs.film(task.id, stage or task.current_step, task.tenant_id, task.user_id, task.origin.request_id)


def job_fields(job: Job) -> dict[str, Any]:
    """Of a job of a film."""
    return logs.film(job.task_id, STAGE_OF[job.kind], job.tenant_id, job.user_id, job.origin.request_id, jobId=job.id,
                     kind=job.kind, shot=job.shot, provider=job.provider)


@contextmanager
def about(job: Job, doing: str) -> Iterator[None]:
    """A block whose lines all say which job they are about, and a span of its film's trace: `doing` is submit, copy ..."""
    fields = job_fields(job)
    with logs.bound(**fields), tracing.span(
            f"{doing} {job.kind}", job.origin.traceparent, task_id=job.task_id, stage=STAGE_OF[job.kind], job_id=job.id,
            shot=job.shot, provider=job.provider, user_hash=fields["userHash"], request_id=job.origin.request_id):
        yield


def reason(error: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the story keeps of an error: its code, our words and the provider, not the provider's."""
    return {name: error[name] for name in ("code", "message", "provider") if error.get(name)} if error else {}


def story_line(desk: Desk, job: Job | Line, kind: str, error: Mapping[str, Any] | None = None, **more: Any) -> None:
    """One line of trouble in the story of the film that asked for the job last; only a story, so its loss is no harm."""
    try:
        with desk.db.transaction() as tx:
            tasks.hold_task(tx, job.task_id)
            tasks.add_event(tx, job.task_id, kind, desk.clock(), STAGE_OF[job.kind], shot=job.shot, jobId=job.id,
                            **reason(error), **more)
    except StoreUnavailable:
        log.info("a line of the story was lost: the database is away", extra={"taskId": job.task_id, "jobId": job.id})

"""What stands on every line of the log that concerns a film or a job of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from .. import logs
from ..model import Job, Stage, Task
from .desk import STAGE_OF


def task_fields(task: Task, stage: Stage | None = None) -> dict[str, Any]:
    """Of a film, at this stage or where it stands."""
    return logs.film(task.id, stage or task.current_step, task.tenant_id, task.user_id, task.origin.request_id)


def job_fields(job: Job) -> dict[str, Any]:
    """Of a job of a film."""
    return logs.film(job.task_id, STAGE_OF[job.kind], job.tenant_id, job.user_id, job.origin.request_id, jobId=job.id,
                     kind=job.kind, shot=job.shot, provider=job.provider)


def about(job: Job) -> AbstractContextManager[None]:
    """A block whose lines all say which job they are about."""
    return logs.bound(**job_fields(job))

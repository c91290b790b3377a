"""What a job consumes at its provider, whose it is, and the booking of it."""

from __future__ import annotations

from datetime import datetime

from ..model import Job, JobKind, Usage
from ..store.db import Tx
from ..store.spending import key_of
from .desk import COMPONENT_OF, Desk


def charge(desk: Desk, tx: Tx, job: Job, provider_id: str, now: datetime) -> None:
    """Book one accepted request; the same attempt is booked once.

    A clip costs the seconds that are made, whatever is cut off.
    """
    desk.book(tx, keys_of(job), COMPONENT_OF[job.kind], usage_of(desk, job), now, key_of(job), provider_id)


def usage_of(desk: Desk, job: Job) -> Usage:
    """What a job consumes at its provider."""
    if job.kind is JobKind.PICTURE:
        return Usage("kie", "midjourney", {"tasks": 1})
    return Usage("fal", job.endpoint, {"seconds": desk.fal.made_seconds(job.endpoint, int(job.request["seconds"]))})


def keys_of(job: Job) -> tuple[str, str, str, str]:
    """(task, project, tenant, user) of a job, whose charge it is."""
    return job.task_id, job.project_id, job.tenant_id, job.user_id

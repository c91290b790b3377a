"""An ended task goes on with what is missing: at which stage, and with which of its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..errors import ConflictError
from ..model import NO_REQUEST, Job, JobKind, JobState, Origin, Outcome, RunState, Stage, Task
from ..services import Services
from ..store import jobs as job_rows
from ..store import runs, tasks
from ..store.db import Tx


def go_on(services: Services, tx: Tx, task: Task, now: datetime, *, resend_unknown: bool = False,
          origin: Origin = NO_REQUEST) -> Stage:
    """Reopen an ended task, locked by the caller, at its first missing stage; the caller rings that after the commit."""
    first = _first_missing(services, tx, task, now, resend_unknown)
    runs.reset_stages(tx, task.id, first)
    runs.ready_stage(tx, task.id, first, now, [RunState.WAITING])
    kept = [item for item in task.degraded if before(item.stage, first)]
    tasks.reopen_task(tx, task.id, first, kept, now)
    tasks.add_event(tx, task.id, "task_retried", now, first,
                    **({"resendUnknown": True} if resend_unknown else {}), **by(origin))
    return first


def first_missing(tx: Tx, task: Task) -> Stage:
    """The stage at which an ended task would go on: the first without output, else the last, which may lack clips."""
    checkpoints = tasks.list_checkpoints(tx, task.id)
    return next((stage for stage in Stage if stage not in checkpoints), Stage.VIDEO)


def _first_missing(services: Services, tx: Tx, task: Task, now: datetime, resend_unknown: bool) -> Stage:
    """Let go of the failed jobs of the first stage that is missing, and return that stage, which asks for them anew: the
    same row where the request is the same, another one where settings were changed to mend it. What the provider has is
    gone on with.

    Pictures that a finished visual stage lent from neighbours stay lent: their clips exist, only what is missing is made.
    """
    first = first_missing(tx, task)
    kind = JobKind.PICTURE if first is Stage.VISUAL else JobKind.CLIP
    let_go = job_rows.let_go_failed(tx, task.id, kind)
    mine = [job for job in job_rows.list_task_jobs(tx, task.id) if job.kind is kind]
    patience = services.desk.limits[kind].deadline_seconds
    reopened = [job for job in mine if job_rows.reopen_job(tx, job.id, now, even_lost=resend_unknown,
                                                           deadline_seconds=patience)]
    lost = [job.shot for job in mine if job.outcome is Outcome.LOST]
    if lost and not (reopened or let_go) and first in (Stage.VISUAL, Stage.VIDEO) and _all_settled(mine):
        shots = ", ".join(str(shot) for shot in lost)
        raise ConflictError(f"what is missing (shots {shots}) may have been bought and billed already: look into the "
                            "provider's list of requests and say of each what you found with `aida jobs resolve` "
                            '(`aida jobs --unknown` lists them), or retry with {"resendUnknown": true} to have all of it '
                            "made, and perhaps billed, again")
    return first


def _all_settled(mine: Sequence[Job]) -> bool:
    return all(job.state is JobState.SETTLED for job in mine)


def before(stage: Stage, other: Stage) -> bool:
    """Whether one stage comes before the other."""
    order = list(Stage)
    return order.index(stage) < order.index(other)


def by(origin: Origin) -> dict[str, Any]:
    """What an event keeps of the request that it came of."""
    return {"requestId": origin.request_id} if origin.request_id else {}

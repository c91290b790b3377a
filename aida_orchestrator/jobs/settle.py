"""The end of a job, and how its failure is told. The first to settle wins; the last of a film wakes its stage."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import AidaError, ProviderAuthError, ProviderError
from ..model import Asset, Job, JobKind, JobState, Outcome
from ..store import jobs as rows
from ..store import projects, tasks
from .desk import STAGE_OF, Desk, Woken
from .telling import job_fields, reason

log = logging.getLogger(__name__)

# Progress of a task while a stage waits for its jobs: (at the first, at the last).
PROGRESS = {JobKind.PICTURE: (26, 55), JobKind.CLIP: (55, 95)}

# What an operator must mend meets every further request of the film too: asking once is enough.
_ALIKE_FOR_ALL = (ProviderAuthError.code,)


def describe(error: BaseException) -> dict[str, Any]:
    """An error as it is kept in a row: code, message in our words, provider and status where there are any."""
    if not isinstance(error, AidaError):
        return {"code": "internal", "message": f"unforeseen: {type(error).__name__}"}
    kept: dict[str, Any] = {"code": error.code, "message": error.message}
    if isinstance(error, ProviderError):
        kept |= {"provider": error.provider, "status": error.status, "said": _short(error.body)}
    return {key: value for key, value in kept.items() if value is not None}


def settle(
    desk: Desk, job: Job, outcome: Outcome, *, from_states: Sequence[JobState], error: Mapping[str, Any] | None = None,
    assets: Sequence[Asset] = (),
) -> Woken:
    """Write the end of a job with its files; empty when somebody was quicker.

    Each waiting task's row is locked before its unsettled jobs are counted, or two last ones would both see one left.
    """
    now = desk.clock()
    stage = STAGE_OF[job.kind]
    low, high = PROGRESS[job.kind]
    woken = Woken()
    with desk.db.transaction() as tx:
        waiting = rows.lock_waiting_tasks(tx, job.id)
        if not rows.settle_job(tx, job, outcome, error, from_states, now):
            return woken
        projects.add_assets(tx, assets, tenant_id=job.tenant_id, user_id=job.user_id, task_id=job.task_id)
        woken.settled = True
        if JobState.RENDERED not in from_states:  # one whose result was there had given its slot away
            woken.freed.append((job.kind, job.project_id))
        told: list[str] = []
        while True:
            if error is not None and error.get("code") in _ALIKE_FOR_ALL:
                for task_id in waiting:
                    rows.fail_queued(tx, task_id, job.kind, error, now)
            told += waiting
            ready, late = rows.tell_settled(tx, job, waiting, told, stage=stage, event=f"{job.kind}_{outcome}", low=low,
                                            high=high, now=now, error=reason(error))
            woken.rings += [(task_id, stage) for task_id in ready]
            if not late:
                break
            # These began to wait for the job while we waited for its row; nobody else would wake them.
            for task_id in late:
                tasks.lock_task(tx, task_id)
            waiting = late
    log.info("job settled", extra={**job_fields(job), "outcome": outcome, "jobError": (error or {}).get("code")})
    return woken


def _short(body: object) -> str | None:
    return None if body is None else str(body)[:300]

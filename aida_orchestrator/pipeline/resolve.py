"""A person says what became of a purchase whose answer was lost; the job goes on from there, and its film with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from .. import jobs
from ..errors import ConflictError, NotFoundError
from ..jobs import STAGE_OF, doubts
from ..model import JobState, RunState, Stage, Task, TaskStatus
from ..services import Services
from ..store import doubts as rows
from ..store import projects, runs, tasks
from ..store.db import Tx
from ..store.doubts import Line
from . import chain
from .going_on import first_missing, go_on

log = logging.getLogger(__name__)

NOT_BOUGHT = "not_bought"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was made of a person's word. `bought` is the provider's id, None for not bought; `state` the job's since then."""

    job_id: str
    task_id: str
    bought: str | None
    state: JobState
    film_goes_on: bool
    at: datetime


class _Film(Enum):
    """How the film of a job in doubt stands to it."""

    WAITS = auto()    # unfinished, and what comes of the job is still used
    ENDED = auto()    # ended without it, and can go on with it
    WITHOUT = auto()  # cancelled, replaced by a newer one, or past the stage that would use it


def resolve(services: Services, tenant_id: str, job_id: str, bought: str | None) -> Resolved:
    """Settle a doubt by a person's word; the same word again is the same answer.

    Raises NotFoundError; ConflictError when the job is not in doubt, the id cannot be this job's, or the film is being put
    together at this moment; ProviderError when the id cannot be read back now.
    """
    with services.db.transaction() as tx:
        line = _find(tx, tenant_id, job_id)
    said = _said_before(line, bought)
    if said is not None:
        return said
    if bought is not None:
        doubts.read_back(services.desk, line, bought)
    with services.db.transaction() as tx:
        task = tasks.lock_task(tx, line.task_id)
        projects.lock_project(tx, task.project_id, tenant_id, task.user_id)
        line = _find(tx, tenant_id, job_id)
        said = _said_before(line, bought)
        if said is not None:
            return said
        resolved, first = _decide(services, tx, task, line, bought)
    log.info("a person settled a doubt", extra={
        **jobs.task_fields(task, STAGE_OF[line.kind]), "jobId": job_id, "shot": line.shot, "provider": line.provider,
        "providerId": bought,
        "resolution": "bought" if bought else NOT_BOUGHT, "jobState": resolved.state, "filmGoesOn": resolved.film_goes_on})
    _ring(services, line, resolved, first)
    return resolved


def _find(tx: Tx, tenant_id: str, job_id: str) -> Line:
    line = rows.find_line(tx, tenant_id, job_id)
    if line is None:
        raise NotFoundError(f"there is no job {job_id!r}")
    return line


def _said_before(line: Line, bought: str | None) -> Resolved | None:
    """The answer to the same word said earlier; None while the job is in doubt, ConflictError for all else."""
    if line.in_doubt:
        return None
    kept = line.resolved
    if kept is not None and kept["bought"] == (bought or False):
        return Resolved(line.id, kept["taskId"], bought, JobState(kept["state"]), kept["filmGoesOn"],
                        datetime.fromisoformat(kept["at"]))
    stands = line.outcome or line.state
    there = f", at {line.provider} as {line.provider_id!r}" if line.provider_id else ""
    word = ""
    if kept is not None:
        word = f"; a person said on {kept['at']} that it was " + (
            f"bought as {kept['bought']!r}" if kept["bought"] else "not bought")
    raise ConflictError(f"job {line.id} is not in doubt: it is {stands}{there}{word}")


def _decide(services: Services, tx: Tx, task: Task, line: Line, bought: str | None) -> tuple[Resolved, Stage | None]:
    """Move the job and, if it ended without it, the film; the stage to ring, if any. The task's row is locked."""
    now = services.clock()
    stage = STAGE_OF[line.kind]
    if line.task_id != task.id:
        raise ConflictError("a newer film of the project has just taken the job over: say it once more")
    film = _film(tx, task, line)
    if bought is not None:
        state, moved = JobState.RUNNING, doubts.adopt(services.desk, tx, line, bought, now)
    elif film is _Film.WITHOUT:
        told = {"code": NOT_BOUGHT, "message": "a person said that it was not bought; it is not needed any more",
                "provider": line.provider}
        state, moved = JobState.SETTLED, rows.mark_not_bought(tx, line, told, now)
    else:
        state, moved = JobState.QUEUED, rows.send_again(tx, line, now)
    if not moved:
        raise ConflictError(f"job {line.id} has just been settled otherwise: look at it again")
    resolved = Resolved(line.id, task.id, bought, state, film is not _Film.WITHOUT, now)
    kept: dict[str, Any] = {"bought": bought or False, "at": now.isoformat(), "state": state.value, "taskId": task.id,
                            "filmGoesOn": resolved.film_goes_on, "attempt": line.attempt}
    rows.keep_resolution(tx, line.id, kept)
    tasks.add_event(tx, task.id, "job_resolved", now, stage, jobId=line.id, shot=line.shot, provider=line.provider, **kept)
    return resolved, go_on(services, tx, task, now) if film is _Film.ENDED else None


def _film(tx: Tx, task: Task, line: Line) -> _Film:
    stage = STAGE_OF[line.kind]
    latest = tasks.latest_task(tx, task.project_id)
    if task.cancel_asked_at is not None or task.status in (TaskStatus.CANCELLED, TaskStatus.COMPLETED) or (
            latest is not None and latest.id != task.id):
        return _Film.WITHOUT
    if task.status.terminal:
        return _Film.ENDED if first_missing(tx, task) is stage else _Film.WITHOUT
    state = next(row["state"] for row in runs.list_stage_runs(tx, task.id) if row["stage"] == stage)
    if state == RunState.RUNNING and line.held:
        # It has perhaps found all its jobs settled, and would end without this one although it is there.
        raise ConflictError(f"the {stage} stage of the film works at this moment: say it once more in some seconds")
    return _Film.WITHOUT if state == RunState.DONE else _Film.WAITS


def _ring(services: Services, line: Line, resolved: Resolved, first: Stage | None) -> None:
    """After the commit, so that nobody has to wait for the sweep."""
    if first is not None:
        chain.send(resolved.task_id, first)
    if resolved.state is JobState.QUEUED:
        chain.send_woken(jobs.admit(services.desk, [line.kind]))

"""Films that stand still: found in the rows, named with what to do, and brought on where the rows alone say how.

A film is stranded when nothing will move it by itself, or when it has not moved for longer than it should, although it
waits for no provider within its time and for no fair turn of slots. What is repaired here asks for nothing that is bought:
a stage is rung, and whether it may wish for something is decided where it always is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ..jobs import STAGE_OF, Woken, reason, task_fields
from ..jobs.desk import PROVIDER_OF
from ..model import STAGES, RunState, Stage, Task, TaskStatus
from ..services import Services
from ..store import jobs as job_rows
from ..store import runs, tasks, watch
from ..store.db import Tx
from ..store.watch import AccountLimit, Bounds, Stranded, Waiting
from .next_step import error_body

log = logging.getLogger(__name__)

# Trouble that the sweep itself ends within seconds is not named before this many.
_PATIENCE = 120.0
_EVERY = 10.0
_AT_ONCE = 100
_SWEEPS = "Nothing at once: the sweep brings it on within some seconds. If it stays, see `sweep` in /ready."
_LOOK = "See `sweep` in /ready, and the log for `a step of the sweep failed`."
_WORKER = "Start a worker for the queue `{stage}`: celery -A celery_app worker -Q {stage}"

# Why a film stands still, and what to do; the words are those of sql/queries/watch.sql and label aida_stranded_films.
REASONS: dict[str, tuple[str, str]] = {
    "no_worker": ("The stage is ready and was rung, and no worker takes it.", _WORKER),
    "queue_too_long": ("The stage is ready, and the workers of its queue have not come to it.",
                       "Add workers for the queue `{stage}`, or raise their concurrency (-c)."),
    "abandoned": ("The worker that ran the stage is gone, and no other takes it over.", _WORKER),
    "running_long": ("A worker has run the stage for much longer than any should take; runs of it that ended "
                     "unexpectedly: {crashes} (at 4 the film fails).",
                     "See the worker's log of this task; restarting that worker lets another one take the stage over."),
    "missed_wakeup": ("All jobs of the stage are settled, and nobody woke it.", _SWEEPS),
    "no_jobs": ("The stage waits for jobs and has none.", _SWEEPS),
    "no_stage": ("No stage is ready, running or waiting for jobs.", _SWEEPS),
    "unclaimable": ("The row of the stage lacks the time by which it is rung or taken over.", _SWEEPS),
    "not_admitted": ("A job waits for a slot although slots are free.", _LOOK),
    "not_submitted": ("A job has its slot, and no worker submits it.", _WORKER),
    "submission_silent": ("A submission has been under way for longer than one can be.", _LOOK),
    "unknown_overdue": ("A purchase whose answer was lost has waited beyond its bound.", _LOOK),
    "not_polled": ("Nobody asks the provider how a job stands.",
                   "See `sweep` in /ready: looks are made by the worker of the queue `sweep`; add one, or raise the "
                   "account's reads."),
    "overdue": ("A job is still being made long after its deadline.",
                "See the provider's dashboard and status page; cancel and retry keep what was made."),
    "not_collected": ("A result is ready at the provider, and no worker copies it.", _WORKER),
    "unknown_state": ("A job is in a state that this version does not know.",
                      "Let all machines run the same version, and look at the job's row."),
}
_FROM_ROWS = {"missed_wakeup", "no_jobs", "no_stage", "unclaimable"}


@dataclass(frozen=True, slots=True)
class StrandedFilm:
    """A film that stands still, as it is told to people."""

    found: Stranded
    waiting: Waiting
    why: str
    what_to_do: str


def find(services: Services, tx: Tx) -> list[Stranded]:
    """All films that stand still, the longest first."""
    return watch.list_stranded(tx, services.clock(), _bounds(services))


def name(services: Services, tx: Tx, found: list[Stranded]) -> list[StrandedFilm]:
    """These films with what they wait for, why they stand still and what to do about it."""
    waiting = watch.list_waiting(tx, [film.task_id for film in found], services.clock())
    return [StrandedFilm(film, waiting.get(film.task_id, Waiting()), *_told(film)) for film in found]


def bring_on(services: Services, woken: Woken) -> None:
    """Move those films on whose rows alone say how; at most every ten seconds over all machines."""
    now = services.clock()
    with services.db.transaction() as tx:
        if not watch.take_turn(tx, "stranded", now, _EVERY):
            return
        found = find(services, tx)
    for film in [film for film in found if film.reason in _FROM_ROWS][:_AT_ONCE]:
        with services.db.transaction() as tx:
            rung = _repair(services, tx, film.task_id)
        if rung is not None:
            woken.rings.append((film.task_id, rung))


def _bounds(services: Services) -> Bounds:
    limits = tuple(
        AccountLimit(kind.value, STAGE_OF[kind].value, PROVIDER_OF[kind], limit.running, limit.per_film,
                     limit.unknown_wait)
        for kind, limit in services.desk.limits.items())
    return Bounds(min(_PATIENCE, services.stranded_seconds), services.stranded_seconds, services.desk.submit_timeout + 15,
                  limits)


def _told(film: Stranded) -> tuple[str, str]:
    why, what_to_do = REASONS[film.reason]
    return why.format(crashes=film.crashes), what_to_do.format(stage=film.stage)


def _repair(services: Services, tx: Tx, task_id: str) -> Stage | None:
    """The stage to ring. Judged again with the task held still: whoever moves a film holds its row while doing so."""
    task = tasks.lock_task(tx, task_id)
    now = services.clock()
    again = next(iter(watch.list_stranded(tx, now, _bounds(services), task_id)), None)
    if again is None or again.reason not in _FROM_ROWS:
        return None
    if again.reason == "no_stage":
        stage = _resume(services, tx, task)
    else:
        stage = again.stage
        runs.ready_stage(tx, task_id, stage, now, [RunState.PARKED, RunState.READY, RunState.RUNNING])
    if stage is not None:
        tasks.add_event(tx, task_id, "stage_resumed", now, stage, reason=again.reason)
    log.warning("a stranded film was brought on", extra={
        **task_fields(task, stage), "reason": again.reason,
        "since": again.since.isoformat()})
    return stage


def _resume(services: Services, tx: Tx, task: Task) -> Stage | None:
    """The first stage without an output becomes ready; where one before it failed, the film ends.

    A stage whose output is there is not run again: another answer would mean other pictures.
    """
    now = services.clock()
    states = {row["stage"]: RunState(row["state"]) for row in runs.list_stage_runs(tx, task.id)}
    outputs = tasks.list_checkpoints(tx, task.id)
    for stage in STAGES:
        state = states.get(stage, RunState.WAITING)
        if state is RunState.DONE:
            continue
        if state is not RunState.WAITING:
            break
        if stage in outputs and stage.next is not None:
            watch.restore_stage(tx, task.id, stage, RunState.DONE, now)
            continue
        watch.restore_stage(tx, task.id, stage, RunState.READY, now)
        return stage
    error = error_body("internal", "the film was left without a stage that could go on", task.current_step)
    runs.skip_stages(tx, task.id)
    job_rows.cancel_jobs(tx, task.id, now)
    tasks.end_task(tx, task.id, TaskStatus.FAILED, now, error=error)
    tasks.add_event(tx, task.id, "task_failed", now, task.current_step, **reason(error))
    return None

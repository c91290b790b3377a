"""One stage of one task: claim, run, fall back, write down, tell. Celery stays in `chain`.

Every write carries the attempt it was claimed with; whoever comes late changes nothing.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from .. import jobs
from ..errors import AidaError, Held, LostLease
from ..jobs import Woken
from ..logs import bound
from ..memory.erasure import without_forgotten
from ..memory.preferences import learn_from_finished
from ..model import RunState, Stage, TaskStatus
from ..services import Services
from ..store import erasure, projects, runs, tasks
from ..store import jobs as job_rows
from ..store.db import StoreUnavailable, Tx
from ..store.runs import Claim
from ..tracing import span
from .held import park
from .leases import LEASES
from .next_step import error_body
from .outcome import Done, Outcome, Parked, Run, Stopped
from .stages import STAGES

log = logging.getLogger(__name__)

GO_ON = "done"
_MOST_CRASHES = 4
_PROGRESS = {Stage.CONTEXT: 8, Stage.SCRIPT: 16, Stage.STORYBOARD: 25, Stage.VISUAL: 55, Stage.VIDEO: 100}


@dataclass(frozen=True, slots=True)
class Ran:
    """A word for Flower and the log; only `done` lets Celery send the next link. `woken` is to be sent."""

    word: str
    woken: Woken = field(default_factory=Woken)


def run(services: Services, stage: Stage, task_id: str) -> Ran:
    """Run one stage if it is its turn; a doubled, late or stray message changes nothing."""
    with bound(taskId=task_id, stage=stage.value):
        with services.db.transaction() as tx:
            tasks.hold_task(tx, task_id)
            claim = runs.claim_stage(tx, task_id, stage, services.owner, services.lease, services.clock())
            if claim is None:
                return Ran("not its turn")
            tasks.begin_stage(tx, task_id, stage, services.clock())
            tasks.add_event(tx, task_id, "stage_started", services.clock(), stage, attempt=claim.attempt)
            this = _load(tx, claim)
        began = time.monotonic()
        fields = jobs.task_fields(this.task, stage)
        with bound(**fields), LEASES.hold(services, claim), span(
                f"stage {stage}", this.task.origin.traceparent, task_id=task_id, stage=stage, attempt=claim.attempt,
                user_hash=fields["userHash"], request_id=this.task.origin.request_id) as traced:
            log.debug("stage claimed", extra={"attempt": claim.attempt, "crashes": claim.crashes})
            ran = _run_claimed(services, claim, this)
            traced.set(word=ran.word)
            log.debug("stage left", extra={"word": ran.word, "milliseconds": round((time.monotonic() - began) * 1000)})
            return ran


def _run_claimed(services: Services, claim: Claim, this: Run) -> Ran:
    try:
        if claim.crashes >= _MOST_CRASHES:
            return _stop(services, claim, Stopped(error_body(
                "internal", f"the {claim.stage} stage ended unexpectedly {claim.crashes} times", claim.stage)))
        outcome = _attempt(services, this)
        while isinstance(outcome, Parked):
            woken = _park(services, claim, outcome)
            if woken is not None:
                return Ran("parked", woken)
            outcome = _attempt(services, this)  # every job was settled before: the stage can go on at once
        if isinstance(outcome, Stopped):
            return _stop(services, claim, outcome)
        return _finish(services, claim, this, outcome)
    except Held as held:
        return _hold(services, claim, held)
    except LostLease as lost:
        log.info("somebody else runs this stage now", extra={"why": lost.message})
        return Ran("lost lease")
    except StoreUnavailable:
        log.warning("the database went away; the stage will be rung again")
        return _again(services, claim)
    except Exception:
        log.exception("a stage ended unexpectedly; it will be tried again")
        return _again(services, claim)


def _load(tx: Tx, claim: Claim) -> Run:
    task = tasks.get_task(tx, claim.task_id)
    return Run(task, claim.stage, tasks.list_checkpoints(tx, task.id), projects.find_documents(tx, task.project_id))


def _attempt(services: Services, this: Run) -> Outcome:
    module = STAGES[this.stage]
    try:
        outcome: Outcome = module.run(services, this)
    except (LostLease, Held):
        raise
    except AidaError as error:
        log.warning("a stage falls back", extra={"code": error.code, "said": error.message})
        outcome = module.fall_back(services, this, error)
    return outcome


def _hold(services: Services, claim: Claim, held: Held) -> Ran:
    try:
        park(services, claim, held)
    except LostLease:
        return Ran("lost lease")
    except StoreUnavailable:
        return _again(services, claim)
    return Ran("held")


def _park(services: Services, claim: Claim, parked: Parked) -> Woken | None:
    """Write the wishes and free the worker, in one transaction; None when there is nothing to wait for."""
    with services.db.transaction() as tx:
        now = services.clock()
        task = tasks.lock_task(tx, claim.task_id)
        if task.status.terminal:
            raise LostLease("the task has ended meanwhile")
        jobs.ask(tx, task, parked.wanted, now)
        settled, total = job_rows.count_task_jobs(tx, task.id, parked.kind)
        if settled == total:
            if not runs.renew_lease(tx, claim, services.lease, now):
                raise LostLease("another worker owns the stage")
            return None
        runs.leave_stage(tx, claim, RunState.PARKED, now)
        tasks.add_event(tx, task.id, "stage_parked", now, claim.stage, jobs=total, settled=settled)
    return jobs.admit(services.desk, [parked.kind], [task.project_id])


def _finish(services: Services, claim: Claim, this: Run, done: Done) -> Ran:
    task = this.task
    with services.db.transaction() as tx:
        now = services.clock()
        tasks.hold_task(tx, task.id)
        done, gone = _without_forgotten(tx, done)
        runs.leave_stage(tx, claim, RunState.DONE, now)
        tasks.add_checkpoint(tx, task.id, claim.stage, done.output, now)
        projects.update_documents(tx, task.project_id, now, brief=done.brief, script=done.script,
                                  storyboard=done.storyboard)
        tasks.add_degraded(tx, task.id, done.degraded, now)
        if done.context is not None:
            tasks.set_context(tx, task.id, claim.stage, done.context)
        erasure.blank_results(tx, task.tenant_id, task.user_id, gone, task.id)
        projects.add_assets(tx, done.assets, tenant_id=task.tenant_id, user_id=task.user_id, task_id=task.id)
        tasks.add_event(tx, task.id, "stage_done", now, claim.stage, degraded=[item.what for item in done.degraded],
                        because=[item.reason for item in done.degraded])
        after = claim.stage.next
        if after is None:
            _end(tx, this, done, now)
        else:
            tasks.set_progress(tx, task.id, _PROGRESS[claim.stage], now)
            runs.ready_stage(tx, task.id, after, now, [RunState.WAITING])
    log.info("stage done", extra={"degraded": len(done.degraded)})
    return Ran(GO_ON)


def _without_forgotten(tx: Tx, done: Done) -> tuple[Done, list[str]]:
    """What the user had forgotten while the stage ran is not written down again; the ids of these films."""
    if done.brief is None or not done.brief.matches:
        return done, []
    brief, gone = without_forgotten(tx, done.brief)
    left = {"matches": brief.model_dump(mode="json")["matches"]} if "matches" in done.output else {}
    return replace(done, brief=brief, output={**done.output, **left}), gone


def _end(tx: Tx, this: Run, done: Done, now: datetime) -> None:
    task, status = this.task, done.status or TaskStatus.COMPLETED
    tasks.end_task(tx, task.id, status, now, film_key=done.film_key, error=done.error)
    if status is TaskStatus.COMPLETED and not done.degraded:
        learn_from_finished(tx, task, this.brief(), this.storyboard().style, now)
    if done.film_key:
        projects.set_film(tx, task.project_id, done.film_key, now)
    if done.remembered:
        tasks.set_remembered(tx, task.id, now)
    tasks.add_event(tx, task.id, f"task_{status}", now, **jobs.reason(done.error))


def _stop(services: Services, claim: Claim, stopped: Stopped) -> Ran:
    with services.db.transaction() as tx:
        now = services.clock()
        tasks.hold_task(tx, claim.task_id)
        runs.leave_stage(tx, claim, RunState.FAILED, now)
        runs.skip_stages(tx, claim.task_id)
        tasks.end_task(tx, claim.task_id, TaskStatus.FAILED, now, error=stopped.error, offer=stopped.offer)
        tasks.add_event(tx, claim.task_id, "task_failed", now, claim.stage, **jobs.reason(stopped.error))
    log.warning("the film stops here", extra={"code": stopped.error.get("code"), "said": stopped.error.get("message")})
    return Ran("failed")


def _again(services: Services, claim: Claim) -> Ran:
    try:
        with services.db.transaction() as tx:
            runs.later_stage(tx, claim, services.clock())
    except StoreUnavailable:
        pass  # the lease runs out by itself
    return Ran("again later")

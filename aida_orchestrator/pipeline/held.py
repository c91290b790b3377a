"""What waits because it may not be bought now: parked by the runner, let go, tried and given up by the sweep.

A film that is held costs nothing: no worker, no message. Whatever makes room for it (a raised ceiling, a new day, a call
that cost less than was reserved, the switch, an account that is good again) is seen in the rows.
"""

from __future__ import annotations

import logging
from datetime import datetime

from ..errors import BudgetReached, Held, LostLease
from ..jobs import Woken, again_at, hold_behind, reason, resume, settle, task_fields
from ..model import JobState, Outcome, Stage, TaskStatus
from ..providers.keys import KeyWord
from ..services import Services
from ..store import budgets, holds, runs, spending, tasks, watch
from ..store import jobs as job_rows
from ..store.db import Tx
from ..store.holds import HeldStage
from ..store.runs import Claim
from .next_step import error_body

log = logging.getLogger(__name__)

_EVERY = 2.0
_AT_ONCE = 50
_FIRST, _SLOWEST = 15.0, 300.0  # seconds until an empty account is tried again


def park(services: Services, claim: Claim, held: Held) -> None:
    """Free the worker of a stage that may not buy what it needs."""
    with services.db.transaction() as tx:
        now = services.clock()
        task = tasks.lock_task(tx, claim.task_id)
        begins = holds.hold_stage(tx, claim, held.word, {**held.described(), "again": again_at(held, now).isoformat()}, now)
        if begins is None:
            raise LostLease("another worker owns the stage")
        if isinstance(held, BudgetReached):  # it was rolled back with the reservation, and the sweep looks at it
            budgets.inherit(tx, task.tenant_id, task.user_id, now)
        if begins:
            tasks.add_event(tx, claim.task_id, "stage_held", now, claim.stage, **reason(held.described()))
    log.warning("a stage waits: it may not buy what it needs", extra={
        "code": held.code, "waitsFor": held.word, "said": held.message})


def let_go(services: Services) -> Woken:
    """Try empty accounts, end what has waited to its bound, and let go what there is room for; every two seconds over all
    machines."""
    now, woken = services.clock(), Woken()
    with services.db.transaction() as tx:
        if not watch.take_turn(tx, "held", now, _EVERY):
            return woken
        spending.expire(tx, now)
        budgets.recount_due(tx, now)
    with services.db.transaction() as tx:
        checks = holds.claim_checks(tx, now, _FIRST, _SLOWEST)
    for provider in checks:
        _try(services, provider, woken)
    hold_behind(services.desk)
    _give_up(services, now, woken)
    with services.db.transaction() as tx:
        holds.let_go_jobs(tx, now, _AT_ONCE)
    with services.db.transaction() as tx:
        woken.rings += holds.let_go_stages(tx, now, _AT_ONCE)
    return woken


def _try(services: Services, provider: str, woken: Woken) -> None:
    """See whether an account is good again: one call is let through, at KIE not before there are credits.

    That there are some says nothing of a key's own limit, so that all of them might be sent in vain.
    """
    if provider == "kie" and services.ask_credit().word is KeyWord.NO_BALANCE:
        return
    with services.db.transaction() as tx:
        probe = _probe(services, tx, provider, woken)
        if probe is not None:
            holds.let_through(tx, provider, probe)
    if probe is None:  # nobody waits for it: whoever comes next tries it
        resume(services.desk, provider)
        return
    log.info("one call is let through to a provider whose account was empty", extra={"provider": provider, "probe": probe})


def _probe(services: Services, tx: Tx, provider: str, woken: Woken) -> str | None:
    """The id of who tries it: the oldest job or stage that waits for it."""
    now = services.clock()
    if provider in ("kie", "fal"):
        job_rows.lock_admission(tx, provider)
        ref = holds.admit_probe(tx, provider, now)
        if ref is not None:
            woken.submits.append(ref)
        return ref.id if ref is not None else None
    found = holds.probe_stage(tx, provider, now)
    if found is not None:
        woken.rings.append(found)
    return found[0] if found is not None else None


def _give_up(services: Services, now: datetime, woken: Woken) -> None:
    with services.db.single() as tx:
        late = holds.list_overdue_jobs(tx, now, services.budget_wait)
    for job in late:
        woken.add(settle(services.desk, job, Outcome.FAILED, error={
            **(job.error or {}), "message": _in_vain(services, str((job.error or {}).get("message", "")))},
            from_states=[JobState.QUEUED]))
    with services.db.single() as tx:
        stages = holds.list_overdue_stages(tx, now, services.budget_wait)
    for held in stages:
        _end(services, held, now)


def _end(services: Services, held: HeldStage, now: datetime) -> None:
    with services.db.transaction() as tx:
        task = tasks.lock_task(tx, held.task_id)
        told = holds.give_up_stage(tx, held, now, services.budget_wait)
        if told is None:
            return
        error = error_body(str(told.get("code")), _in_vain(services, str(told.get("message", ""))), Stage(held.stage),
                           provider=told.get("provider"))
        runs.skip_stages(tx, task.id)
        tasks.end_task(tx, task.id, TaskStatus.FAILED, now, error=error)
        tasks.add_event(tx, task.id, "task_failed", now, held.stage, **reason(error))
    log.warning("a film has waited to its bound", extra={**task_fields(task, held.stage), "code": error["code"]})


def _in_vain(services: Services, message: str) -> str:
    return f"{message}; it has waited for {services.budget_wait.total_seconds() / 3600:g} h"

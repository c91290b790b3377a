"""Rows of stage runs: who works, until when, and what comes next. Every move is "from this state, with this attempt"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..errors import LostLease
from ..model import STAGES, RunState, Stage
from .db import Tx, load_queries

_SQL = load_queries("runs")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed StageRun: `attempt` is its fence, `crashes` counts runs of it that ended without a word."""

    task_id: str
    stage: Stage
    attempt: int
    crashes: int


def add_stage_runs(tx: Tx, task_id: str, first: Stage, now: datetime) -> None:
    """All five stages of a task: those before `first` are done, `first` is ready, the rest wait."""
    start = STAGES.index(first)
    for position, stage in enumerate(STAGES):
        state = RunState.DONE if position < start else RunState.READY if position == start else RunState.WAITING
        tx.later(_SQL["add_stage_run"], task_id=task_id, stage=stage, position=position, state=state, now=now)


def list_stage_runs(tx: Tx, task_id: str) -> list[dict[str, Any]]:
    """The stages of a task in order, as rows."""
    return tx.all(_SQL["list_stage_runs"], task_id=task_id)


def claim_stage(tx: Tx, task_id: str, stage: Stage, owner: str, lease: timedelta, now: datetime) -> Claim | None:
    """Take a stage that is ready or whose lease ran out; None when it is taken, done, cancelled or not yet its turn."""
    row = tx.one(_SQL["claim_stage"], task_id=task_id, stage=stage, owner=owner, lease_until=now + lease, now=now)
    return Claim(task_id, stage, row["attempt"], row["crashes"]) if row else None


def renew_lease(tx: Tx, claim: Claim, lease: timedelta, now: datetime) -> bool:
    """Keep a running stage; False when it belongs to somebody else now."""
    return tx.run(_SQL["renew_lease"], task_id=claim.task_id, stage=claim.stage, attempt=claim.attempt,
                  lease_until=now + lease) == 1


def leave_stage(tx: Tx, claim: Claim, state: RunState, now: datetime) -> None:
    """End a run; raises LostLease when another worker owns the stage now, so that the transaction is rolled back."""
    if tx.run(_SQL["leave_stage"], task_id=claim.task_id, stage=claim.stage, attempt=claim.attempt, state=state,
              now=now) != 1:
        raise LostLease(f"{claim.stage} of {claim.task_id} is no longer ours (attempt {claim.attempt})")


def ready_stage(tx: Tx, task_id: str, stage: Stage, now: datetime, from_states: Sequence[RunState]) -> bool:
    """Let a stage run; False when it was in none of `from_states`."""
    return tx.run(_SQL["ready_stage"], task_id=task_id, stage=stage, now=now,
                  from_states=[state.value for state in from_states]) == 1


def later_stage(tx: Tx, claim: Claim, sent_at: datetime) -> None:
    """Give the stage back; it is rung again some time after `sent_at`."""
    tx.later(_SQL["later_stage"], task_id=claim.task_id, stage=claim.stage, attempt=claim.attempt, sent_at=sent_at)


def skip_stages(tx: Tx, task_id: str) -> None:
    """Mark what a stopped task will not do."""
    tx.later(_SQL["skip_stages"], task_id=task_id)


def reset_stages(tx: Tx, task_id: str, first: Stage) -> None:
    """Everything from `first` on waits again; running copies of it lose their fence."""
    tx.later(_SQL["reset_stages"], task_id=task_id, position=STAGES.index(first))


def claim_rings(tx: Tx, now: datetime, again_seconds: float) -> list[tuple[str, Stage]]:
    """(task id, stage) of ready stages whose message seems lost and of running ones whose lease ran out."""
    rows = tx.all(_SQL["ring_due"], now=now, again=again_seconds)
    return [(row["task_id"], Stage(row["stage"])) for row in rows]


def take_sweep_turn(tx: Tx, now: datetime, period_seconds: float) -> bool:
    """True for one caller a period, however many beats and workers there are."""
    return tx.run(_SQL["sweep_turn"], now=now, period=period_seconds) == 1


def last_heartbeat(tx: Tx, name: str) -> datetime | None:
    """When `name` last ran, or None."""
    row = tx.one(_SQL["heartbeat"], name=name)
    return row["at"] if row else None

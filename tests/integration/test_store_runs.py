"""Rows of stages: who may work, until when, and when somebody is rung again."""

from __future__ import annotations

from datetime import timedelta

import psycopg2
import pytest

from aida_orchestrator.errors import LostLease
from aida_orchestrator.model import RunState, Stage, TaskStatus
from aida_orchestrator.store import runs, tasks
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.runs import Claim
from tests.builders import (
    NOON,
    Clock,
    add_film,
    add_jobs,
    admit_all,
    event_numbers,
    find_task,
    park,
    stage_row,
)

LEASE = timedelta(seconds=30)
AGAIN = 10.0


def claim(database: Database, task_id: str, clock: Clock, stage: Stage = Stage.CONTEXT) -> Claim | None:
    with database.transaction() as tx:
        return runs.claim_stage(tx, task_id, stage, "me", LEASE, clock())


def rings(database: Database, clock: Clock) -> list[tuple[str, Stage]]:
    with database.transaction() as tx:
        return runs.claim_rings(tx, clock(), AGAIN)


def test_a_ready_stage_is_claimed_once(database: Database) -> None:
    task, clock = add_film(database), Clock()
    first = claim(database, task.id, clock)
    assert first == Claim(task.id, Stage.CONTEXT, attempt=1, crashes=0)
    assert claim(database, task.id, clock) is None


def test_a_stage_whose_turn_has_not_come_is_not_claimed(database: Database) -> None:
    task = add_film(database)
    assert claim(database, task.id, Clock(), Stage.SCRIPT) is None


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED, RunState.PARKED])
def test_a_stage_that_ended_or_waits_is_not_claimed(database: Database, state: RunState) -> None:
    task, clock = add_film(database), Clock()
    mine = claim(database, task.id, clock)
    assert mine
    with database.transaction() as tx:
        runs.leave_stage(tx, mine, state, clock())
    clock.advance(3600)
    assert claim(database, task.id, clock) is None


def test_nobody_claims_a_stage_of_a_cancelled_film(database: Database) -> None:
    task = add_film(database)
    with database.transaction() as tx:
        tasks.ask_cancel(tx, task.id, NOON)
    assert claim(database, task.id, Clock()) is None


def test_a_lease_that_ran_out_is_claimed_with_the_next_attempt_and_counted_as_a_crash(database: Database) -> None:
    task, clock = add_film(database), Clock()
    claim(database, task.id, clock)
    clock.advance(30)
    assert claim(database, task.id, clock) is None
    clock.advance(0.1)
    assert claim(database, task.id, clock) == Claim(task.id, Stage.CONTEXT, attempt=2, crashes=1)


def test_a_renewed_lease_keeps_the_stage(database: Database) -> None:
    task, clock = add_film(database), Clock()
    mine = claim(database, task.id, clock)
    assert mine
    clock.advance(20)
    with database.transaction() as tx:
        assert runs.renew_lease(tx, mine, LEASE, clock())
    clock.advance(20)
    assert claim(database, task.id, clock) is None


def test_a_late_writer_changes_nothing(database: Database) -> None:
    task, clock = add_film(database), Clock()
    late = claim(database, task.id, clock)
    clock.advance(31)
    owner = claim(database, task.id, clock)
    assert late
    assert owner

    def finish() -> None:
        with database.transaction() as tx:
            tasks.add_checkpoint(tx, task.id, Stage.CONTEXT, {"from": "the late one"}, clock())
            runs.leave_stage(tx, late, RunState.DONE, clock())

    with pytest.raises(LostLease):
        finish()
    with database.transaction() as tx:
        assert not runs.renew_lease(tx, late, LEASE, clock())
        runs.later_stage(tx, late, clock())
        assert tasks.list_checkpoints(tx, task.id) == {}
    row = stage_row(database, task.id, Stage.CONTEXT)
    assert (row["state"], row["attempt"], row["sends"]) == ("running", 2, 0)


def test_whoever_still_runs_when_a_retry_begins_has_lost_the_stage(database: Database) -> None:
    task, clock = add_film(database), Clock()
    mine = claim(database, task.id, clock)
    assert mine
    with database.transaction() as tx:
        runs.reset_stages(tx, task.id, Stage.CONTEXT)
        assert runs.ready_stage(tx, task.id, Stage.CONTEXT, clock(), [RunState.WAITING])
    with database.transaction() as tx, pytest.raises(LostLease):
        runs.leave_stage(tx, mine, RunState.DONE, clock())


def test_a_ready_stage_is_rung_again_after_longer_and_longer_waits(database: Database) -> None:
    task, clock = add_film(database), Clock()
    for wait in (10, 20, 40, 80, 160, 300, 300, 300):
        clock.advance(wait - 0.1)
        assert rings(database, clock) == []
        clock.advance(0.2)
        assert rings(database, clock) == [(task.id, Stage.CONTEXT)]
        assert rings(database, clock) == []


def test_a_running_stage_is_rung_when_its_lease_ran_out(database: Database) -> None:
    task, clock = add_film(database), Clock()
    claim(database, task.id, clock)
    clock.advance(29)
    assert rings(database, clock) == []
    clock.advance(2)
    assert rings(database, clock) == [(task.id, Stage.CONTEXT)]
    clock.advance(9)
    assert rings(database, clock) == []
    clock.advance(2)
    assert rings(database, clock) == [(task.id, Stage.CONTEXT)]


def test_parked_finished_and_cancelled_films_are_not_rung(database: Database) -> None:
    parked, ended, cancelled = (add_film(database) for _ in range(3))
    clock = Clock()
    mine = claim(database, parked.id, clock)
    assert mine
    with database.transaction() as tx:
        runs.leave_stage(tx, mine, RunState.PARKED, clock())
        tasks.end_task(tx, ended.id, TaskStatus.FAILED, clock())
        tasks.ask_cancel(tx, cancelled.id, clock())
    clock.advance(10_000)
    assert rings(database, clock) == []


def test_two_sweeps_do_not_ring_the_same_stage(database: Database) -> None:
    task, clock = add_film(database), Clock()
    clock.advance(11)
    with database.transaction() as one:
        assert runs.claim_rings(one, clock(), AGAIN) == [(task.id, Stage.CONTEXT)]
        with database.transaction() as other:
            assert runs.claim_rings(other, clock(), AGAIN) == []


def test_one_sweep_a_period_has_its_turn_and_leaves_its_time(database: Database) -> None:
    clock = Clock()
    turns = []
    for wait in (0, 0, 0.5, 0.5, 1):
        clock.advance(wait)
        with database.transaction() as tx:
            turns.append(runs.take_sweep_turn(tx, clock(), 0.8))
    assert turns == [True, False, False, True, True]
    with database.transaction() as tx:
        assert runs.last_heartbeat(tx, "sweep") == clock()
        assert runs.last_heartbeat(tx, "nobody") is None


def test_a_machine_whose_clock_was_hours_ahead_does_not_stop_the_sweeps_of_the_others(database: Database) -> None:
    clock = Clock()
    with database.transaction() as tx:
        assert runs.take_sweep_turn(tx, clock() + timedelta(hours=2), 0.8)
    with database.transaction() as tx:
        assert runs.take_sweep_turn(tx, clock(), 0.8)
        assert runs.last_heartbeat(tx, "sweep") == clock()


def test_progress_never_falls(database: Database) -> None:
    task = add_film(database)
    seen = []
    for value in (10, 40, 20, 40, 55):
        with database.transaction() as tx:
            tasks.set_progress(tx, task.id, value, NOON)
        seen.append(find_task(database, task.id).progress)
    assert seen == [10, 40, 40, 40, 55]


def test_a_film_ends_once(database: Database) -> None:
    task = add_film(database)
    with database.transaction() as tx:
        assert tasks.end_task(tx, task.id, TaskStatus.COMPLETED, NOON)
        assert not tasks.end_task(tx, task.id, TaskStatus.FAILED, NOON)
        assert not tasks.ask_cancel(tx, task.id, NOON)
    ended = find_task(database, task.id)
    assert (ended.status, ended.progress) == (TaskStatus.COMPLETED, 100)


def test_a_project_has_one_unfinished_task_even_against_the_code(database: Database) -> None:
    task = add_film(database)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        add_film(database, project_id=task.project_id)


def test_a_parked_stage_is_woken_by_nobody_but_its_jobs(database: Database) -> None:
    task, clock = add_film(database), Clock()
    park(database, task)
    add_jobs(database, task, 2)
    admit_all(database)
    clock.advance(10_000)
    with database.transaction() as tx:
        assert runs.claim_stage(tx, task.id, Stage.VISUAL, "me", LEASE, clock()) is None
    assert event_numbers(database, task.id) == []

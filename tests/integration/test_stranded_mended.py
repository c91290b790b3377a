"""What the rows alone can mend is mended by the sweep: a stage is rung once, whoever sweeps, and nothing is bought."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aida_orchestrator.errors import LostLease
from aida_orchestrator.jobs import Woken
from aida_orchestrator.model import STAGES, JobKind, RunState, Stage, Task, TaskStatus
from aida_orchestrator.pipeline import stranded
from aida_orchestrator.pipeline.sweep import sweep
from aida_orchestrator.services import Services
from aida_orchestrator.store import runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, find_job, find_task, park, stage_row
from tests.integration.standing import claim, edit, found, watching

Rings = list[tuple[str, Stage]]


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def film(database: Database, clock: Clock) -> Task:
    """A film that has come to its pictures."""
    return add_film(database, clock(), first=Stage.VISUAL)


def bring_on(services: Services) -> Rings:
    woken = Woken()
    stranded.bring_on(services, woken)
    assert not woken.submits
    assert not woken.fetches
    return woken.rings


def states(database: Database, task: Task) -> list[str]:
    with database.transaction() as tx:
        return [row["state"] for row in runs.list_stage_runs(tx, task.id)]


def resumed(database: Database, task: Task) -> list[str]:
    """Why the film was brought on, each time that it was."""
    with database.transaction() as tx:
        return [row["reason"] for row in tx.all(
            "SELECT data ->> 'reason' AS reason FROM events WHERE task_id = %(id)s AND kind = 'stage_resumed'", id=task.id)]


def test_a_missed_wake_up_is_made_good(database: Database, services: Services, film: Task, clock: Clock) -> None:
    add_jobs(database, film, 2)
    park(database, film)
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'done'")
    assert bring_on(services) == [(film.id, Stage.VISUAL)]
    row = stage_row(database, film.id, Stage.VISUAL)
    assert (row["state"], row["sent_at"]) == ("ready", clock())
    assert resumed(database, film) == ["missed_wakeup"]
    assert found(services) == []


def test_a_stage_that_waits_for_nothing_asks_again_for_what_it_needs(
    database: Database, services: Services, film: Task,
) -> None:
    park(database, film)
    assert bring_on(services) == [(film.id, Stage.VISUAL)]
    assert resumed(database, film) == ["no_jobs"]


def test_a_stage_with_an_open_job_is_left_alone(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    job = add_jobs(database, film)[0]
    park(database, film)
    clock.advance(10_000)
    assert [reason for _, _, reason in found(services)] == ["not_admitted"]
    assert bring_on(services) == []
    assert find_job(database, job.id) == job


@pytest.mark.parametrize("change", ["state = 'ready', sent_at = NULL", "state = 'running', lease_until = NULL"])
def test_a_stage_that_nobody_can_claim_becomes_ready(
    change: str, database: Database, services: Services, film: Task,
) -> None:
    edit(database, f"UPDATE stage_runs SET {change} WHERE stage = 'visual'")
    assert bring_on(services) == [(film.id, Stage.VISUAL)]
    assert states(database, film) == ["done", "done", "done", "ready", "waiting"]


def test_the_first_stage_without_an_output_goes_on(database: Database, services: Services, film: Task) -> None:
    edit(database, "UPDATE stage_runs SET state = 'waiting' WHERE stage = 'visual'")
    assert bring_on(services) == [(film.id, Stage.VISUAL)]
    assert states(database, film) == ["done", "done", "done", "ready", "waiting"]
    assert resumed(database, film) == ["no_stage"]


def test_a_stage_whose_output_is_there_is_not_run_again(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    """Another brief would mean other pictures."""
    edit(database, "UPDATE stage_runs SET state = 'waiting'")
    with database.transaction() as tx:
        for stage in (Stage.CONTEXT, Stage.SCRIPT):
            tasks.add_checkpoint(tx, film.id, stage, {}, clock())
    assert bring_on(services) == [(film.id, Stage.STORYBOARD)]
    assert states(database, film) == ["done", "done", "ready", "waiting", "waiting"]


def test_a_lost_row_comes_back_with_a_fence_that_keeps_its_old_worker_out(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    old = claim(database, film, Stage.VISUAL, clock)
    edit(database, "DELETE FROM stage_runs WHERE stage = 'visual'")
    assert bring_on(services) == [(film.id, Stage.VISUAL)]
    new = claim(database, film, Stage.VISUAL, clock)
    assert new.attempt == old.attempt + 1
    with pytest.raises(LostLease), database.transaction() as tx:
        runs.leave_stage(tx, old, RunState.DONE, clock())


@pytest.mark.parametrize("change", ["state = 'done'", "state = 'skipped'",
                                    "state = CASE stage WHEN 'visual' THEN 'failed' ELSE state END"])
def test_a_film_that_no_stage_can_carry_on_ends_and_buys_nothing_more(
    change: str, database: Database, services: Services, film: Task,
) -> None:
    job = add_jobs(database, film)[0]
    edit(database, f"UPDATE stage_runs SET {change}")
    assert bring_on(services) == []
    end = find_task(database, film.id)
    assert end.status is TaskStatus.FAILED
    assert end.error is not None
    assert (end.error["code"], end.error["retryable"]) == ("internal", True)
    assert find_job(database, job.id).state == "cancelled"
    assert not set(states(database, film)) & {"waiting", "ready", "running", "parked"}


def test_a_film_without_any_row_of_a_stage_begins_at_its_first(database: Database, services: Services, film: Task) -> None:
    edit(database, "DELETE FROM stage_runs")
    assert bring_on(services) == [(film.id, Stage.CONTEXT)]
    assert states(database, film) == ["ready"]
    for stage in STAGES[:-1]:  # each stage that finishes finds that the next one is missing
        edit(database, "UPDATE stage_runs SET state = 'done' WHERE stage = %(stage)s", stage=stage)
        services.clock.advance(10)  # type: ignore[attr-defined]
        assert bring_on(services) == [(film.id, stage.next)]


def test_it_is_looked_for_once_in_ten_seconds(database: Database, services: Services, film: Task, clock: Clock) -> None:
    assert bring_on(services) == []
    park(database, film)
    clock.advance(9)
    assert bring_on(services) == []
    clock.advance(1)
    assert bring_on(services) == [(film.id, Stage.VISUAL)]


def test_two_beats_and_doubled_sweeps_bring_a_film_on_once(
    shared: Shared, database: Database, services: Services, film: Task, clock: Clock, tmp_path: Path,
) -> None:
    park(database, film)
    other = watching(shared.dsn, tmp_path / "other", clock)
    with ThreadPoolExecutor(8) as pool:
        swept = list(pool.map(sweep, [services, other] * 8))
    other.db.close()
    rung = [ring for one in swept if one is not None for ring in one.woken.rings]
    assert rung == [(film.id, Stage.VISUAL)]
    assert resumed(database, film) == ["no_jobs"]


def test_repairs_of_one_film_at_once_are_one(database: Database, services: Services, film: Task) -> None:
    """Even if two were given the turn, as with a wrong clock: the film's row is held, and judged again."""
    park(database, film)

    def repair(_: int) -> Stage | None:
        with services.db.transaction() as tx:
            return stranded._repair(services, tx, film.id)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(map(str, pool.map(repair, range(8)))) == ["None"] * 7 + ["visual"]


def test_clips_are_woken_like_pictures(database: Database, services: Services, clock: Clock) -> None:
    film = add_film(database, clock(), first=Stage.VIDEO)
    add_jobs(database, film, 2, JobKind.CLIP)
    park(database, film, JobKind.CLIP)
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'lost'")
    assert bring_on(services) == [(film.id, Stage.VIDEO)]

"""A stage that nobody takes, ends or wakes is found, with the reason; one that only waits its turn is left in peace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aida_orchestrator.model import JobKind, Stage, Task
from aida_orchestrator.pipeline import stranded
from aida_orchestrator.services import Services
from aida_orchestrator.store import runs, watch
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, bring_to, park
from tests.integration.standing import LEASE, STRANDED, claim, edit, found, watching


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def film(database: Database, clock: Clock) -> Task:
    return add_film(database, clock())


@pytest.fixture
def filming(database: Database, clock: Clock) -> Task:
    """A film that has come to its pictures."""
    return add_film(database, clock(), first=Stage.VISUAL)


def ring_until(database: Database, clock: Clock, seconds: float) -> None:
    """The sweep rings as often as it would in this time."""
    until = clock() + timedelta(seconds=seconds)
    while clock() < until:
        clock.advance(10)
        with database.transaction() as tx:
            runs.claim_rings(tx, clock(), 10)


def test_a_new_film_is_not_stranded(services: Services, film: Task) -> None:
    assert found(services) == []


def test_a_film_that_ended_is_never_stranded(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    edit(database, "DELETE FROM stage_runs")
    assert found(services) == [(film.id, Stage.CONTEXT, "no_stage")]
    edit(database, "UPDATE tasks SET status = 'failed'")
    assert found(services) == []


def test_a_stage_that_was_rung_and_is_taken_by_nobody_lacks_a_worker(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    ring_until(database, clock, 110)
    assert found(services) == []
    ring_until(database, clock, 20)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker")]


def test_a_stage_that_nobody_even_rang_is_named_later(services: Services, film: Task, clock: Clock) -> None:
    clock.advance(STRANDED - 1)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker")]


def test_a_stage_whose_queue_is_being_worked_on_only_waits_its_turn(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    ring_until(database, clock, 300)
    other = add_film(database, clock())
    claim(database, other, Stage.CONTEXT, clock)
    assert found(services) == []
    clock.advance(STRANDED)
    claim(database, other, Stage.CONTEXT, clock)
    assert found(services) == [(film.id, Stage.CONTEXT, "queue_too_long")]


def test_a_stage_that_paid_jobs_are_sent_for_is_served_too(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    edit(database, "UPDATE stage_runs SET state = 'done' WHERE stage = 'context'")
    edit(database, "UPDATE stage_runs SET state = 'ready', sent_at = %(now)s WHERE stage = 'visual'", now=clock())
    ring_until(database, clock, 130)
    assert found(services) == [(film.id, Stage.VISUAL, "no_worker")]
    other = add_film(database, clock())
    bring_to(database, add_jobs(database, other, now=clock())[0], "submitting", clock())
    assert found(services) == []


def test_a_dead_worker_is_not_alarming_before_others_had_time_to_take_over(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    claim(database, film, Stage.CONTEXT, clock)
    clock.advance(30 + 119)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(film.id, Stage.CONTEXT, "abandoned")]


def test_a_run_that_does_not_end_is_named_with_its_crashes(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    for _ in range(3):
        claimed = claim(database, film, Stage.CONTEXT, clock)
        clock.advance(31)
    clock.advance(STRANDED - 32)
    with database.transaction() as tx:
        assert runs.renew_lease(tx, claimed, LEASE, clock())
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(film.id, Stage.CONTEXT, "running_long")]
    with database.transaction() as tx:
        told = stranded.name(services, tx, stranded.find(services, tx))
    assert "ended unexpectedly: 2" in told[0].why


def test_a_stage_whose_jobs_are_all_settled_missed_its_wake_up(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    add_jobs(database, filming, 2)
    park(database, filming)
    assert found(services) == []
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'failed' WHERE shot = 1")
    assert found(services) == []
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'done' WHERE shot = 2")
    assert found(services) == [(filming.id, Stage.VISUAL, "missed_wakeup")]


def test_jobs_of_another_stage_wake_nobody(database: Database, services: Services, filming: Task) -> None:
    add_jobs(database, filming, kind=JobKind.CLIP)
    park(database, filming, JobKind.PICTURE)
    assert found(services) == [(filming.id, Stage.VISUAL, "no_jobs")]


def test_a_film_without_a_stage_that_goes_on_is_found(
    database: Database, services: Services, film: Task,
) -> None:
    edit(database, "UPDATE stage_runs SET state = 'waiting'")
    assert found(services) == [(film.id, Stage.CONTEXT, "no_stage")]


@pytest.mark.parametrize("change", ["sent_at = NULL", "state = 'running', lease_until = NULL"])
def test_a_stage_that_nobody_can_claim_is_found(
    change: str, database: Database, services: Services, film: Task,
) -> None:
    edit(database, f"UPDATE stage_runs SET {change} WHERE stage = 'context'")
    assert found(services) == [(film.id, Stage.CONTEXT, "unclaimable")]


def test_each_stranded_film_has_one_reason_and_the_oldest_comes_first(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    clock.advance(60)
    second = add_film(database, clock(), "another", first=Stage.VISUAL)
    jobs = add_jobs(database, second, 2, now=clock(), words="other")
    park(database, second, now=clock())
    for job in jobs:
        bring_to(database, job, "running", clock())
    clock.advance(STRANDED)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker"), (second.id, Stage.VISUAL, "not_polled")]


def test_what_strands_one_film_says_nothing_of_another(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    edit(database, "DELETE FROM stage_runs WHERE stage = 'context'")
    other = add_film(database, clock(), "another")
    assert found(services) == [(film.id, Stage.CONTEXT, "no_stage")]
    with services.db.transaction() as tx:
        assert watch.list_stranded(tx, clock(), stranded._bounds(services), other.id) == []
        assert len(watch.list_stranded(tx, clock(), stranded._bounds(services), film.id)) == 1

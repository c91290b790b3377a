"""A job that nobody moves strands its film; one that waits for its provider or for a slot does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aida_orchestrator.model import JobState, Outcome, RunState, Stage, Task
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import looks, runs
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, bring_to, find_job, park
from tests.integration.standing import STRANDED, edit, found, watching

SUBMIT = 45.0  # seconds of one submission, as these settings bound it


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def filming(database: Database, clock: Clock) -> Task:
    """A film that has come to its pictures."""
    return add_film(database, clock(), first=Stage.VISUAL)


def polled(database: Database, job_id: str, clock: Clock) -> None:
    """The provider was asked a moment ago, and still makes the job."""
    with database.transaction() as tx:
        looks.look_later(tx, find_job(database, job_id), clock(), clock() + timedelta(seconds=5), None)


@pytest.mark.parametrize(("state", "seconds", "reason"), [
    ("queued", 120, "not_admitted"),
    ("admitted", 120, "not_submitted"),
    ("submitting", SUBMIT + 120, "submission_silent"),
    ("unknown", STRANDED, "unknown_overdue"),
    ("running", 120, "not_polled"),
    ("rendered", 120, "not_collected"),
])
def test_a_job_that_nobody_moves_strands_its_film(
    state: str, seconds: float, reason: str, database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    assert services.desk.submit_timeout + 15 == SUBMIT
    job = add_jobs(database, filming)[0]
    park(database, filming)
    if state != "queued":
        bring_to(database, job, state)
    clock.advance(seconds - 1)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(filming.id, Stage.VISUAL, reason)]


def test_a_job_in_no_state_that_we_know_strands_its_film(
    database: Database, services: Services, filming: Task,
) -> None:
    add_jobs(database, filming)
    park(database, filming)
    edit(database, "UPDATE jobs SET state = 'frozen'")
    assert found(services) == [(filming.id, Stage.VISUAL, "unknown_state")]


def test_a_job_that_the_provider_makes_within_its_time_does_not(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    job = bring_to(database, add_jobs(database, filming)[0], "running")
    park(database, filming)
    clock.advance(3600 + STRANDED - 1)
    polled(database, job.id, clock)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(filming.id, Stage.VISUAL, "overdue")]


@pytest.mark.parametrize("same_film", [True, False])
def test_a_job_that_waits_for_its_turn_of_slots_does_not(
    same_film: bool, database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """Two slots: of the film's own, or of the account."""
    add_jobs(database, filming, 3)
    park(database, filming)
    busy = filming if same_film else add_film(database, clock(), "another", first=Stage.VISUAL)
    jobs = add_jobs(database, busy, 2, words="bread" if same_film else "other")
    if not same_film:
        park(database, busy)
    for job in jobs:
        bring_to(database, job, "running")
    edit(database, "UPDATE jobs SET state = 'queued' WHERE state = 'admitted'")
    clock.advance(2 * STRANDED)
    for job in jobs:
        polled(database, job.id, clock)
    assert found(services) == []
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'done' WHERE id = %(id)s", id=jobs[0].id)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_admitted")]


def test_a_job_that_waits_while_others_are_sent_does_not(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """Slots may look free between two sendings of an account that may only send so many in a window."""
    add_jobs(database, filming)
    park(database, filming)
    clock.advance(500)
    other = add_film(database, clock(), "another", first=Stage.VISUAL)
    park(database, other, now=clock())
    bring_to(database, add_jobs(database, other, now=clock(), words="other")[0], "submitting", clock())
    edit(database, "UPDATE jobs SET state = 'queued' WHERE state = 'admitted'")
    assert found(services) == []
    clock.advance(121)
    assert (filming.id, Stage.VISUAL, "not_admitted") in found(services)


def test_a_job_that_the_account_was_told_to_hold_back_does_not(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    jobs = add_jobs(database, filming, 2)
    park(database, filming)
    refused = bring_to(database, jobs[0], "submitting")
    edit(database, "UPDATE jobs SET state = 'queued' WHERE state = 'admitted'")
    with database.transaction() as tx:
        job_rows.requeue_job(tx, refused, {"status": 429}, clock() + timedelta(seconds=300), refused=True)
    clock.advance(299)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_admitted")]


def test_a_result_that_is_being_copied_or_tried_again_does_not(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    job = bring_to(database, add_jobs(database, filming)[0], "rendered")
    park(database, filming)
    clock.advance(200)
    with database.transaction() as tx:
        begun = looks.begin_fetch(tx, job.id, clock() + timedelta(seconds=60))
    assert begun is not None
    assert found(services) == []
    with database.transaction() as tx:
        looks.look_later(tx, begun, clock(), clock() + timedelta(seconds=30), {"code": "media_unavailable"})
    assert found(services) == []
    clock.advance(151)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_collected")]


def test_results_that_are_rung_and_copied_by_nobody_are_found_although_they_are_rung(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    bring_to(database, add_jobs(database, filming)[0], "rendered")
    park(database, filming)
    rung = []
    for _ in range(9):
        clock.advance(15)
        with database.transaction() as tx:
            rung += looks.claim_fetches(tx, clock(), 15)
    assert len(rung) > 2
    assert found(services) == [(filming.id, Stage.VISUAL, "not_collected")]


def test_settling_for_a_lost_purchase_leaves_nothing_stranded(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """What a person must settle does not hold the film up, so it is not the film that stands still."""
    job = bring_to(database, add_jobs(database, filming, 2)[0], "unknown")
    park(database, filming)
    with database.transaction() as tx:
        job_rows.settle_job(tx, job, Outcome.LOST, None, [JobState.UNKNOWN], clock())
    assert found(services) == []
    with database.transaction() as tx:
        runs.ready_stage(tx, filming.id, Stage.VISUAL, clock(), [RunState.PARKED])
    assert found(services) == []

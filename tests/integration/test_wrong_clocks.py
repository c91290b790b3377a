"""Moments that a wrong clock wrote far into the future block no account and no film, and do not hide what stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import JobState, Stage
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import runs
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, admit_all, bring_to, find_job, find_task, park, stage_row
from tests.integration.standing import edit, found, watching

KIE: dict[str, Any] = {"per_film": 4, "running_limit": 40, "window_limit": 4, "window_seconds": 10.0}
AHEAD = timedelta(hours=5)


@pytest.fixture
def clock() -> Clock:
    """Later than the database server's own, which is asked too: far ahead is far ahead of both."""
    return Clock(datetime(2126, 12, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


def sent_at(database: Database, at: datetime, count: int, user: str) -> None:
    """So many pictures of a film that were sent then, and have failed."""
    for job in add_jobs(database, add_film(database, at, user), count, now=at):
        bring_to(database, job, "submitting", at)
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'failed' WHERE state = 'submitting'")


def test_what_was_sent_in_the_future_takes_no_place_in_the_window(database: Database, clock: Clock) -> None:
    sent_at(database, clock() + AHEAD, 4, "ahead")
    add_jobs(database, add_film(database, clock()), 4, now=clock())
    assert len(admit_all(database, now=clock(), **KIE)) == 4


def test_a_clock_that_is_some_seconds_ahead_still_counts_in_the_window(database: Database, clock: Clock) -> None:
    sent_at(database, clock() + timedelta(seconds=20), 4, "ahead")
    add_jobs(database, add_film(database, clock()), 4, now=clock())
    assert admit_all(database, now=clock(), **KIE) == []


def test_a_job_that_was_sent_now_and_in_the_future_counts_once(database: Database, clock: Clock) -> None:
    job = add_jobs(database, add_film(database, clock()), 1, now=clock())[0]
    for at in (clock(), clock() + AHEAD):
        sent = bring_to(database, job, "submitting", at)
        with database.transaction() as tx:
            job_rows.requeue_job(tx, sent, {"code": "x"}, clock() - timedelta(seconds=1), refused=True)
    add_jobs(database, add_film(database, clock(), "u2"), 4, now=clock())
    assert len(admit_all(database, now=clock(), **KIE)) == 3


def test_a_refusal_that_asks_to_wait_until_a_wrong_clocks_tomorrow_holds_the_account_for_one_sweep(
    make_desk: Callable[..., Desk], database: Database, clock: Clock,
) -> None:
    desk = make_desk()
    refused = bring_to(database, add_jobs(database, add_film(database, clock()), 1, now=clock())[0], "submitting", clock())
    with database.transaction() as tx:
        job_rows.requeue_job(tx, refused, {"code": "x", "status": 429}, clock() + AHEAD, refused=True)
    other = add_jobs(database, add_film(database, clock(), "u2"), 1, now=clock())[0]
    assert jobs.admit(desk).submits == []
    jobs.doubt_silent(desk)
    assert {ref.id for ref in jobs.admit(desk).submits} == {refused.id, other.id}


@pytest.mark.parametrize(("state", "moves"), [("running", "looked at"), ("rendered", "copied"), ("submitting", "doubted"),
                                              ("unknown", "given up"), ("admitted", "rung")])
def test_a_job_that_was_dated_in_the_future_goes_on(
    make_desk: Callable[..., Desk], database: Database, clock: Clock, state: str, moves: str,
) -> None:
    desk = make_desk()
    job = add_jobs(database, add_film(database, clock()), 1, now=clock())[0]
    bring_to(database, job, state, clock() + AHEAD)
    jobs.doubt_silent(desk)
    clock.advance(240)
    with database.transaction() as tx:
        rung = [ref.id for ref in job_rows.claim_admitted(tx, clock(), 15)]
    jobs.doubt_silent(desk)
    looked = [found.id for found in jobs.claim_due(desk, jobs.due_in(desk), 8)]
    fetched = [ref.id for ref in jobs.ring_copying(desk).fetches]
    jobs.give_up(desk)
    went_on = {"looked at": job.id in looked, "copied": job.id in fetched, "rung": job.id in rung,
               "doubted": state == "submitting" and find_job(database, job.id).state in (JobState.UNKNOWN, JobState.SETTLED),
               "given up": state == "unknown" and find_job(database, job.id).state is JobState.SETTLED}
    assert [name for name, happened in went_on.items() if happened] == [moves]


def test_a_deadline_of_a_wrong_clock_is_as_far_away_as_another(
    make_desk: Callable[..., Desk], database: Database, clock: Clock,
) -> None:
    job = add_jobs(database, add_film(database, clock()), 1, now=clock())[0]
    bring_to(database, job, "running", clock() + AHEAD)
    jobs.doubt_silent(make_desk())
    assert find_job(database, job.id).deadline_at == clock() + timedelta(hours=1)


def test_what_is_as_far_ahead_as_we_ever_write_is_left_alone(
    make_desk: Callable[..., Desk], database: Database, clock: Clock,
) -> None:
    job = add_jobs(database, add_film(database, clock()), 1, now=clock())[0]
    bring_to(database, job, "running", clock() + timedelta(minutes=14))
    before = find_job(database, job.id)
    jobs.doubt_silent(make_desk())
    assert find_job(database, job.id) == before


def test_a_machine_whose_clock_is_behind_does_not_take_the_others_moments_for_a_wrong_clocks(
    make_desk: Callable[..., Desk], database: Database, clock: Clock,
) -> None:
    clock.now = datetime.now(UTC)
    job = add_jobs(database, add_film(database, clock()), 1, now=clock())[0]
    bring_to(database, job, "running", clock())
    before = find_job(database, job.id)
    clock.advance(-7200)
    jobs.doubt_silent(make_desk())
    assert find_job(database, job.id) == before


def test_a_stage_that_is_leased_until_a_wrong_clocks_tomorrow_is_rung_and_run(database: Database, clock: Clock) -> None:
    task, ahead = add_film(database, clock()), clock() + AHEAD
    with database.transaction() as tx:
        assert runs.claim_stage(tx, task.id, Stage.CONTEXT, "ahead", timedelta(seconds=30), ahead)
    clock.advance(20)
    with database.transaction() as tx:
        assert runs.claim_rings(tx, clock(), 10) == [(task.id, Stage.CONTEXT)]
        assert runs.claim_stage(tx, task.id, Stage.CONTEXT, "me", timedelta(seconds=30), clock())
    with database.transaction() as tx:
        assert runs.claim_stage(tx, task.id, Stage.CONTEXT, "other", timedelta(seconds=30), clock()) is None
    assert stage_row(database, task.id, Stage.CONTEXT)["owner"] == "me"


def test_a_stage_that_was_made_ready_in_the_future_is_rung(database: Database, clock: Clock) -> None:
    task = add_film(database, clock())
    edit(database, "UPDATE stage_runs SET sent_at = %(at)s WHERE state = 'ready'", at=clock() + AHEAD)
    with database.transaction() as tx:
        assert runs.claim_rings(tx, clock(), 10) == [(task.id, Stage.CONTEXT)]


def test_what_was_sent_in_the_future_does_not_hide_that_nothing_is_sent(
    database: Database, services: Services, clock: Clock,
) -> None:
    sent_at(database, clock() + AHEAD, 1, "ahead")
    film = add_film(database, clock(), "u2", first=Stage.VISUAL)
    add_jobs(database, film, 1, now=clock())
    park(database, film, now=clock())
    clock.advance(121)
    assert found(services) == [(film.id, Stage.VISUAL, "not_admitted")]


def test_a_film_that_was_moved_in_the_future_is_still_found_standing(
    database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock())
    edit(database, "UPDATE tasks SET updated_at = %(at)s", at=clock() + AHEAD)
    edit(database, "UPDATE stage_runs SET sends = 3 WHERE state = 'ready'")
    clock.advance(121)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker")]
    assert find_task(database, film.id).updated_at > clock()

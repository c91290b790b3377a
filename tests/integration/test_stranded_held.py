"""What may not be bought now waits and does not stand still; let go, it is watched as any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import JobState, Stage, Task
from aida_orchestrator.pipeline.held import let_go
from aida_orchestrator.services import Services
from aida_orchestrator.store import holds, looks
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, admit_all, bring_to, find_job, park, stage_row
from tests.integration.standing import (
    STRANDED,
    claim,
    edit,
    found,
    hold_job,
    hold_stage,
    in_the_way,
    out_of_the_way,
    watching,
)

WORDS = ["budget", "spending", "provider"]
# Nobody frees what is held for the empty account: one call would be let through to an address that does not exist.
NO_CHECK = "UPDATE provider_pauses SET checked_at = %(now)s"


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def filming(database: Database, clock: Clock) -> Task:
    """A film that has come to its pictures."""
    return add_film(database, clock(), first=Stage.VISUAL)


def told(services: Services, film: Task) -> tuple[str | None, str | None, str | None]:
    """`waitingFor`, `retryAt` and `hold.for`, as a caller of the status reads them."""
    body = create_app(services, "redis://127.0.0.1:1/0").test_client().get(f"/api/orchestrator/status/{film.id}").json
    return body["waitingFor"], body["retryAt"], body["hold"] and body["hold"]["for"]


def buy(services: Services) -> None:
    """Turns of slots, and the submissions that come of them, until nobody waits for a slot."""
    while refs := jobs.admit(services.desk).submits:
        for ref in refs:
            jobs.submit(services.desk, ref.id)


@pytest.mark.parametrize("word", WORDS)
def test_a_held_stage_waits_for_days_and_is_not_stranded(
    word: str, database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock())
    in_the_way(services, film, word)
    hold_stage(services, film, Stage.CONTEXT, clock, word)
    for _ in range(40):
        clock.advance(3600)
        assert found(services) == []
        assert told(services, film) == (word, None, word)


@pytest.mark.parametrize("word", WORDS)
def test_held_jobs_wait_for_days_and_do_not_strand_their_film(
    word: str, database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    add_jobs(database, filming, 3)
    park(database, filming)
    in_the_way(services, filming, word)
    buy(services)
    for _ in range(40):
        clock.advance(3590)
        assert found(services) == []
        clock.advance(11)
        if word == "provider":
            edit(database, NO_CHECK, now=clock())
        let_go(services)
        buy(services)
        assert found(services) == []
        assert told(services, filming)[:2] == (word, None)
        assert {job.state for job in jobs_of(database, filming)} == {JobState.QUEUED}


def jobs_of(database: Database, film: Task) -> list[jobs.desk.Job]:
    with database.transaction() as tx:
        return job_rows.list_task_jobs(tx, film.id)


def test_a_held_picture_beside_those_that_are_made_is_told_and_the_film_waits_for_its_pictures(
    database: Database, services: Services, filming: Task,
) -> None:
    made = add_jobs(database, filming, 2)
    park(database, filming)
    bring_to(database, made[0], "running")
    hold_job(services, find_job(database, made[1].id), "budget")
    assert told(services, filming) == ("pictures", None, "budget")
    edit(database, "UPDATE jobs SET state = 'settled', outcome = 'done' WHERE shot = 1")
    assert told(services, filming) == ("budget", None, "budget")


def test_what_passes_by_itself_is_told_before_what_is_held(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    made = add_jobs(database, filming, 2)
    park(database, filming)
    refused = bring_to(database, made[0], "submitting")
    hold_job(services, find_job(database, made[1].id), "budget")
    again = clock() + timedelta(seconds=4)
    with database.transaction() as tx:
        job_rows.requeue_job(tx, refused, {"status": 503}, again, refused=True)
    assert told(services, filming) == ("provider", again.isoformat(timespec="milliseconds")[:-6] + "Z", "budget")


def test_of_two_reasons_the_switch_is_told_and_waited_for(
    database: Database, services: Services, filming: Task,
) -> None:
    first, second = add_jobs(database, filming, 2)
    park(database, filming)
    admit_all(database)
    hold_job(services, find_job(database, first.id), "budget", "0.01")
    hold_job(services, find_job(database, second.id), "spending", "9")
    assert told(services, filming) == ("spending", None, "spending")


def test_jobs_that_wait_for_a_paused_provider_are_not_expected_to_be_sent(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """Also one that was put off before, whose next try would ask nobody."""
    made = add_jobs(database, filming, 2)
    park(database, filming)
    refused = bring_to(database, made[0], "submitting")
    edit(database, "UPDATE jobs SET state = 'queued' WHERE state = 'admitted'")
    with database.transaction() as tx:
        job_rows.requeue_job(tx, refused, {"status": 429}, clock() + timedelta(hours=9), refused=True)
    in_the_way(services, filming, "provider")
    assert told(services, filming) == ("provider", None, None)
    clock.advance(20 * STRANDED)
    buy(services)
    assert found(services) == []
    assert told(services, filming) == ("provider", None, None)
    out_of_the_way(services, filming, "provider")
    edit(database, "UPDATE jobs SET next_try_at = %(now)s", now=clock())
    clock.advance(119)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_admitted")]


def test_what_a_locked_account_does_not_tell_of_waits_for_it_and_is_not_overdue(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """It was bought, and is read when the account is good again."""
    job = bring_to(database, add_jobs(database, filming)[0], "running")
    park(database, filming)
    clock.advance(10 * 3600)
    soon = clock() + timedelta(seconds=60)
    with database.transaction() as tx:
        looks.look_later(tx, find_job(database, job.id), clock(), soon, {"code": "provider_balance"})
    assert found(services) == []
    assert told(services, filming) == ("provider", None, None)
    with database.transaction() as tx:
        looks.look_later(tx, find_job(database, job.id), clock(), soon, None)
    assert found(services) == [(filming.id, Stage.VISUAL, "overdue")]
    assert told(services, filming) == ("pictures", None, None)


@pytest.mark.parametrize("word", WORDS)
def test_a_stage_that_was_let_go_after_days_has_the_time_of_any_other(
    word: str, database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock())
    in_the_way(services, film, word)
    hold_stage(services, film, Stage.CONTEXT, clock, word)
    clock.advance(40 * 3600)
    out_of_the_way(services, film, word)
    assert let_go(services).rings == [(film.id, Stage.CONTEXT)]
    assert told(services, film) == ("worker", None, None)
    clock.advance(STRANDED - 1)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker")]
    claim(database, film, Stage.CONTEXT, clock)
    assert found(services) == []
    assert told(services, film) == (None, None, None)


def test_a_stage_that_tries_an_empty_account_has_the_time_of_any_other(
    database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock())
    hold_stage(services, film, Stage.CONTEXT, clock, "provider")
    clock.advance(40 * 3600)
    with database.transaction() as tx:
        assert holds.probe_stage(tx, "kie", clock()) == (film.id, Stage.CONTEXT)
    assert found(services) == []
    clock.advance(STRANDED + 1)
    assert found(services) == [(film.id, Stage.CONTEXT, "no_worker")]


@pytest.mark.parametrize("word", WORDS)
def test_jobs_that_were_let_go_are_expected_to_be_sent(
    word: str, database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    job = add_jobs(database, filming)[0]
    park(database, filming)
    admit_all(database)
    in_the_way(services, filming, word)
    hold_job(services, find_job(database, job.id), word)
    clock.advance(1800)
    out_of_the_way(services, filming, word)
    let_go(services)
    assert told(services, filming) == ("slot", None, None)
    clock.advance(119)
    assert found(services) == []
    clock.advance(2)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_admitted")]


def test_the_job_that_tries_an_empty_account_is_expected_to_be_sent(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    job = add_jobs(database, filming)[0]
    park(database, filming)
    admit_all(database)
    in_the_way(services, filming, "provider")
    hold_job(services, find_job(database, job.id), "provider")
    clock.advance(60)
    with database.transaction() as tx:
        probe = holds.admit_probe(tx, "kie", clock())
    assert probe is not None
    assert told(services, filming) == ("worker", None, None)
    clock.advance(121)
    assert found(services) == [(filming.id, Stage.VISUAL, "not_submitted")]


def test_what_was_put_off_after_it_was_let_go_is_held_no_more(
    database: Database, services: Services, filming: Task, clock: Clock,
) -> None:
    """Refused before its intent was written, as where a picture could not be lent."""
    job = add_jobs(database, filming)[0]
    park(database, filming)
    admit_all(database)
    hold_job(services, find_job(database, job.id), "budget")
    edit(database, "UPDATE jobs SET state = 'admitted'")
    again = clock() + timedelta(seconds=8)
    with database.transaction() as tx:
        job_rows.put_off_job(tx, find_job(database, job.id), {"code": "provider_unavailable"}, again, counted=True,
                             state=JobState.ADMITTED)
    assert told(services, filming) == ("provider", again.isoformat(timespec="milliseconds")[:-6] + "Z", None)


def test_a_film_that_has_waited_to_its_bound_ends_and_is_watched_no_more(
    database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock())
    in_the_way(services, film, "budget")
    hold_stage(services, film, Stage.CONTEXT, clock, "budget")
    clock.advance(48 * 3600 + 60)
    edit(database, "UPDATE stage_runs SET held = held - 'again' WHERE held IS NOT NULL")
    let_go(services)
    assert found(services) == []
    assert stage_row(database, film.id, Stage.CONTEXT)["state"] == "failed"
    assert told(services, film) == (None, None, None)

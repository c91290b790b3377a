"""`waitingFor`: one word for what an unfinished film waits for at this moment, and when it is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import JobKind, Stage, Task
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import looks
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Clock, Shared, add_film, add_jobs, bring_to, park
from tests.integration.standing import claim, edit, watching


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def film(database: Database, clock: Clock) -> Task:
    """A film that has come to its pictures."""
    return add_film(database, clock(), first=Stage.VISUAL)


def waits(services: Services, film: Task) -> tuple[str | None, str | None]:
    """As a caller of the status reads it."""
    body = create_app(services, "redis://127.0.0.1:1/0").test_client().get(f"/api/orchestrator/status/{film.id}").json
    return body["waitingFor"], body["retryAt"]


def seconds_after(noon: datetime, seconds: float) -> str:
    return (noon + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_ready_stage_waits_for_a_worker_and_a_running_one_for_nothing(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    assert waits(services, film) == ("worker", None)
    claim(database, film, Stage.VISUAL, clock)
    assert waits(services, film) == (None, None)
    clock.advance(31)
    assert waits(services, film) == ("worker", None)


def test_a_film_that_ended_waits_for_nothing(database: Database, services: Services, film: Task) -> None:
    edit(database, "UPDATE tasks SET status = 'partial'")
    assert waits(services, film) == (None, None)


@pytest.mark.parametrize(("kind", "state", "word"), [
    (JobKind.PICTURE, "queued", "slot"), (JobKind.PICTURE, "admitted", "worker"),
    (JobKind.PICTURE, "submitting", "pictures"), (JobKind.PICTURE, "running", "pictures"),
    (JobKind.PICTURE, "rendered", "copy"), (JobKind.PICTURE, "unknown", "unknownPurchase"),
    (JobKind.CLIP, "running", "clips")])
def test_a_parked_stage_waits_for_what_its_jobs_wait_for(
    kind: JobKind, state: str, word: str, database: Database, services: Services, clock: Clock,
) -> None:
    film = add_film(database, clock(), first=Stage.VIDEO if kind is JobKind.CLIP else Stage.VISUAL)
    job = add_jobs(database, film, 1, kind)[0]
    park(database, film, kind)
    if state != "queued":
        bring_to(database, job, state)
    assert waits(services, film) == (word, None)


def test_what_is_being_made_comes_before_what_waits_and_a_lost_answer_comes_last(
    database: Database, services: Services, film: Task,
) -> None:
    jobs = add_jobs(database, film, 2)
    park(database, film)
    bring_to(database, jobs[0], "unknown")
    edit(database, "UPDATE jobs SET state = 'queued' WHERE state = 'admitted'")
    assert waits(services, film)[0] == "slot"
    bring_to(database, jobs[1], "running")
    assert waits(services, film)[0] == "pictures"


def test_a_refused_request_waits_for_the_provider_until_its_next_try(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    job = bring_to(database, add_jobs(database, film)[0], "submitting")
    park(database, film)
    with database.transaction() as tx:
        job_rows.requeue_job(tx, job, {"status": 503}, clock() + timedelta(seconds=4), refused=True)
    assert waits(services, film) == ("provider", seconds_after(NOON, 4))
    clock.advance(4)
    assert waits(services, film) == ("slot", None)


def test_too_many_requests_of_another_film_hold_this_one_too(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    other = add_film(database, clock(), "another", first=Stage.VISUAL)
    refused = bring_to(database, add_jobs(database, other, words="other")[0], "submitting")
    add_jobs(database, film)
    park(database, film)
    with database.transaction() as tx:
        job_rows.requeue_job(tx, refused, {"status": 429}, clock() + timedelta(seconds=20), refused=True)
    assert waits(services, film) == ("provider", seconds_after(NOON, 20))


def test_a_result_whose_copying_failed_says_when_it_is_tried_again(
    database: Database, services: Services, film: Task, clock: Clock,
) -> None:
    job = bring_to(database, add_jobs(database, film)[0], "rendered")
    park(database, film)
    with database.transaction() as tx:
        begun = looks.begin_fetch(tx, job.id, clock() + timedelta(seconds=60))
    assert begun is not None
    assert waits(services, film) == ("copy", None)
    with database.transaction() as tx:
        looks.look_later(tx, begun, clock(), clock() + timedelta(seconds=8), {"code": "media_unavailable"})
        tx.run("UPDATE jobs SET fetching = false")
    assert waits(services, film) == ("copy", seconds_after(NOON, 8))


def test_what_the_sweep_must_mend_waits_for_the_sweep(database: Database, services: Services, film: Task) -> None:
    park(database, film)
    assert waits(services, film) == ("sweep", None)
    edit(database, "DELETE FROM stage_runs WHERE stage = 'visual'")
    assert waits(services, film) == ("sweep", None)

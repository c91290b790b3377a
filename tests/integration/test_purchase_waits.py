"""What is not bought yet waits in its row: pauses of the provider's account, and pictures that cannot be lent now."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.media.storage import new_key
from aida_orchestrator.model import Job, JobKind, JobState, Outcome, Stage
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, add_jobs, find_job, park
from tests.harness import Sandbox
from tests.integration.purchase import fault, posts, send, waited_for

LENT = {"code": 200, "data": {"downloadUrl": "https://t.example/look.png"}}
UPLOAD = "/api/file-stream-upload"


@pytest.fixture
def job(database: Database) -> Job:
    return waited_for(database)


def wait_of(desk: Desk, job_id: str, clock: Clock) -> float:
    """For how many seconds from now the job waits in its row."""
    with desk.db.transaction() as tx:
        row = tx.one("SELECT next_try_at FROM jobs WHERE id = %(id)s", id=job_id)
    assert row is not None
    return float((row["next_try_at"] - clock()).total_seconds())


@pytest.mark.parametrize(("asked", "waits"), [(0, 10), (45, 45), (61, 61), (3600, 600)])
def test_a_pause_is_as_long_as_the_provider_asks_within_bounds(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, asked: int, waits: int,
) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=429, retryAfter=asked, times=1)
    kept = send(desk, job.id)
    assert (kept.state, kept.refusals, wait_of(desk, job.id, clock)) == (JobState.QUEUED, 0, waits)
    clock.advance(waits - 0.1)
    assert jobs.admit(desk).submits == []
    clock.advance(10)
    assert send(desk, job.id).state is JobState.RUNNING
    assert posts(sandbox) == 2


def test_a_refusal_that_asks_for_no_wait_is_not_repeated_at_once(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=500, retryAfter=0, times=None)
    for wait in (1, 2, 4):
        assert send(desk, job.id).state is JobState.QUEUED
        assert wait_of(desk, job.id, clock) == wait
        clock.advance(12)


@pytest.mark.parametrize("status", [429, 455])
def test_a_pause_outlasts_the_few_refusals_and_ends_in_one_purchase(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, status: int,
) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=status, times=12)
    for _ in range(12):
        assert send(desk, job.id).state is JobState.QUEUED
        clock.advance(max(12, wait_of(desk, job.id, clock)))
    assert send(desk, job.id).state is JobState.RUNNING
    assert len(sandbox.sold("kie")) == 1


@pytest.mark.parametrize("status", [429, 455])
def test_a_pause_that_does_not_end_ends_the_job_when_it_should_have_been_made(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, status: int,
) -> None:
    desk = make_desk(picture_deadline_seconds=900)
    fault(sandbox, "status", status=status, times=None)
    began = clock()
    while send(desk, job.id).state is JobState.QUEUED:
        assert (clock() - began).total_seconds() < 900
        clock.advance(max(12, wait_of(desk, job.id, clock)))
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.FAILED, "provider_unavailable")
    assert f"({status}): it said so" in (kept.error or {})["message"]
    assert 900 <= (clock() - began).total_seconds() < 1000
    assert sandbox.sold("kie") == []


def test_a_job_that_waited_long_for_its_turn_is_asked_for_as_often_as_any(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    clock.advance(24 * 3600)
    fault(sandbox, "status", status=429, times=3)
    for _ in range(3):
        assert send(desk, job.id).state is JobState.QUEUED
        clock.advance(max(12, wait_of(desk, job.id, clock)))
    assert send(desk, job.id).state is JobState.RUNNING


@pytest.fixture
def lender(httpserver: HTTPServer) -> Callable[..., None]:
    """Answer the next uploads like this: a status, and a body where it is not that of a picture taken."""
    def answer(*statuses: int) -> None:
        for status in statuses:
            httpserver.expect_ordered_request(UPLOAD).respond_with_data(
                json.dumps(LENT if status == 200 else {"code": status, "msg": "not now"}), status=status)
    return answer


def goes_by(desk: Desk, database: Database, count: int = 1) -> list[Job]:
    """Queued pictures that go by one picture of ours, at an address that nobody but us reaches."""
    task = add_film(database, first=Stage.VISUAL)
    made = add_jobs(database, task, count)
    park(database, task)
    key = new_key(task.project_id, "upload", 0, "png")
    with desk.storage.scratch() as scratch:
        (scratch / "look").write_bytes(b"PNG")
        desk.storage.put(key, scratch / "look")
    with database.transaction() as tx:
        tx.run("UPDATE jobs SET request = request || jsonb_build_object('use', 'style', 'picture_keys', "
               "jsonb_build_array(%(key)s::text))", key=key)
    return made


def lent(httpserver: HTTPServer) -> int:
    return sum(request.path == UPLOAD for request, _ in httpserver.log)


def test_one_picture_is_lent_once_for_all_shots(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, httpserver: HTTPServer,
    lender: Callable[..., None],
) -> None:
    desk = make_desk(kie_upload_url=httpserver.url_for("").rstrip("/"))
    lender(200)
    for one in goes_by(desk, database, 3):
        assert send(desk, one.id).state is JobState.RUNNING
    assert {tuple(line["request"]["fileUrls"]) for line in sandbox.sold("kie")} == {("https://t.example/look.png",)}
    assert (len(sandbox.sold("kie")), lent(httpserver)) == (3, 1)


@pytest.mark.parametrize(("status", "refusals"), [(503, 1), (429, 0)])
def test_a_picture_that_cannot_be_lent_now_waits_in_its_row_and_is_bought_once(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, httpserver: HTTPServer,
    lender: Callable[..., None], status: int, refusals: int,
) -> None:
    desk = make_desk(kie_upload_url=httpserver.url_for("").rstrip("/"))
    lender(status, 200)
    one, two = goes_by(desk, database, 2)
    kept = send(desk, one.id)
    assert (kept.state, kept.refusals, kept.attempt) == (JobState.QUEUED, refusals, 0)
    assert (lent(httpserver), posts(sandbox)) == (1, 0)
    clock.advance(12)
    assert send(desk, one.id).state is JobState.RUNNING
    assert send(desk, two.id).state is JobState.RUNNING
    assert len(sandbox.sold("kie")) == 2


def test_an_upload_that_says_not_now_holds_no_other_order_up(
    make_desk: Callable[..., Desk], database: Database, httpserver: HTTPServer, lender: Callable[..., None],
) -> None:
    desk = make_desk(kie_upload_url=httpserver.url_for("").rstrip("/"))
    lender(429)
    (one,) = goes_by(desk, database)
    assert send(desk, one.id).state is JobState.QUEUED
    assert send(desk, waited_for(database).id).state is JobState.RUNNING


@pytest.mark.parametrize(("statuses", "code"), [((503,) * 4, "provider_unavailable"), ((401,), "provider_auth")])
def test_a_picture_that_can_never_be_lent_ends_its_job_and_nothing_is_bought(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, httpserver: HTTPServer,
    lender: Callable[..., None], statuses: tuple[int, ...], code: str,
) -> None:
    desk = make_desk(kie_upload_url=httpserver.url_for("").rstrip("/"))
    lender(*statuses)
    (one,) = goes_by(desk, database)
    for _ in statuses:
        kept: Any = send(desk, one.id)
        clock.advance(12)
    assert (kept.outcome, kept.error["code"], posts(sandbox)) == (Outcome.FAILED, code, 0)


def test_a_film_cancelled_while_its_picture_is_lent_is_not_queued_again(
    make_desk: Callable[..., Desk], database: Database, httpserver: HTTPServer, lender: Callable[..., None],
) -> None:
    desk = make_desk(kie_upload_url=httpserver.url_for("").rstrip("/"))
    lender(503)
    (one,) = goes_by(desk, database)
    jobs.admit(desk, [JobKind.PICTURE])
    with database.transaction() as tx:
        tx.run("UPDATE tasks SET cancel_asked_at = now() WHERE id = %(id)s", id=one.task_id)
    jobs.submit(desk, one.id)
    assert find_job(database, one.id).state is JobState.CANCELLED

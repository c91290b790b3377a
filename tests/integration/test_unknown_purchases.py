"""A person settles an unknown purchase: what was bought is fetched, what was not is sent once more, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.media.storage import new_key
from aida_orchestrator.model import Job, JobKind, JobState, Outcome, RunState, Stage, TaskStatus
from aida_orchestrator.pipeline import commands, runner
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import runs
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Broker, Clock, Shared, broker_in_memory, find_job, find_task, stage_row
from tests.harness import Sandbox
from tests.integration.doubtful import Place, end, film_with, lose, place_maker

KINDS = [JobKind.PICTURE, JobKind.CLIP]
PROVIDER = {JobKind.PICTURE: "kie", JobKind.CLIP: "fal"}
STAGE = {JobKind.PICTURE: Stage.VISUAL, JobKind.CLIP: Stage.VIDEO}


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


@pytest.fixture
def make_place(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Place]:
    return place_maker(shared.dsn, sandbox, tmp_path, clock)


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    return make_place()


def sold(place: Place, job: Job) -> list[str]:
    """The provider's ids of everything it sold for this job's prompt."""
    return [line["id"] for line in place.sandbox.sold(job.provider) if job.request["prompt"] in str(line["request"])]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_bought_is_fetched_charged_once_and_the_film_goes_on(place: Place, broker: Broker, kind: JobKind) -> None:
    task, (job,) = film_with(place, kind=kind)
    lose(place, job)
    end(place, task)
    (bought,) = sold(place, job)
    code, said = place.ask(job.id, bought)
    assert (code, said["bought"], said["state"], said["filmGoesOn"]) == (200, bought, "running", True)
    assert find_task(place.database, task.id).status is TaskStatus.QUEUED
    assert f"film.{STAGE[kind]}" in broker.names()
    assert place.ask(job.id, bought) == (200, said)
    done = place.finish(job.id)
    assert (done.outcome, done.provider_id) == (Outcome.DONE, bought)
    assert place.ask(job.id, bought) == (200, said)
    assert (place.posts(PROVIDER[kind]), place.charges()) == (1, 1)
    (event,) = place.events(task.id, "job_resolved")
    assert (event["jobId"], event["bought"]) == (job.id, bought)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_bought_is_sent_once_more_and_the_film_goes_on(place: Place, broker: Broker, kind: JobKind) -> None:
    task, (job,) = film_with(place, kind=kind)
    lost = lose(place, job, "reset")
    end(place, task, TaskStatus.PARTIAL if kind is JobKind.CLIP else TaskStatus.FAILED)
    code, said = place.ask(job.id, False)
    assert (code, said["bought"], said["state"], said["filmGoesOn"]) == (200, False, "queued", True)
    assert find_task(place.database, task.id).status is TaskStatus.QUEUED
    assert broker.names()[0] == f"film.{STAGE[kind]}"
    assert place.ask(job.id, False) == (200, said)
    sent = place.send(job.id)
    assert (sent.state, sent.attempt) == (JobState.RUNNING, lost.attempt + 1)
    assert place.ask(job.id, False) == (200, said)
    assert place.finish(job.id).outcome is Outcome.DONE
    assert len(sold(place, job)) == 1
    assert place.charges() == 1
    assert [event["bought"] for event in place.events(task.id, "job_resolved")] == [False]


def test_the_other_word_afterwards_is_refused_and_changes_nothing(place: Place) -> None:
    task, (job,) = film_with(place)
    lose(place, job)
    end(place, task)
    (bought,) = sold(place, job)
    assert place.ask(job.id, bought)[0] == 200
    for other in (False, "another-id"):
        code, problem = place.ask(job.id, other)
        assert (code, problem["code"]) == (409, "conflict")
        assert "running" in problem["detail"]
        assert bought in problem["detail"]
    assert find_job(place.database, job.id).provider_id == bought
    assert len(place.events(task.id, "job_resolved")) == 1


def test_two_people_at_once_settle_it_once(place: Place) -> None:
    task, (job,) = film_with(place)
    lose(place, job, "reset")
    end(place, task)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: place.ask(job.id, False), range(4)))
    assert [code for code, _ in answers] == [200] * 4
    assert len({str(said) for _, said in answers}) == 1
    assert len(place.events(task.id, "job_resolved")) == len(place.events(task.id, "task_retried")) == 1


def test_while_it_is_still_waited_for_a_person_may_already_say_it(make_place: Callable[..., Place], broker: Broker) -> None:
    place = make_place(public_url="http://127.0.0.1:9")
    task, (one, two) = film_with(place, 2)
    lose(place, one, held=False)
    lose(place, two, "reset", held=False)
    (bought,) = sold(place, one)
    assert place.ask(one.id, bought)[1]["filmGoesOn"]
    assert place.ask(two.id, False)[1]["state"] == "queued"
    assert find_task(place.database, task.id).status in (TaskStatus.QUEUED, TaskStatus.PROCESSING)
    assert "film.visual" not in broker.names()
    assert place.finish(one.id).outcome is Outcome.DONE
    assert stage_row(place.database, task.id, Stage.VISUAL)["state"] == RunState.PARKED
    place.send(two.id)
    place.finish(two.id)
    assert stage_row(place.database, task.id, Stage.VISUAL)["state"] == RunState.READY
    assert len(place.sandbox.sold("kie")) == 2


def test_only_this_job_is_settled_the_films_other_lost_ones_stay_lost(place: Place) -> None:
    task, (one, two, three) = film_with(place, 3)
    lose(place, one)
    lose(place, two, "reset")
    failed = place.send(three.id)
    settle(place.services.desk, failed, Outcome.FAILED, error={"code": "x"}, from_states=[JobState.RUNNING])
    end(place, task)
    assert place.ask(two.id, False)[0] == 200
    states = [find_job(place.database, job.id) for job in (one, two, three)]
    assert [states[0].outcome, states[2].outcome] == [Outcome.LOST, Outcome.FAILED]
    assert states[1].state in (JobState.QUEUED, JobState.ADMITTED)
    with place.database.transaction() as tx:  # what failed is asked for anew by the stage
        assert [job.id for job in job_rows.list_task_jobs(tx, task.id)] == [one.id, two.id]
    assert [line["jobId"] for line in place.status(task.id)["unknownPurchases"]] == [one.id]


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_the_provider_does_not_know_is_refused(place: Place, kind: JobKind) -> None:
    task, (job,) = film_with(place, kind=kind)
    before = lose(place, job)
    end(place, task)
    code, problem = place.ask(job.id, "0123456789abcdef")
    assert (code, problem["code"]) == (409, "conflict")
    assert "knows no request" in problem["detail"]
    assert find_job(place.database, job.id) == before
    assert find_task(place.database, task.id).status is TaskStatus.FAILED
    assert place.events(task.id, "job_resolved") == []


@pytest.mark.parametrize(("kind", "fault"), [
    (JobKind.PICTURE, {"fault": "status", "status": 429}), (JobKind.PICTURE, {"fault": "reset"}),
    (JobKind.PICTURE, {"fault": "status", "status": 401}), (JobKind.CLIP, {"fault": "status", "status": 500}),
    (JobKind.CLIP, {"fault": "malformed"})])
def test_an_id_that_cannot_be_read_back_now_is_neither_believed_nor_refused(
    place: Place, kind: JobKind, fault: dict[str, Any],
) -> None:
    task, (job,) = film_with(place, kind=kind)
    before = lose(place, job)
    end(place, task)
    (bought,) = sold(place, job)
    place.sandbox.fault({"provider": PROVIDER[kind], "operation": "poll", "match": bought, "times": 1, **fault})
    answer = place.client.post(f"/api/orchestrator/jobs/{job.id}/resolve", json={"bought": bought})
    assert (answer.status_code, answer.get_json(force=True)["retryable"]) == (503, True)
    assert int(answer.headers["Retry-After"]) >= 1
    assert find_job(place.database, job.id) == before
    assert place.ask(job.id, bought)[0] == 200


def test_a_clip_whose_result_fails_there_is_known_there(place: Place) -> None:
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    lose(place, job)
    end(place, task)
    (bought,) = sold(place, job)
    place.sandbox.fault({"provider": "fal", "operation": "result", "fault": "status", "status": 503, "times": 1,
                         "body": {"detail": "x", "error_type": "runner_server_error"}})
    assert place.ask(job.id, bought)[0] == 200


def test_one_purchase_cannot_be_two_jobs(place: Place) -> None:
    _, (ours,) = film_with(place, words="the same words")
    running = place.send(ours.id)
    task, (job,) = film_with(place, words="the same words")
    lose(place, job)
    end(place, task)
    code, problem = place.ask(job.id, running.provider_id)
    assert code == 409
    assert ours.id in problem["detail"]
    assert find_job(place.database, job.id).outcome is Outcome.LOST


def test_a_picture_of_another_prompt_is_refused(place: Place) -> None:
    task, (mine, other) = film_with(place, 2)
    lose(place, mine)
    lose(place, other)
    end(place, task)
    code, problem = place.ask(mine.id, sold(place, other)[0])
    assert code == 409
    assert "another request" in problem["detail"]
    assert find_job(place.database, mine.id).outcome is Outcome.LOST


def test_a_picture_whose_callback_address_is_another_jobs_is_refused_though_the_prompt_is_the_same(
    make_place: Callable[..., Place],
) -> None:
    place = make_place(public_url="http://127.0.0.1:9", unknown_wait_seconds=0)
    other_task, (other,) = film_with(place, words="the same words")
    lose(place, other)
    end(place, other_task)
    task, (mine,) = film_with(place, words="the same words")
    lose(place, mine)
    end(place, task)
    first, second = sold(place, mine)
    code, problem = place.ask(mine.id, first)
    assert code == 409
    assert other.id in problem["detail"]
    assert place.ask(mine.id, second)[0] == place.ask(other.id, first)[0] == 200


def test_for_a_cancelled_film_it_is_only_marked_and_nothing_is_sent(place: Place, broker: Broker) -> None:
    task, (job,) = film_with(place)
    lose(place, job, "reset")
    commands.cancel(place.services, TENANT, task.id)
    code, said = place.ask(job.id, False)
    assert (code, said["state"], said["filmGoesOn"]) == (200, "settled", False)
    assert place.ask(job.id, False) == (200, said)
    kept = place.send(job.id)
    assert (kept.state, kept.outcome, (kept.error or {})["code"]) == (JobState.SETTLED, Outcome.FAILED, "not_bought")
    assert (place.posts(), find_task(place.database, task.id).status) == (1, TaskStatus.CANCELLED)
    assert broker.sent == []
    commands.retry(place.services, TENANT, task.id)  # a person wants it after all
    assert runner.run(place.services, Stage.VISUAL, task.id).word == "parked"
    with place.database.transaction() as tx:
        (anew,) = job_rows.list_task_jobs(tx, task.id)
    assert place.send(anew.id).state is JobState.RUNNING


def test_what_was_bought_for_a_cancelled_film_is_fetched_and_kept(place: Place) -> None:
    task, (job,) = film_with(place)
    lose(place, job, held=False)
    commands.cancel(place.services, TENANT, task.id)
    code, said = place.ask(job.id, sold(place, job)[0])
    assert (code, said["filmGoesOn"]) == (200, False)
    assert place.finish(job.id).outcome is Outcome.DONE
    assert find_task(place.database, task.id).status is TaskStatus.CANCELLED


def test_a_film_that_a_newer_one_replaced_or_that_needs_nothing_more_is_left_alone(place: Place) -> None:
    old, (first,) = film_with(place)
    lose(place, first, "reset")
    end(place, old)
    newer, (second,) = film_with(place, project_id=old.project_id)
    assert place.ask(first.id, False)[1]["state"] == "settled"
    assert find_task(place.database, old.id).status is TaskStatus.FAILED
    lose(place, second, "reset")
    end(place, newer, TaskStatus.COMPLETED)  # a neighbour lent its picture
    assert place.ask(second.id, False)[1]["state"] == "settled"
    assert find_task(place.database, newer.id).status is TaskStatus.COMPLETED


def test_a_partial_film_does_not_go_on_for_a_picture_that_was_lent_long_ago(place: Place) -> None:
    task, (job,) = film_with(place)
    lose(place, job)
    end(place, task, TaskStatus.PARTIAL)
    assert place.ask(job.id, sold(place, job)[0])[1]["filmGoesOn"] is False
    assert find_task(place.database, task.id).status is TaskStatus.PARTIAL
    assert place.finish(job.id).outcome is Outcome.DONE


def test_a_film_that_is_being_put_together_at_this_moment_is_not_changed_under_its_hands(place: Place) -> None:
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    lose(place, job, "reset")
    with place.database.transaction() as tx:
        claim = runs.claim_stage(tx, task.id, Stage.VIDEO, "test", timedelta(seconds=30), place.clock())
    assert claim
    code, problem = place.ask(job.id, False)
    assert code == 409
    assert "once more" in problem["detail"]
    assert find_job(place.database, job.id).outcome is Outcome.LOST
    with place.database.transaction() as tx:
        runs.leave_stage(tx, claim, RunState.PARKED, place.clock())
    assert place.ask(job.id, False)[0] == 200


def test_a_job_that_is_not_in_doubt_says_how_it_stands(place: Place) -> None:
    _, (job,) = film_with(place)
    assert "queued" in place.ask(job.id, False)[1]["detail"]
    running = place.send(job.id)
    code, problem = place.ask(job.id, running.provider_id)
    assert (code, problem["code"]) == (409, "conflict")
    assert "running" in problem["detail"]
    assert place.ask("job_none", False)[0] == 404
    assert place.client.post("/api/orchestrator/jobs/a%00b/resolve", json={"bought": False}).status_code == 404


@pytest.mark.parametrize("body", [
    b"{}", b'{"bought": true}', b'{"bought": ""}', b'{"bought": "  "}', b'{"bought": 0}', b'{"bought": null}',
    b'{"bought": "a b"}', b'{"bought": "a\\u0000"}', b'{"bought": ["x"]}', b'{"bought": false, "more": 1}',
    b'{"bought": "' + b"x" * 201 + b'"}', b"[]"])
def test_a_word_must_be_an_id_or_false(place: Place, body: bytes) -> None:
    _, (job,) = film_with(place)
    lose(place, job, "reset")
    address = f"/api/orchestrator/jobs/{job.id}/resolve"
    answer = place.client.post(address, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert place.client.post(address, data=b"{", content_type="application/json").status_code == 400
    assert find_job(place.database, job.id).outcome is Outcome.LOST


def test_a_resolution_stands_in_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    task, (job,) = film_with(place)
    lose(place, job, "reset")
    end(place, task)
    with caplog.at_level("INFO"):
        place.ask(job.id, False)
    (line,) = [vars(record) for record in caplog.records if "jobState" in vars(record)]
    assert (line["taskId"], line["jobId"], line["resolution"]) == (task.id, job.id, "not_bought")


def test_a_picture_that_goes_by_one_of_ours_can_be_named_as_bought_where_nobody_reaches_us(place: Place) -> None:
    task, (job, other) = film_with(place, 2)
    key = new_key(task.project_id, "upload", 0, "png")
    with place.services.storage.scratch() as scratch:
        (scratch / "look").write_bytes(b"PNG")
        place.services.storage.put(key, scratch / "look")
    with place.database.transaction() as tx:
        tx.run("UPDATE jobs SET request = request || jsonb_build_object('use', 'subject', 'picture_keys', "
               "jsonb_build_array(%(key)s::text))", key=key)
    lose(place, job)
    lose(place, other)
    end(place, task)
    lent = len(place.sandbox.requests("kie", "lend"))
    (bought,) = sold(place, job)
    code, problem = place.ask(other.id, bought)
    assert (code, "another request" in problem["detail"]) == (409, True)
    assert place.ask(job.id, bought)[1]["state"] == "running"
    assert len(place.sandbox.requests("kie", "lend")) == lent
    assert place.finish(job.id).outcome is Outcome.DONE

"""What an operator is shown: open jobs, those in doubt and what to do, and the same in the status of a film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.model import JobKind, TaskStatus
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Broker, Clock, Shared, broker_in_memory
from tests.harness import Sandbox
from tests.integration.doubtful import Place, end, film_with, lose, place_maker


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


@pytest.fixture
def make_place(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Place]:
    return place_maker(shared.dsn, sandbox, tmp_path, clock)


def ids(body: dict[str, Any]) -> list[str]:
    return [job["jobId"] for job in body["jobs"]]


def test_a_held_job_is_shown_with_everything_a_person_needs_to_find_it(make_place: Callable[..., Place]) -> None:
    place = make_place()
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    with place.database.transaction() as tx:
        tx.run("UPDATE jobs SET request = request || jsonb_build_object('prompt', repeat('x', 300))")
    lose(place, job)
    (shown,) = place.listed(unknown="true")["jobs"]
    assert shown["prompt"] == "x" * 200
    assert {key: shown[key] for key in ("jobId", "taskId", "projectId", "userId", "shot", "kind", "provider", "state",
                                        "outcome", "heldForPerson", "providerId", "attempt")} == {
        "jobId": job.id, "taskId": task.id, "projectId": task.project_id, "userId": "u1", "shot": 1, "kind": "clip",
        "provider": "fal", "state": "settled", "outcome": "lost", "heldForPerson": True, "providerId": None, "attempt": 1}
    assert shown["endpoint"].startswith("fal-ai/kling-video")
    assert shown["error"]["code"] == "outcome_unknown"
    assert set(shown["error"]) <= {"code", "message", "provider", "status", "component", "retryable", "whoMustAct",
                                   "nextStep"}, "what the provider said is not told"
    assert shown["sentAt"].endswith("Z")
    for words in ("https://fal.ai/dashboard", shown["sentAt"], f"aida jobs resolve {job.id} --bought", "--not-bought"):
        assert words in shown["whatToDo"]


def test_unknown_lists_what_is_waited_for_and_what_is_held_the_rest_lists_what_is_open(
    make_place: Callable[..., Place],
) -> None:
    place = make_place(public_url="http://127.0.0.1:9")
    _, (held, waiting, queued) = film_with(place, 3)
    lose(place, held)
    lose(place, waiting, held=False)
    body = place.listed(unknown="true")
    assert ids(body) == [held.id, waiting.id]
    assert [job["heldForPerson"] for job in body["jobs"]] == [True, False]
    assert "https://kie.ai/logs" in body["jobs"][1]["whatToDo"]
    assert ids(place.listed(unknown="true", state="unknown")) == [waiting.id]
    everything = place.listed()
    assert ids(everything) == [waiting.id, queued.id]
    assert everything["jobs"][1]["whatToDo"] is everything["jobs"][1]["error"] is None
    assert ids(place.listed(state="settled")) == [held.id]
    assert ids(place.listed(unknown="false")) == ids(everything)


def test_jobs_can_be_listed_by_film_and_by_provider(make_place: Callable[..., Place]) -> None:
    place = make_place()
    one, (picture,) = film_with(place)
    two, (clip,) = film_with(place, kind=JobKind.CLIP)
    assert ids(place.listed(taskId=one.id)) == ids(place.listed(provider="kie")) == [picture.id]
    assert ids(place.listed(taskId=two.id)) == ids(place.listed(provider="fal")) == [clip.id]
    assert ids(place.listed(taskId=one.id, provider="fal")) == ids(place.listed(taskId="none")) == []
    assert TENANT == "default"
    with place.database.transaction() as tx:
        tx.run("UPDATE jobs SET tenant_id = 'another'")
    assert ids(place.listed()) == []
    assert place.ask(picture.id, False)[0] == 404


@pytest.mark.parametrize("unknown", ["true", "false"])
def test_pages_follow_each_other_without_gaps(make_place: Callable[..., Place], unknown: str) -> None:
    place = make_place()
    _, made = film_with(place, 5)
    if unknown == "true":
        with place.database.transaction() as tx:
            tx.run("UPDATE jobs SET state = 'unknown'")
    seen, cursor, pages = [], None, 0
    while True:
        body = place.listed(limit=2, unknown=unknown, **({"cursor": cursor} if cursor else {}))
        seen += ids(body)
        cursor, pages = body["nextCursor"], pages + 1
        if cursor is None:
            break
    assert (seen, pages) == ([job.id for job in made], 3)
    assert place.listed(limit=5, unknown=unknown)["nextCursor"] is None


# The cursors hold: nothing usable, [], two parts instead of three, and a shot that no database could hold.
@pytest.mark.parametrize("query", [
    "unknown=maybe", "state=lost", "provider=openai", "limit=0", "limit=201", "limit=x", "limit=", "limit=%C2%B2",
    "task=task_1", "taskId=a%00b", "cursor=%E2%82%AC", "cursor=x", "cursor=W10", "cursor=WyIyMDI2LTAxLTAxIiwgIngiXQ",
    "cursor=WyIyMDI2LTAxLTAxVDAwOjAwWiIsIDFlOTksICJ4Il0"])
def test_a_wrong_parameter_is_said(make_place: Callable[..., Place], query: str) -> None:
    answer = make_place().client.get(f"/api/orchestrator/jobs?{query}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_the_status_of_a_film_names_its_unknown_purchases_and_what_to_do(make_place: Callable[..., Place]) -> None:
    place = make_place()
    task, (one, two) = film_with(place, 2, JobKind.CLIP)
    assert place.status(task.id)["unknownPurchases"] == []
    lose(place, one, "reset")
    place.finish(place.send(two.id).id)
    end(place, task, TaskStatus.PARTIAL)
    status = place.status(task.id)
    (purchase,) = status["unknownPurchases"]
    assert set(purchase) == {"jobId", "shot", "kind", "provider", "sentAt"}
    assert (purchase["jobId"], purchase["shot"], purchase["kind"], purchase["provider"]) == (one.id, 1, "clip", "fal")
    assert "aida jobs resolve" in status["error"]["nextStep"]
    assert "Retry." in status["error"]["nextStep"]
    assert place.ask(one.id, False)[0] == 200
    status = place.status(task.id)
    assert (status["unknownPurchases"], status["error"]) == ([], None)

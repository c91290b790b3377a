"""The story of a film: everything that happened and was paid, once, in order, however it is paged."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.jobs.telling import story_line
from aida_orchestrator.model import Component, JobKind, Task, Usage
from aida_orchestrator.pipeline import commands
from aida_orchestrator.store import tasks
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Broker, Shared, add_jobs
from tests.integration.studio import Studio, make_studio

API = "/api/orchestrator"


@pytest.fixture
def studio(shared: Shared, database: Database, tmp_path: Path, broker: Broker) -> Studio:
    return make_studio(shared.dsn, tmp_path)


def story(studio: Studio, task: Task, **asked: Any) -> dict[str, Any]:
    """One page."""
    answer = studio.client().get(f"{API}/tasks/{task.id}/events", query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def pages(studio: Studio, task: Task, limit: int) -> list[dict[str, Any]]:
    """All lines, page after page."""
    after, lines = None, []
    for _ in itertools.count():
        page = story(studio, task, limit=limit, **({"after": after} if after else {}))
        lines += page["events"]
        after = page["next"]
        if not page["more"]:
            return lines
    raise AssertionError


def test_a_films_story_is_told_from_its_request_to_its_end_in_words(studio: Studio) -> None:
    asked = studio.client().post(f"{API}/create-video", json={"userId": "u1", "message": "A film of 10 seconds about bread"},
                                 headers={"X-Request-Id": "req-from-afar"}).get_json()
    with studio.db.transaction() as tx:
        task = tasks.get_task(tx, asked["taskId"])
    studio.clock.advance(2)
    studio.finish(task)
    told = story(studio, task)
    words = [line["message"] for line in told["events"]]
    assert words[0] == "The film was asked for by request req-from-afar."
    assert words[-1] == "The film is finished."
    assert told["requestId"] == "req-from-afar"
    for expected in ("context begins.", "The orchestrator answered: 3,900 tokens.",
                     "visual waits for 2 pictures; no worker is held meanwhile.",
                     "The picture of shot 1 is there (1 of 2 settled).", "The clip of shot 2 is there (2 of 2 settled)."):
        assert expected in words
    assert any(line.startswith("storyboard is done after") for line in words)
    assert [line["number"] for line in told["events"]] == list(range(1, len(words) + 1))
    assert not told["more"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_bring_every_line_once_and_the_cost_grows_to_the_films(studio: Studio, limit: int) -> None:
    task = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    studio.finish(task)
    whole, paged = story(studio, task, limit=500)["events"], pages(studio, task, limit)
    assert paged == whole
    paid = [Decimal(str(line["dollars"])) for line in whole if line["kind"] == "paid"]
    assert len(paid) == 3  # three agents; the orders of pictures and clips are settled here without a provider
    assert Decimal(str(whole[-1]["costSoFar"])) == sum(paid)
    so_far = [line["costSoFar"] for line in whole]
    assert so_far == sorted(so_far)
    cost = studio.client().get(f"{API}/status/{task.id}").get_json()["cost"]
    assert cost["dollars"] == pytest.approx(whole[-1]["costSoFar"])


def test_what_comes_later_is_told_to_one_who_asks_again_from_where_he_was(studio: Studio) -> None:
    task = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    assert story(studio, task)["events"] == [], "what was written in this second may be out of order yet"
    studio.clock.advance(2)
    first = story(studio, task)
    assert [line["kind"] for line in first["events"]] == ["task_created"]
    assert (first["status"], first["more"]) == ("queued", False)
    nothing = story(studio, task, after=first["next"])
    assert (nothing["events"], nothing["next"]) == ([], first["next"])
    studio.finish(task)
    rest = story(studio, task, after=first["next"])
    assert [rest["events"][0]["number"], rest["events"][-1]["kind"]] == [2, "task_completed"]


def test_clocks_that_differ_never_hide_a_line(studio: Studio) -> None:
    task = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    with studio.db.transaction() as tx:
        tasks.add_event(tx, task.id, "stage_resumed", studio.clock.advance(60), reason="no_stage")
        tasks.add_event(tx, task.id, "stage_resumed", studio.clock.advance(-90), reason="no_jobs")
        studio.services.ledger.record(tx, task=task, component=Component.MEMORY, now=studio.clock(),
                                      usage=Usage("openai", "text-embedding-3-small", {"input_tokens": 10}))
    studio.clock.advance(3600)
    whole = story(studio, task)["events"]
    assert sorted(line["kind"] for line in whole) == ["paid", "stage_resumed", "stage_resumed", "task_created"]
    assert pages(studio, task, 1) == whole


def test_a_failed_film_says_why_and_who_must_act(studio: Studio) -> None:
    failed = studio.film(2, failing=[(JobKind.PICTURE, 1), (JobKind.PICTURE, 2)])
    last = story(studio, failed)["events"][-1]
    assert (last["kind"], last["error"]["code"], last["error"]["whoMustAct"]) == ("task_failed", "visual_failed", "you")
    assert "2 of 2 pictures could not be made" in last["message"]
    assert "refine" in last["error"]["nextStep"]
    one = next(line for line in story(studio, failed)["events"] if line["kind"] == "picture_failed")
    assert (one["shot"], one["error"]["code"], one["error"]["component"]) == (1, "provider_refused", "midjourney")
    assert one["jobId"].startswith("job_")


def test_what_was_made_simpler_is_told_with_its_reason(studio: Studio) -> None:
    studio.claude.away = True
    task = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    studio.finish(task)
    words = [line["message"] for line in story(studio, task)["events"]]
    simpler = "Simpler than asked: a template script from the message was used (Claude cannot take"
    assert any(simpler in line for line in words)
    shown = studio.client().get(f"{API}/status/{task.id}").get_json()["degraded"]
    unanswered = [one for one in shown if one["code"] == "provider_unavailable"]
    assert [(one["component"], one["whoMustAct"]) for one in unanswered] == [
        ("orchestrator", "provider"), ("writer", "provider"), ("director", "provider")]
    assert [(one["code"], one["component"]) for one in shown if one not in unanswered] == [("memory_unavailable", "memory")]


def test_trouble_of_a_job_is_a_line_of_its_film(studio: Studio) -> None:
    task = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    job = add_jobs(studio.db, task)[0]
    error = {"code": ProviderUnavailable.code, "message": "KIE.AI cannot take the request at the moment (429)",
             "provider": "kie", "said": "the provider's own words"}
    story_line(studio.services.desk, job, "job_put_off", error, again=4)
    story_line(studio.services.desk, job, "job_found", how="its callback")
    studio.clock.advance(2)
    off, found = story(studio, task)["events"][-2:]
    assert off["message"] == ("The picture of shot 1 was not taken and is asked for again in 4 s: KIE.AI cannot take the "
                              "request at the moment (429).")
    assert (off["error"]["component"], off["shot"], off["jobId"]) == ("midjourney", 1, job.id)
    assert "own words" not in str(off)
    assert found["message"] == "The picture of shot 1 turned out to have been taken, says its callback."


@pytest.mark.parametrize("query", ["after=7", "after=1.2", "after=-1.0.0", "limit=0", "limit=501", "limit=x", "page=2"])
def test_wrong_parameters_are_told(studio: Studio, query: str) -> None:
    task = studio.film(1)
    answer = studio.client().get(f"{API}/tasks/{task.id}/events?{query}")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, "invalid_value")


def test_another_films_story_is_not_there(studio: Studio) -> None:
    assert studio.client().get(f"{API}/tasks/task_none/events").status_code == 404

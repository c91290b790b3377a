"""What a film will cost, said before it is asked for: from price lists and history, at the door, and against the end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import cli
from aida_orchestrator.ledger import tokens as token_prices
from aida_orchestrator.ledger.forecasts import errors_of
from aida_orchestrator.model import Component, Stage, Task, TaskStatus, Usage
from aida_orchestrator.pipeline import forecast
from aida_orchestrator.store import tasks
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Broker, Clock, Shared, make_brief, make_storyboard
from tests.integration.films import House, build
from tests.integration.selling import BEGIN

PRO = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
TABLES = ("tasks", "projects", "charges", "events", "stage_runs", "jobs", "idempotency_keys")


def estimate(house: House, message: str = "A film about bread", user: str = "u1", expected: int = 200,
             **more: Any) -> dict[str, Any]:
    return house.ask("POST", "estimate", {"userId": user, "message": message, **more}, expected)


def end(house: House, task: Task, seconds: int, *, again: int = 0, dear: float = 1.0) -> None:
    """Let a film end: the documents it left, and what it was charged, `again` of its pictures and clips a second time."""
    shots, now = seconds // 5, house.clock.advance(60)
    with house.database.transaction() as tx:
        tasks.add_checkpoint(tx, task.id, Stage.CONTEXT, make_brief(duration_seconds=seconds).model_dump(mode="json"), now)
        tasks.add_checkpoint(tx, task.id, Stage.STORYBOARD, make_storyboard(shots).model_dump(mode="json"), now)
        charged: list[tuple[Component, Usage]] = [
            (component, Usage("anthropic", "claude-sonnet-5-5", {"input_tokens": round(300 * dear), "output_tokens": 500}))
            for component in (Component.ORCHESTRATOR, Component.WRITER, Component.DIRECTOR)]
        charged += [(Component.MIDJOURNEY, Usage("kie", "midjourney", {"tasks": 1}))] * (shots + again)
        charged += [(Component.KLING, Usage("fal", PRO, {"seconds": 5}))] * (shots + again)
        for component, usage in charged:
            house.services.ledger.record(tx, task=task, component=component, usage=usage, now=now)
        assert tasks.end_task(tx, task.id, TaskStatus.COMPLETED, now=now)


def test_an_estimate_names_its_range_its_parts_what_was_assumed_and_the_price_lists(house: House) -> None:
    told = estimate(house, "A 20 second film about bread")
    assert told["low"] <= told["expected"] <= told["high"]
    assert told["unknown"] is False
    assert set(told["byComponent"]) == {component.value for component in Component}
    assert told["byComponent"]["kling"]["expected"] == pytest.approx(20 * 0.07)
    assert told["byComponent"]["midjourney"]["expected"] == pytest.approx(4 * 0.04)
    assert told["expected"] == pytest.approx(sum(part["expected"] for part in told["byComponent"].values()), abs=1e-5)
    assert told["assumed"] == {"seconds": 20, "secondsFrom": "message", "shots": 4, "shotsFrom": "default",
                               "history": {"of": "none", "films": 0}}
    assert {version.partition("#")[0] for version in told["prices"]} == {
        token_prices.version(), "KIE_TASK_DOLLARS=0.04", "fal.toml@2025-01-01"}


def test_an_estimate_writes_nothing_and_asks_nobody(house: House, broker: Broker) -> None:
    before = {table: house.count(table) for table in TABLES}
    for _ in range(3):
        estimate(house)
    assert {table: house.count(table) for table in TABLES} == before
    assert broker.sent == []


def test_without_a_price_a_part_is_unknown_and_not_free(
    shared: Shared, database: Database, tmp_path: Path, clock: Clock, broker: Broker,
) -> None:
    house = build(shared.dsn, tmp_path, clock, kie_task_dollars=None)
    told = estimate(house)
    assert told["unknown"] is True
    assert told["byComponent"]["midjourney"] is None
    known = [part["expected"] for part in told["byComponent"].values() if part]
    assert told["expected"] == pytest.approx(sum(known), abs=1e-5)
    house.database.close()


@pytest.mark.parametrize(("body", "status"), [
    ({"message": "x"}, 422), ({"userId": "u1"}, 422), ({"userId": "u1", "message": " "}, 422),
    ({"userId": "u1", "message": "x", "more": 1}, 422), ({"userId": "u1", "message": "x", "projectId": "proj_0"}, 404),
    ({"userId": "u1", "message": "x", "campaignId": "camp_0"}, 404),
    ({"userId": "u1", "message": "x", "referenceFiles": [{"fileId": "file_0"}]}, 404),
])
def test_what_create_refuses_an_estimate_refuses_alike(house: House, body: dict[str, Any], status: int) -> None:
    said = house.ask("POST", "estimate", body, status)
    assert {key: said[key] for key in ("code", "title", "detail", "errors") if key in said} == {
        key: value for key, value in house.ask("POST", "create-video", body, status).items()
        if key in ("code", "title", "detail", "errors")}


def test_a_project_that_is_worked_on_and_an_archived_campaign_are_refused_as_create_refuses_them(house: House) -> None:
    task = house.create()
    assert "still being worked on" in estimate(house, expected=409, projectId=task.project_id)["detail"]
    campaign = house.campaign("Food")["campaignId"]
    house.ask("POST", f"campaigns/{campaign}/archive", {"userId": "u1"})
    assert "archived" in estimate(house, expected=409, campaignId=campaign)["detail"]


def test_the_length_is_taken_from_whoever_says_it(house: House) -> None:
    def seconds(message: str = "A film about bread", **more: Any) -> tuple[int, str]:
        told = estimate(house, message, **more)["assumed"]
        return told["seconds"], told["secondsFrom"]

    campaign = house.campaign("Food", settings={"durationSeconds": 15})["campaignId"]
    assert seconds() == (30, "default")
    assert seconds(campaignId=campaign) == (15, "campaign")
    assert seconds("Spot di 45 secondi sul pane", campaignId=campaign) == (45, "message")
    house.ask("PUT", "users/u1/preferences/duration", {"value": 10})
    assert seconds() == (10, "preference")
    assert seconds(campaignId=campaign) == (15, "campaign")
    assert seconds(user="u2") == (30, "default")
    task = house.create("A 20 second film about bread")
    house.finish(task, duration_seconds=20)
    assert seconds(projectId=task.project_id) == (20, "project")
    assert seconds("Like last time, but rye") == (20, "history")


def test_a_film_keeps_what_was_said_of_it_and_its_answers_show_it(house: House) -> None:
    before = estimate(house)
    answer = house.ask("POST", "create-video", {"userId": "u1", "message": "A film about bread"}, 202)
    assert answer["estimate"] == before
    for index in range(8):
        end(house, house.create(user="u1", message=f"A film about bread {index}"), 60)
    assert house.ask("GET", f"status/{answer['taskId']}")["estimate"] == before
    assert estimate(house)["expected"] > before["expected"]


@pytest.mark.parametrize("status", [TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.PARTIAL])
def test_a_film_that_failed_says_what_it_cost_too(house: House, status: TaskStatus) -> None:
    task = house.create()
    for component, usage in ((Component.WRITER, Usage("anthropic", "claude-sonnet-5-5", {"input_tokens": 1000})),
                             (Component.KLING, Usage("fal", "fal-ai/of-the-future", {"seconds": 5})),
                             (Component.MIDJOURNEY, Usage("kie", "midjourney", {"tasks": 1}))):
        house.services.ledger.record_now(task=task, component=component, usage=usage, now=house.clock())
    with house.database.transaction() as tx:
        assert tasks.end_task(tx, task.id, status, now=house.clock())
    told = house.ask("GET", f"status/{task.id}")
    assert told["status"] == status.value
    assert told["cost"] == {"tokens": 1000, "dollars": 0.042, "reserved": 0, "unknown": True, "byComponent": {
        "kling": {"tokens": 0, "apiCalls": 1, "dollars": 0, "unknown": True},
        "midjourney": {"tokens": 0, "apiCalls": 1, "dollars": 0.04, "unknown": False},
        "writer": {"tokens": 1000, "apiCalls": 1, "dollars": 0.002, "unknown": False}}}


def test_a_refine_has_its_plan_and_no_estimate(house: House) -> None:
    film = house.film()
    assert house.ask("GET", f"status/{film.id}")["estimate"] is not None
    refined = house.refine(film.project_id, "script")
    status = house.ask("GET", f"status/{refined.id}")
    assert status["estimate"] is None
    assert status["plan"]["estimate"]["dollars"] > 0


def test_own_films_count_before_those_of_others_and_those_before_the_lists(house: House) -> None:
    new = estimate(house, "A 20 second film", user="ann")
    for index in range(6):
        end(house, house.create(f"A 20 second film {index}", user="bob"), 20, again=4)
    by_others = estimate(house, "A 20 second film", user="ann")
    assert by_others["assumed"]["history"] == {"of": "tenant", "films": 6}
    assert by_others["byComponent"]["kling"]["expected"] > 1.4 * new["byComponent"]["kling"]["expected"]
    for index in range(6):
        end(house, house.create(f"A 20 second film {index}", user="ann"), 20)
    by_own = estimate(house, "A 20 second film", user="ann")
    assert by_own["assumed"]["history"] == {"of": "user", "films": 6}
    assert by_own["byComponent"]["kling"]["expected"] == pytest.approx(20 * 0.07)


class Counting:
    """A transaction that keeps what is asked of it."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx
        self.asked: list[str] = []

    def one(self, sql: str, **params: Any) -> Any:
        """The real one's answer."""
        self.asked.append(sql)
        return self._tx.one(sql, **params)


def test_an_estimate_is_one_statement(house: House) -> None:
    with house.database.transaction() as tx:
        counting = Counting(tx)
        forecast.expect(house.services, counting, forecast.Wish("default", "u1", "A film"))  # type: ignore[arg-type]
    assert len(counting.asked) == 1


@pytest.fixture
def market(shared: Shared, database: Database, tmp_path: Path, broker: Broker) -> Iterator[House]:
    made = build(shared.dsn, tmp_path, Clock(BEGIN))
    yield made
    made.database.close()


def test_nine_of_ten_films_cost_what_was_said_before(
    market: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shared: Shared,
) -> None:
    """Ten users with habits: half of the messages name a length; pictures and clips fail and are made again, prompts are
    cached or not, and answers are given twice."""
    chance = random.Random(3)
    habits = {f"u{number}": chance.choice([None, 15, 30, 45]) for number in range(10)}
    for number in range(300):
        user = chance.choice(sorted(habits))
        named = chance.choice([10, 20, 30, 60]) if chance.random() < 0.5 else None
        words = f"A {named} second film about bread {number}" if named else f"A film about bread {number}"
        task = market.create(words, user=user)
        usual = habits[user] or 30
        seconds = named or (usual if chance.random() < 0.85 else chance.choice([10, 20, 60]))
        end(market, task, seconds, again=sum(chance.random() < 0.06 for _ in range(seconds // 5)),
            dear=chance.choice([1, 1, 1, 12]))
    found = errors_of(market.database, BEGIN, NOON.replace(year=2030))
    assert found.whole.films == 300
    assert found.whole.inside / found.whole.films >= 0.9
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", shared.dsn)
    assert cli.main(["costs", "forecast"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"300 films: {found.whole.inside} inside the range (")
    assert [line.split()[0] for line in said[2:]] == [*found.parts, "all"]
    assert found.whole.mean_error < Decimal("0.6")


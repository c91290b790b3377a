"""What a film may cost, and the switch of all spending: it waits, says why, and goes on or ends with what it has."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest

from aida_orchestrator.store import spending
from aida_orchestrator.store.db import Database

from ..harness import TERMINAL, Sandbox, Servers, Service, ServiceWishes
from .conftest import cancel_open_tasks
from .looking import film_of

# By the sandbox's prices: four texts $0.01 to $0.10, $0.04 a picture, $0.35 a clip of five seconds.
ONE_SHOT, TWO_SHOTS = "Voglio un video di 5 secondi sul caffè", "Voglio un video di 10 secondi sul tè"
NO_CLIP, ONE_CLIP = 0.38, 0.60
WAIT_SECONDS = 20.0


@pytest.fixture(scope="module")
def patient(servers: Servers, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of this file's own, whose films wait for twenty seconds instead of two days."""
    dsn = servers.migrated_database()
    sandbox_process.reset()
    wishes = ServiceWishes({"BUDGET_WAIT_SECONDS": str(WAIT_SECONDS)})
    running = Service(tmp_path_factory.mktemp("ceilings"), dsn, servers.redis_url(), sandbox_process, wishes)
    running.start()
    yield running
    running.stop()
    servers.drop(dsn)


@pytest.fixture
def service(patient: Service, sandbox: Sandbox) -> Iterator[Service]:
    """The same with a sandbox without faults and an empty ledger."""
    yield patient
    cancel_open_tasks(patient)


@contextmanager
def polled(service: Service, task: str) -> Iterator[list[dict[str, Any]]]:
    """Every status of a film that a caller who asks without pause gets while the block runs."""
    seen: list[dict[str, Any]] = []
    over = threading.Event()

    def poll() -> None:
        while not over.wait(0.03):
            seen.append(service.status(task))

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(30)


def bought(sandbox: Sandbox) -> Counter[str]:
    """How much each provider has sold."""
    return Counter({name: total["sold"] for name, total in sandbox.ledger()["totals"].items()})


def held_for(service: Service, task: str, word: str, seconds: float = 60) -> dict[str, Any]:
    """The status once the film waits for this and nothing of it is under way."""
    return service.wait_until(task, lambda status: status["waitingFor"] == word or status["status"] in TERMINAL, seconds)


def assert_nothing_sold(sandbox: Sandbox, seconds: float = 3) -> None:
    """The sandbox sells nothing for so long."""
    before = bought(sandbox)
    time.sleep(seconds)
    assert bought(sandbox) == before


def assert_nothing_twice(sandbox: Sandbox, pictures: int, clips: int) -> None:
    """As many pictures and clips as there are shots, and no request of any provider a second time."""
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"]["sold"], totals["fal"]["sold"]) == (pictures, clips)
    assert {name: total["duplicates"] for name, total in totals.items() if total["duplicates"]} == {}


def reservations(service: Service) -> list[str]:
    """The keys of what is set aside at this moment."""
    connection = psycopg2.connect(service.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT key FROM reservations")
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


def test_a_film_below_its_cost_waits_says_what_it_needs_and_goes_on_after_a_raise(
    service: Service, sandbox: Sandbox,
) -> None:
    task = service.create(ONE_SHOT, maxCostDollars=NO_CLIP)["taskId"]
    with polled(service, task) as seen:
        held = held_for(service, task, "budget")
        assert (held["status"], held["currentStep"], held["maxCostDollars"]) == ("processing", "video", NO_CLIP)
        hold = held["hold"]
        assert (hold["code"], hold["for"], hold["shot"], hold["provider"]) == ("budget_reached", "budget", 1, "fal")
        assert hold["stepDollars"] == pytest.approx(0.35)
        ceiling = hold["ceiling"]
        assert (ceiling["scope"], ceiling["subject"], ceiling["period"]) == ("film", task, "total")
        assert ceiling["dollars"] == NO_CLIP
        assert ceiling["spent"] == pytest.approx(held["cost"]["dollars"])
        assert "$0.35" in hold["message"]
        assert "PATCH" in hold["nextStep"]
        assert datetime.fromisoformat(hold["until"]) > datetime.fromisoformat(hold["since"])
        assert_nothing_sold(sandbox)
    assert len(seen) > 20
    for status in seen:
        assert status["cost"]["dollars"] + status["cost"]["reserved"] <= NO_CLIP
    assert bought(sandbox)["fal"] == 0

    service.set_ceiling(task, 0.39)  # not enough, and told so
    still = service.status(task)["hold"]
    assert still["ceiling"]["dollars"] == 0.39
    assert "of the $0.39 for this film" in still["message"]
    assert service.set_ceiling(task, 2)["maxCostDollars"] == 2
    end = service.wait(task)
    assert (end["status"], end["hold"], end["waitingFor"], end["cost"]["reserved"]) == ("completed", None, None, 0)
    assert end["cost"]["dollars"] <= 2
    assert_nothing_twice(sandbox, 1, 1)
    assert reservations(service) == []


def test_a_film_that_has_waited_too_long_ends_with_what_it_has_and_a_retry_makes_the_rest(
    service: Service, sandbox: Sandbox,
) -> None:
    with_clip = service.create(TWO_SHOTS, "vera", maxCostDollars=ONE_CLIP)["taskId"]
    without = service.create(ONE_SHOT, "nora", maxCostDollars=NO_CLIP)["taskId"]
    assert held_for(service, with_clip, "budget")["hold"]["shot"] == 2
    partial, failed = service.wait(with_clip), service.wait(without)
    assert (partial["status"], partial["error"]["code"], partial["error"]["shots"]) == ("partial", "clips_missing", [2])
    assert [cause["code"] for cause in partial["error"]["causes"]] == ["budget_reached"]
    assert film_of(service, partial).seconds == pytest.approx(5, rel=0.02)
    assert (failed["status"], failed["error"]["code"], failed["videoUrl"]) == ("failed", "budget_reached", None)
    assert failed["shots"][0]["pictureUrl"]
    assert failed["cost"]["dollars"] > 0
    assert (partial["cost"]["reserved"], failed["cost"]["reserved"]) == (0, 0)
    assert_nothing_twice(sandbox, 3, 1)

    for task in (with_clip, without):
        service.retry(task, maxCostDollars=3)
    ends = [service.wait(task) for task in (with_clip, without)]
    assert [(end["status"], end["error"], end["maxCostDollars"]) for end in ends] == [("completed", None, 3)] * 2
    assert film_of(service, ends[0]).seconds == pytest.approx(10, rel=0.02)
    assert_nothing_twice(sandbox, 3, 3)


def test_a_cent_is_held_before_the_first_answer_of_claude(service: Service, sandbox: Sandbox) -> None:
    task = service.create(ONE_SHOT, maxCostDollars=0.01)["taskId"]
    held = held_for(service, task, "budget")
    assert (held["status"], held["currentStep"], held["hold"]["provider"]) == ("processing", "context", "anthropic")
    assert held["hold"]["stepDollars"] > 0.01
    assert held["hold"]["ceiling"]["dollars"] == 0.01
    assert_nothing_sold(sandbox)
    assert sandbox.requests("anthropic") == []
    end = service.wait(task)
    assert (end["status"], end["error"]["code"], end["error"]["stage"]) == ("failed", "budget_reached", "context")
    assert end["cost"]["dollars"] < 0.01


def test_the_switch_stops_a_running_film_at_any_stage_and_lets_it_go_on(service: Service, sandbox: Sandbox) -> None:
    sandbox.latency(anthropic=0.5, kie=1.5, fal=1.5)
    task = service.create(TWO_SHOTS)["taskId"]
    stages = []
    door = Database(service.dsn)
    try:
        for provider, sold in (("anthropic", 1), ("anthropic", 4), ("kie", 1), ("fal", 1)):
            service.wait_until(task, lambda _, of=provider, most=sold: bought(sandbox)[of] >= most, 60)  # type: ignore[misc]
            with door.transaction() as tx:
                spending.stop(tx, "a look at the bills", datetime.now(UTC))
            held = held_for(service, task, "spending")
            assert (held["status"], held["hold"]["code"], held["hold"]["until"]) == ("processing", "spending_stopped", None)
            assert "a look at the bills" in held["hold"]["message"]
            stages.append(held["currentStep"])
            assert_nothing_sold(sandbox)
            with door.transaction() as tx:
                assert spending.start(tx)
    finally:
        with door.transaction() as tx:
            spending.start(tx)
        door.close()
    assert stages[0] in ("context", "script", "storyboard")
    assert stages[-1] == "video"
    end = service.wait(task)
    assert (end["status"], end["degraded"]) == ("completed", [])
    assert_nothing_twice(sandbox, 2, 2)

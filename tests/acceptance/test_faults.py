"""Whatever is killed, lost, doubled or refused, the film ends, and nothing is bought twice: the sandbox's books show it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Supervisor

from ..harness import Sandbox, Service, fetch
from .breaking import Doubler
from .looking import film_of, most_at_once

MESSAGE = "Voglio un video di 10 secondi sulle olive"
Status = dict[str, Any]


@pytest.fixture
def breakable(shared: Service) -> Iterator[Service]:
    """The common service, whose processes are brought back afterwards."""
    yield shared
    shared.revive()


def states(status: Status, kind: str) -> list[str]:
    """How the pictures or clips of a film stand."""
    return [shot[kind]["state"] for shot in status["shots"]]


def in_script(status: Status) -> bool:
    return bool(status["currentStep"] == "script")


def in_pictures(status: Status) -> bool:
    return states(status, "picture") == ["running"] * 2


def in_first_clip(status: Status) -> bool:
    return bool(status["shots"]) and states(status, "clip")[0] == "running"


def in_join(status: Status) -> bool:
    return states(status, "clip") == ["done"] * 2


def begin(service: Service, reached: Callable[[Status], bool], message: str = MESSAGE) -> str:
    """A film that has come so far and not farther."""
    task = str(service.create(message)["taskId"])
    assert service.wait_until(task, reached)["status"] == "processing"
    return task


def ends_well(service: Service, sandbox: Sandbox, task: str, shots: int = 2) -> Status:
    """The end of a film: complete, nothing made simpler, every picture and clip bought once."""
    end = service.wait(task, 150)
    assert (end["status"], end["error"], end["degraded"]) == ("completed", None, [])
    assert film_of(service, end).seconds == pytest.approx(5 * shots, rel=0.02)
    totals = sandbox.ledger()["totals"]
    assert totals["kie"] == {"sold": shots, "duplicates": 0}
    assert totals["fal"] == {"sold": shots, "duplicates": 0}
    assert totals["anthropic"]["duplicates"] == 0
    parts = end["cost"]["byComponent"]
    assert (parts["midjourney"]["apiCalls"], parts["kling"]["apiCalls"]) == (shots, shots)
    return end


@pytest.mark.slow
@pytest.mark.parametrize("reached", [in_script, in_pictures, in_first_clip, in_join])
def test_a_film_survives_the_death_of_its_only_worker(
    breakable: Service, sandbox: Sandbox, reached: Callable[[Status], bool],
) -> None:
    sandbox.latency(kie=2, fal=2)
    # The writer's first request is never taken, so that its second is no purchase made twice.
    sandbox.fault({"provider": "anthropic", "operation": "messages", "match": r'"logline": \{"type"', "fault": "hang",
                   "seconds": 3, "times": 1})
    task = begin(breakable, reached)
    breakable.kill_worker()
    assert breakable.status(task)["status"] == "processing"
    breakable.start_worker()
    ends_well(breakable, sandbox, task)


@pytest.mark.slow
def test_a_worker_that_dies_while_a_purchase_is_answered_buys_it_once(breakable: Service, sandbox: Sandbox) -> None:
    for provider in ("kie", "fal"):
        sandbox.fault({"provider": provider, "operation": "submit", "fault": "hang_after", "seconds": 4, "times": 1})
    task = str(breakable.create("Voglio un video di 5 secondi sulle olive")["taskId"])
    for provider in ("kie", "fal"):
        breakable.wait_until(task, lambda _, provider=provider: bool(sandbox.sold(provider)))  # type: ignore[misc]
        breakable.kill_worker()
        breakable.start_worker()
    ends_well(breakable, sandbox, task, shots=1)


@pytest.mark.slow
def test_a_film_survives_the_death_of_web_and_beat(breakable: Service, sandbox: Sandbox) -> None:
    sandbox.latency(kie=2)
    task = begin(breakable, in_pictures)
    breakable.kill_beat()
    breakable.kill_web()
    time.sleep(3)  # the providers finish, and nobody is there to be told
    breakable.start_web()
    breakable.start_beat()
    ends_well(breakable, sandbox, task)


@pytest.mark.slow
@pytest.mark.parametrize("reached", [in_pictures, in_first_clip])
def test_a_film_survives_the_loss_of_all_messages(
    breakable: Service, sandbox: Sandbox, reached: Callable[[Status], bool],
) -> None:
    sandbox.latency(kie=1, fal=1)
    task = begin(breakable, reached)
    with redis.Redis.from_url(breakable.env["REDIS_URL"]) as client:
        client.flushdb()
    ends_well(breakable, sandbox, task)


@pytest.mark.slow
def test_a_first_message_that_is_lost_is_sent_again(breakable: Service, sandbox: Sandbox) -> None:
    breakable.kill_worker()
    task = str(breakable.create(MESSAGE)["taskId"])
    with redis.Redis.from_url(breakable.env["REDIS_URL"]) as client:
        client.flushdb()
    assert breakable.status(task)["waitingFor"] == "worker"
    breakable.start_worker()
    ends_well(breakable, sandbox, task)


@pytest.mark.slow
def test_worker_and_film_survive_the_death_of_valkey_under_a_running_message(
    start_service: Callable[..., Service], sandbox: Sandbox, tmp_path: Path,
) -> None:
    valkey, supervisor = Valkey(tmp_path / "valkey", tmp_path / "valkey.log"), Supervisor(tmp_path / "valkey.json")
    program = valkey.prepare()
    supervisor.start(program)
    supervisor.wait("valkey", valkey.is_ready, 30)
    try:
        service = start_service(env={"REDIS_URL": valkey.url})
        sandbox.fault({"provider": "anthropic", "operation": "messages", "match": r'"logline": \{"type"',
                       "fault": "slow", "seconds": 3, "times": 1})
        task = begin(service, in_script)
        worker = service.worker_pid()
        os.kill(supervisor.pid("valkey"), signal.SIGKILL)
        supervisor.stop("valkey")
        time.sleep(5)  # the message ends, and the next one cannot be sent
        supervisor.start(program)
        supervisor.wait("valkey", valkey.is_ready, 30)
        ends_well(service, sandbox, task)
        assert service.worker_pid() == worker, "the worker did not live through it"
        service.stop()
    finally:
        supervisor.stop_all()


def test_every_message_may_come_twice(breakable: Service, sandbox: Sandbox) -> None:
    with Doubler(breakable.env["REDIS_URL"]) as doubled:
        ends_well(breakable, sandbox, str(breakable.create(MESSAGE)["taskId"]))
    assert {"context", "script", "storyboard", "visual", "video", "sweep"} <= set(doubled.queues)


def test_an_answer_that_is_lost_after_the_purchase_is_made_good_by_the_callback(shared: Service, sandbox: Sandbox) -> None:
    for provider in ("kie", "fal"):
        sandbox.fault({"provider": provider, "operation": "submit", "fault": "reset_after", "times": 1})
    ends_well(shared, sandbox, str(shared.create(MESSAGE)["taskId"]))


@pytest.mark.slow
def test_without_callbacks_and_history_a_lost_answer_costs_a_shot_but_is_never_bought_twice(
    start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    service = start_service(callbacks=False, env={"UNKNOWN_WAIT_SECONDS": "1"})
    sandbox.fault({"provider": "fal", "operation": "history", "fault": "status", "status": 403, "times": None})
    sandbox.fault({"provider": "kie", "operation": "submit", "match": "end frame", "fault": "reset_after", "times": 1})
    sandbox.fault({"provider": "fal", "operation": "submit", "after": 1, "fault": "reset_after", "times": 1})
    task = str(service.create("Voglio un video di 15 secondi sulle olive")["taskId"])
    partial = service.wait(task)
    assert partial["status"] == "partial"
    assert states(partial, "picture") == ["done", "done", "lost"]
    assert partial["shots"][2]["picture"]["lentByShot"] == 2
    assert states(partial, "clip") == ["done", "lost", "done"]
    assert partial["error"]["causes"][0]["code"] == "outcome_unknown"
    assert film_of(service, partial).seconds == pytest.approx(10, rel=0.02)
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (3, 3)

    # Only a person may say that it is to be bought again.
    address = f"{service.url}/api/orchestrator/retry/{task}"
    assert fetch("POST", address, {})[0] == 409
    assert len(sandbox.sold("fal")) == 3
    assert fetch("POST", address, {"resendUnknown": True})[0] == 202
    assert service.wait(task)["status"] == "completed"
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (3, 4)


def test_callbacks_that_are_lost_doubled_or_forged_change_nothing(shared: Service, sandbox: Sandbox) -> None:
    for fault in ("double", "forge"):
        sandbox.fault({"provider": "kie", "operation": "callback", "fault": fault, "times": 1})
    for fault in ("forge", "drop"):
        sandbox.fault({"provider": "fal", "operation": "callback", "fault": fault, "times": 1})
    ends_well(shared, sandbox, str(shared.create(MESSAGE)["taskId"]))


@pytest.mark.slow
def test_passing_trouble_of_every_provider_is_waited_out(shared: Service, sandbox: Sandbox) -> None:
    for rule in (
        {"provider": "openai", "operation": "embeddings", "fault": "status", "status": 500},
        {"provider": "anthropic", "operation": "messages", "fault": "status", "status": 429, "retryAfter": 2},
        {"provider": "anthropic", "operation": "messages", "fault": "slow", "seconds": 2},
        {"provider": "kie", "operation": "submit", "fault": "status", "status": 500},
        {"provider": "kie", "operation": "submit", "fault": "slow", "seconds": 2},
        {"provider": "kie", "operation": "poll", "fault": "status", "status": 429},
        {"provider": "kie", "operation": "poll", "fault": "malformed"},
        {"provider": "kie", "operation": "media", "fault": "status", "status": 503},
        {"provider": "kie", "operation": "media", "fault": "cut_short"},
        {"provider": "fal", "operation": "submit", "fault": "status", "status": 429, "retryAfter": 2},
        {"provider": "fal", "operation": "poll", "fault": "reset"},
        {"provider": "fal", "operation": "poll", "fault": "unknown_state"},
        {"provider": "fal", "operation": "result", "fault": "status", "status": 500},
        {"provider": "fal", "operation": "media", "fault": "malformed"},
    ):
        sandbox.fault({"times": 1, **rule})
    end = shared.wait(shared.create(MESSAGE)["taskId"], 150)
    assert (end["status"], end["error"], end["degraded"]) == ("completed", None, [])
    assert film_of(shared, end).seconds == pytest.approx(10, rel=0.02)
    totals = sandbox.ledger()["totals"]
    assert [totals[provider]["duplicates"] for provider in ("anthropic", "kie", "fal")] == [0, 0, 0]
    for provider, operation, refused in (("anthropic", "messages", 429), ("fal", "submit", 429)):
        asked = sandbox.requests(provider, operation)
        at = next(place for place, line in enumerate(asked) if line["status"] == refused)
        assert asked[at + 1]["at"] - asked[at]["at"] >= 2, f"{provider}'s Retry-After was not kept"


@pytest.mark.slow
def test_two_workers_share_films_and_one_of_them_may_die(breakable: Service, sandbox: Sandbox) -> None:
    sandbox.latency(kie=1.5, fal=1)
    breakable.start_worker("worker-2")
    messages = (MESSAGE, "Voglio un video di 10 secondi sulla neve")
    films = [str(breakable.create(message)["taskId"]) for message in messages]
    breakable.wait_until(films[0], in_pictures)
    breakable.kill_worker("worker-2")
    for film in films:
        assert breakable.wait(film, 150)["status"] == "completed"
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"], totals["fal"]) == ({"sold": 4, "duplicates": 0}, {"sold": 4, "duplicates": 0})
    # Two films: one clip of each at a time.
    assert most_at_once(sandbox.sold("fal"), 1) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("reached", [in_script, in_pictures])
def test_a_worker_that_is_asked_to_end_does_so_soon_and_loses_nothing(
    breakable: Service, sandbox: Sandbox, reached: Callable[[Status], bool],
) -> None:
    sandbox.latency(kie=1.5)
    sandbox.fault({"provider": "anthropic", "operation": "messages", "match": r'"logline": \{"type"', "fault": "slow",
                   "seconds": 2, "times": 1})
    task = begin(breakable, reached)
    assert breakable.end_worker() < 10
    breakable.start_worker()
    ends_well(breakable, sandbox, task)

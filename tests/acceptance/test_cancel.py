"""A cancelled film stops at once, buys nothing more, and keeps what it has; a retry goes on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import requests

from aida_orchestrator.settings import KLING_DEFAULT

from ..harness import Sandbox, Service, fetch
from .looking import film_of, no_pictures, roles

MESSAGE = "Voglio un video di 10 secondi sul mare d'inverno"
QUIET_SECONDS = 3  # longer than the sweep's period and than the pause in which messages are rung again


def cancel(service: Service, task: str) -> tuple[int, dict[str, Any]]:
    """The answer to a cancel."""
    code, _, raw = fetch("POST", f"{service.url}/api/orchestrator/cancel/{task}", b"")
    return code, json.loads(raw)


def begin(service: Service, reached: Callable[[dict[str, Any]], bool]) -> str:
    """A film that has come so far."""
    task = str(service.create(MESSAGE)["taskId"])
    service.wait_until(task, reached)
    return task


def stopped_in_time(service: Service, task: str) -> dict[str, Any]:
    """Cancel, and the status after at most two seconds."""
    began = time.monotonic()
    code, answer = cancel(service, task)
    assert (code, answer["status"]) == (202, "cancelled")
    status = service.status(task)
    assert time.monotonic() - began < 2
    assert (status["status"], status["finishedAt"] is None) == ("cancelled", False)
    return status


def sold_while_quiet(sandbox: Sandbox) -> list[str]:
    """What is sold after everything had time to stop."""
    before = {line["id"] for line in sandbox.ledger()["sold"]}
    time.sleep(QUIET_SECONDS)
    return [line["provider"] for line in sandbox.ledger()["sold"] if line["id"] not in before]


def clip_is_open(status: dict[str, Any], shot: int) -> bool:
    """Whether the provider is making this shot's clip."""
    return bool(status["shots"]) and status["shots"][shot - 1]["clip"]["state"] == "running"


@contextmanager
def full_queue(service: Service, sandbox: Sandbox) -> Iterator[None]:
    """As many endless clips of the same account as fal makes at a time."""
    sandbox.fault({"provider": "fal", "operation": "submit", "match": "filler", "fault": "never_ends", "times": 10})
    key, open_ = {"Authorization": f"Key {service.env['FAL_KEY']}"}, []
    for _ in range(10):
        answer = requests.post(f"{sandbox.url}/fal/{KLING_DEFAULT}", timeout=10, headers=key, json={
            "prompt": "filler", "image_url": "https://img.example/a.png", "duration": "5"})
        assert answer.status_code == 200, answer.text
        open_.append(answer.json()["cancel_url"])
    yield
    for address in open_:
        requests.put(address, headers=key, timeout=10)


def test_cancelling_while_claude_writes_buys_no_picture(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "anthropic", "operation": "messages", "match": r'"logline": \{"type"', "fault": "slow",
                   "seconds": 1.5, "times": 1})
    task = begin(shared, lambda status: status["currentStep"] == "script")
    stopped = stopped_in_time(shared, task)
    assert stopped["brief"]["title"]
    assert set(sold_while_quiet(sandbox)) <= {"anthropic"}, "the answer under way may still come"
    assert "director" not in roles(sandbox)
    assert sandbox.sold("kie") == []
    end = shared.status(task)
    assert (end["status"], end["shots"]) == ("cancelled", [])


def test_cancelling_between_pictures_keeps_those_that_were_bought(shared: Service, sandbox: Sandbox) -> None:
    # One picture is quick, the other never comes.
    sandbox.fault({"provider": "kie", "operation": "submit", "match": "end frame", "fault": "never_ends", "times": 1})
    task = begin(shared, lambda status: any(shot["pictureUrl"] for shot in status["shots"]))
    stopped = stopped_in_time(shared, task)
    assert sold_while_quiet(sandbox) == []
    assert [bool(shot["pictureUrl"]) for shot in stopped["shots"]] == [True, False]
    assert stopped["cost"]["byComponent"]["midjourney"]["apiCalls"] == 2
    assert sandbox.sold("fal") == []


@pytest.mark.parametrize("queued", [True, False])
def test_a_clip_that_waits_at_the_provider_is_stopped_there_and_one_that_is_made_is_kept(
    shared: Service, sandbox: Sandbox, queued: bool,
) -> None:
    if not queued:
        sandbox.fault({"provider": "fal", "operation": "submit", "fault": "never_ends", "times": 1})
    with full_queue(shared, sandbox) if queued else nullcontext():
        task = begin(shared, lambda status: clip_is_open(status, 1))
        stopped = stopped_in_time(shared, task)
        assert sold_while_quiet(sandbox) == []
        assert all(shot["pictureUrl"] for shot in stopped["shots"])
        assert [line["status"] for line in sandbox.requests("fal", "cancel")] == ([202] if queued else [])
    assert stopped["cost"]["byComponent"]["kling"]["apiCalls"] == 1


def test_cancelling_twice_is_cancelling_once(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    task = begin(shared, lambda status: status["currentStep"] == "visual")
    assert cancel(shared, task)[0] == 202
    first = shared.status(task)
    code, again = cancel(shared, task)
    assert (code, again["status"]) == (200, "cancelled")
    assert shared.status(task)["finishedAt"] == first["finishedAt"]


def test_what_waits_for_a_slot_is_never_sent(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    task = str(shared.create("Voglio un video sul mare d'inverno")["taskId"])
    shared.wait_until(task, lambda status: len(sandbox.sold("kie")) == 4)
    stopped = stopped_in_time(shared, task)
    assert len(stopped["shots"]) == 6
    assert sold_while_quiet(sandbox) == []
    assert len(sandbox.sold("kie")) == 4


def test_a_picture_that_fails_after_the_cancel_is_not_asked_for_again(shared: Service, sandbox: Sandbox) -> None:
    sandbox.latency(kie=1.5)
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "fail_job", "times": None})
    task = begin(shared, lambda status: [shot["picture"]["state"] for shot in status["shots"]] == ["running"] * 2)
    stopped_in_time(shared, task)
    assert sold_while_quiet(sandbox) == []
    # Nothing waits for a slot, or holds one.
    shared.wait_until(task, lambda status: [shot["picture"]["state"] for shot in status["shots"]] == ["cancelled"] * 2, 20)


@pytest.mark.parametrize("where", ["pictures", "clips"])
def test_a_retry_after_a_cancel_completes_without_buying_again(shared: Service, sandbox: Sandbox, where: str) -> None:
    provider = {"pictures": "kie", "clips": "fal"}[where]
    sandbox.latency(**{provider: 2.5})
    kept: Callable[[dict[str, Any]], bool] = {
        "pictures": lambda status: [shot["picture"]["state"] for shot in status["shots"]] == ["running"] * 2,
        "clips": lambda status: clip_is_open(status, 2)}[where]
    task = begin(shared, kept)
    stopped_in_time(shared, task)
    sandbox.latency(kie=0.5, fal=0.5)
    answer = shared.retry(task)
    assert (answer["taskId"], answer["status"]) == (task, "queued")
    end = shared.wait(task)
    assert (end["status"], end["error"]) == ("completed", None)
    assert film_of(shared, end).seconds == pytest.approx(10, rel=0.02)
    assert [sandbox.ledger()["totals"][name]["duplicates"] for name in ("anthropic", "kie", "fal")] == [0, 0, 0]
    assert len(sandbox.sold("kie")) == 2
    # A film that has ended cannot be cancelled any more, and stays as it is.
    assert cancel(shared, task)[0] == 409
    assert shared.status(task)["status"] == "completed"

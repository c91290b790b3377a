"""An account that is empty at one provider: films wait for it and say so, the others go on, and all goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from ..harness import Sandbox, Servers, Service, ServiceWishes, ask
from .conftest import cancel_open_tasks

FILM = "Voglio un video di 5 secondi {}"
FIRST_TRY = 15.0  # seconds after an account was found empty until it is tried again
# What is asked of the provider, the stage that cannot go on without it, and where a film needs it no more.
CASES = {"kie": ("submit", "visual", "video"), "fal": ("submit", "video", ""),
         "anthropic": ("messages", "context", "visual"), "openai": ("embeddings", "context", "visual")}


@pytest.fixture(scope="module")
def house(servers: Servers, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of this file's own: a paused provider would hold up the films of other tests."""
    dsn = servers.migrated_database()
    sandbox_process.reset()
    running = Service(tmp_path_factory.mktemp("empty"), dsn, servers.redis_url(), sandbox_process, ServiceWishes({}))
    running.start()
    yield running
    running.stop()
    servers.drop(dsn)


@pytest.fixture
def service(house: Service, sandbox: Sandbox) -> Iterator[Service]:
    """The same with a sandbox without faults and an empty ledger."""
    yield house
    cancel_open_tasks(house)


def pauses(service: Service) -> list[tuple[Any, ...]]:
    """(provider, seconds since when it is paused, how often it was tried since) of the providers that are paused."""
    connection = psycopg2.connect(service.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT provider, extract(epoch FROM now() - since)::float, checks FROM provider_pauses")
            return cursor.fetchall()
    finally:
        connection.close()


def until_step(service: Service, task: str, step: str) -> None:
    """Wait until a film is at this step."""
    service.wait_until(task, lambda status: status["currentStep"] == step, 60)


@pytest.mark.parametrize("provider", sorted(CASES))
def test_a_film_waits_for_an_empty_account_while_others_go_on_and_goes_on_when_it_is_good_again(
    service: Service, sandbox: Sandbox, provider: str,
) -> None:
    operation, stage, past = CASES[provider]
    sandbox.latency(kie=1.5, fal=1.5)
    beside = service.create(FILM.format("sul mare"), f"beside-{provider}")["taskId"] if past else ""
    if past:
        until_step(service, beside, past)
    sandbox.fault({"provider": provider, "operation": operation, "fault": "balance", "times": None})
    if provider == "kie":  # asked what is left, it says the same
        sandbox.fault({"provider": provider, "operation": "credit", "fault": "balance", "times": None})
    before = len(sandbox.requests(provider, operation))
    task = service.create(FILM.format("sul pane"), f"waits-{provider}")["taskId"]
    held = service.wait_until(task, lambda status: status["waitingFor"] == "provider", 60)
    assert (held["status"], held["currentStep"], held["error"]) == ("processing", stage, None)
    hold = held["hold"]
    assert (hold["code"], hold["for"], hold["provider"]) == ("provider_balance", "provider", provider)
    assert (hold["whoMustAct"], hold["message"] != "", hold["until"] != "") == ("operator", True, True)
    assert "top up" in hold["nextStep"]
    assert len(sandbox.requests(provider, operation)) == before + 1, "an empty account is asked once"

    if past:
        assert service.wait(beside)["status"] == "completed", "a film that does not need this account waited for it"
    else:
        beside = service.create(FILM.format("sul mare"), f"beside-{provider}")["taskId"]
        late = service.wait_until(
            beside, lambda status: status["waitingFor"] == "provider" and status["hold"] is not None, 60)
        assert (late["currentStep"], late["hold"]["code"]) == (stage, "provider_balance")
        assert late["shots"][0]["pictureUrl"]
    (paused,) = pauses(service)
    asked = len(sandbox.requests(provider, operation)) - before - 1
    tried = 0 if provider == "kie" else paused[2]  # its credits are asked for instead
    assert (paused[0], asked) in ((provider, tried), (provider, tried - 1))  # one may be on its way

    ask("DELETE", f"{sandbox.url}/faults")
    end = service.wait(task, 90)
    assert (end["status"], end["degraded"], end["hold"]) == ("completed", [], None)
    assert service.wait(beside)["status"] == "completed"
    assert pauses(service) == []
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"], totals["fal"]) == ({"sold": 2, "duplicates": 0}, {"sold": 2, "duplicates": 0})
    if provider == "kie":
        assert sandbox.requests("kie", "credit"), "nobody asked for the credits"


def test_pictures_wait_as_long_as_the_credits_are_gone_and_no_order_is_sent_meanwhile(
    service: Service, sandbox: Sandbox,
) -> None:
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "balance", "times": 1})
    sandbox.fault({"provider": "kie", "operation": "credit", "fault": "balance", "times": 1})
    task = service.create(FILM.format("sulla neve"), "poor")["taskId"]
    service.wait_until(task, lambda status: status["waitingFor"] == "provider", 60)
    until = time.monotonic() + 60
    while not sandbox.requests("kie", "credit"):
        assert time.monotonic() < until, "nobody asked for the credits"
        time.sleep(0.2)
    assert service.status(task)["waitingFor"] == "provider"
    assert len(sandbox.requests("kie", "submit")) == 1
    (paused,) = pauses(service)
    assert paused[1] >= FIRST_TRY

"""A film that may not buy waits: an operator sees why, nobody calls it stranded, and it goes on by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aida_orchestrator.store import spending
from aida_orchestrator.store.db import Database
from tests.scraping import samples

from ..harness import Sandbox, Service

MESSAGE = "Voglio un video di 10 secondi sul gelato"
NO_CREDIT = {"provider": "kie", "fault": "balance", "times": None}


def until(service: Service, holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, service.tail()
        time.sleep(0.3)


def ready(service: Service) -> dict[str, Any]:
    """What /ready says: films are taken all the while."""
    status, _, body = service.get("/ready")
    assert status == 200, body
    return dict(json.loads(body))


def scraped(service: Service, *key: str) -> float:
    return samples(service.get("/metrics")[2].decode())[key]


def test_an_empty_account_is_named_and_films_go_on_once_it_is_topped_up(shared: Service, sandbox: Sandbox) -> None:
    for operation in ("submit", "credit"):
        sandbox.fault({**NO_CREDIT, "operation": operation})
    film = shared.create(MESSAGE)["taskId"]
    until(shared, lambda: shared.status(film)["waitingFor"] == "provider")
    told = shared.status(film)
    assert (told["status"], told["retryAt"], told["hold"]["code"]) == ("processing", None, "provider_balance")
    body = ready(shared)
    assert (body["status"], [one["provider"] for one in body["accounts"]["empty"]]) == ("degraded", ["kie"])
    assert scraped(shared, "aida_provider_paused", "kie") == 1
    assert scraped(shared, "aida_held_films", "provider") == 1, shared.tail()
    asked = len(sandbox.requests("kie", "submit"))
    until(shared, lambda: len(sandbox.requests("kie", "credit")) >= 1)
    assert len(sandbox.requests("kie", "submit")) == asked, "no order tries an account without credits"
    assert body["films"]["count"] == 0
    sandbox.reset()
    end = shared.wait(film)
    assert (end["status"], end["hold"]) == ("completed", None)
    assert len(sandbox.sold("kie")) == 2
    assert ready(shared)["accounts"] == {"status": "ok", "empty": []}
    assert scraped(shared, "aida_provider_paused", "kie") == 0


def test_the_switch_is_named_and_films_go_on_once_it_is_on(shared: Service, sandbox: Sandbox) -> None:
    rows = Database(shared.dsn, size=1)
    try:
        with rows.transaction() as tx:
            spending.stop(tx, "the bill is being looked at", datetime.now(UTC))
        film = shared.create(MESSAGE)["taskId"]
        until(shared, lambda: shared.status(film)["waitingFor"] == "spending")
        body = ready(shared)
        assert (body["spending"]["status"], body["spending"]["reason"]) == ("stopped", "the bill is being looked at")
        assert (scraped(shared, "aida_spending_stopped"), scraped(shared, "aida_held_films", "spending")) == (1, 1)
        assert sandbox.sold("anthropic") == sandbox.sold("kie") == []
    finally:
        with rows.transaction() as tx:
            spending.start(tx)
        rows.close()
    assert shared.wait(film)["status"] == "completed"
    assert ready(shared)["status"] == "ok"

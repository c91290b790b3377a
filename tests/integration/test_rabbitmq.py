"""RabbitMQ in the place of Redis: films are made, a lost broker is lived through; run where the program is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aida_orchestrator.api.broker import Broker

from ..harness import Sandbox, Service, fetch
from ..rabbit import INSTALLED, Rabbit

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not INSTALLED, reason="rabbitmq-server is not installed")]
QUEUES = ("context", "script", "storyboard", "visual", "video", "sweep")


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[Rabbit]:
    """A running RabbitMQ."""
    running = Rabbit(tmp_path / "rabbit")
    running.start()
    yield running
    running.stop()


def test_films_are_made_and_a_killed_broker_costs_none(
    rabbit: Rabbit, start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    assert Broker(rabbit.url).lengths(QUEUES) == dict.fromkeys(QUEUES, 0)  # nobody has declared them yet
    sandbox.latency(kie=1.5, fal=1.5)
    service = start_service(env={"BROKER_URL": rabbit.url, "REDIS_URL": ""})
    films = [service.create(f"Voglio un video di 10 secondi sulle {what}")["taskId"] for what in ("olive", "castagne")]
    service.wait_until(films[0], lambda status: status["currentStep"] == "visual")
    worker = service.worker_pid()
    rabbit.kill()
    status, _, body = fetch("GET", f"{service.url}/ready")
    assert (status, b"the queue does not answer" in body) == (503, True)
    assert b"guest" not in body
    rabbit.start()
    for film in films:
        end = service.wait(film, 150)
        assert (end["status"], end["error"], end["degraded"]) == ("completed", None, [])
    assert service.worker_pid() == worker, "the worker did not live through it"
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"], totals["fal"]) == ({"sold": 4, "duplicates": 0}, {"sold": 4, "duplicates": 0})
    assert fetch("GET", f"{service.url}/ready")[0] == 200

"""RabbitMQ in the place of Redis: films are made, a lost broker is lived through; run where the program is installed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aida_orchestrator.api.broker import Broker, BrokerAway
from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.supervisor import Program, Supervisor

from ..harness import Sandbox, Service, fetch

# The distribution's wrapper changes the user and insists on its own folders.
PROGRAM = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
EPMD = shutil.which("epmd")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None or EPMD is None, reason="rabbitmq-server is not installed"),
]
QUEUES = ("context", "script", "storyboard", "visual", "video", "sweep")


class Rabbit:
    """A node of its own: folders, ports and the naming service are not the machine's."""

    def __init__(self, folder: Path) -> None:
        self._supervisor = Supervisor(folder / "rabbit.json")
        self._port, names, talk = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        plugins = folder / "plugins"
        folder.mkdir(parents=True)
        plugins.write_text("[].\n")
        env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "ERL_EPMD_PORT": str(names),
            "RABBITMQ_NODENAME": f"films{self._port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port), "RABBITMQ_DIST_PORT": str(talk), "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"), "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        }
        argv = [str(EPMD), "-port", str(names), "-address", "127.0.0.1"]
        self._names = Program("epmd", argv, env, log=folder / "epmd.log")
        self._node = Program("rabbit", [str(PROGRAM)], env, cwd=folder, log=folder / "rabbit.log", grace=20)

    def start(self) -> None:
        """Start it and return when it lets us in."""
        if not self._supervisor.is_alive("epmd"):
            self._supervisor.start(self._names)
        self._supervisor.start(self._node)
        self._supervisor.wait("rabbit", lambda: answers(self.url), 90)

    def kill(self) -> None:
        """kill -9 to the node and all its helpers."""
        os.killpg(self._supervisor.pid("rabbit"), signal.SIGKILL)
        self._supervisor.stop("rabbit")

    def stop(self) -> None:
        """Stop it."""
        self._supervisor.stop_all()


def answers(url: str) -> bool:
    try:
        Broker(url).ping()
    except BrokerAway:
        return False
    return True


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

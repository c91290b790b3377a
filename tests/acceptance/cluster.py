"""The whole service on several hosts: stores, sandbox, web and beat on one, a worker on each of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from celery import Celery
from psycopg2.extras import RealDictCursor

from aida_orchestrator.local import programs
from aida_orchestrator.local.supervisor import Supervisor

from ..harness import ROOT, Sandbox, Service, ServiceWishes
from ..hosts import SWITCH, Host, Switch

QUEUES = ("context", "script", "storyboard", "visual", "video", "sweep")


class Machine:
    """One host with one worker of its own folder; what it shares with the others is the folder of media."""

    def __init__(self, host: Host, service: Service, env: dict[str, str]) -> None:
        self.host, self.name, self.node = host, host.name, f"film@{host.name}"
        self.log = service.folder / f"worker-{host.name}.log"
        self._supervisor = Supervisor(service.folder / f"{host.name}-children.json")
        own = service.folder / host.name
        self._env = {**env, "AIDA_HOME": str(own), "LOG_FILE": str(own / "orchestrator.log")}
        self._folder = service.folder

    def start(self) -> None:
        """Start its worker, for all queues."""
        program = programs.worker(self._env, self.log, 8)
        argv = [*self.host.enter, *program.argv, "-n", "film@%h"]
        self._supervisor.start(replace(program, argv=argv, cwd=self._folder))

    def stop(self) -> None:
        """Stop its worker, if it still runs."""
        self._supervisor.stop_all()

    def lose_power(self) -> None:
        """Nothing reaches it or leaves it, not even the farewell of its sockets, and everything on it is gone."""
        self.host.cut()
        os.kill(self._supervisor.pid("worker"), signal.SIGKILL)
        self._supervisor.stop("worker")

    def is_alive(self) -> bool:
        """Whether its worker runs."""
        return self._supervisor.is_alive("worker")

    def told(self, what: str) -> list[str]:
        """The lines of its log with these words."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if what in line]


class Cluster:
    """Everything together; the test itself speaks to web and sandbox through relays, for it stands outside."""

    def __init__(self, folder: Path, dsn: str, broker_url: str, switch: Switch) -> None:
        inside = switch.enter()
        self.sandbox = Sandbox(folder, inside, SWITCH)
        outer = urlsplit(broker_url)
        wishes = ServiceWishes({
            "REDIS_URL": "", "BROKER_URL": broker_url.replace(outer.netloc.rpartition("@")[2], f"{SWITCH}:{outer.port}"),
            "UNKNOWN_WAIT_SECONDS": "15", "PROVIDER_TIMEOUT_SECONDS": "10",
        }, inside=inside)
        self.service = Service(folder, dsn, "", self.sandbox, wishes)
        # Postgres listens on a unix socket, which knows no networks: only the hosts need it as an address.
        asked = parse_qs(urlsplit(dsn).query)
        socket = f"{asked['host'][0]}/.s.PGSQL.{asked['port'][0]}"
        env = {**self.service.env, "DATABASE_URL": f"postgresql://postgres@{SWITCH}:5432{urlsplit(dsn).path}"}
        switch.relay(
            outside=[(f"127.0.0.1:{self.sandbox.port}", f"{SWITCH}:{self.sandbox.port}"),
                     (f"127.0.0.1:{self.service.port}", f"127.0.0.1:{self.service.port}")],
            inside=[(f"{SWITCH}:5432", socket), (f"{SWITCH}:{outer.port}", f"127.0.0.1:{outer.port}")])
        self.machines = [Machine(switch.add_host(name), self.service, env) for name in ("hostA", "hostB", "hostC")]
        asker = Celery("aida", broker=broker_url)
        if not broker_url.startswith("redis"):
            asker.conf.update(control_queue_exclusive=False, control_queue_durable=True)  # as celery_app has it
        self._control = asker.control
        self._inside = inside

    def start(self) -> None:
        """Start everything and return when all workers answer."""
        self.sandbox.start()
        self.sandbox.reset()
        for machine in self.machines:
            machine.start()
        self.service.start_beat()
        self.service.start_web()
        for machine in self.machines:
            until(lambda machine=machine: self.answers(machine), 60, f"{machine.name}'s worker answers")  # type: ignore[misc]

    def stop(self) -> None:
        """Stop everything."""
        for machine in self.machines:
            machine.stop()
        self.service.stop()
        self.sandbox.stop()

    def answers(self, machine: Machine) -> bool:
        """Whether its worker hears what is said to all through the broker."""
        return bool(self._control.inspect([machine.node], timeout=1).ping())

    def active(self, machine: Machine) -> list[str]:
        """The names of the messages it is at."""
        active = self._control.inspect([machine.node], timeout=1).active() or {}
        return [message["name"] for message in active.get(machine.node, [])]

    def celery(self, *arguments: str, answered: bool = True) -> str:
        """What the celery command says, as a person would give it; one that ends does not answer, and it complains."""
        argv = [*self._inside, sys.executable, "-m", "celery", "-A", "celery_app", *arguments]
        done = subprocess.run(argv, env={**self.service.env, "PYTHONPATH": str(ROOT)}, cwd=self.service.folder,
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 or not answered, done.stdout + done.stderr
        return done.stdout

    def let_consume(self, machines: Sequence[Machine], queues: Sequence[str], consume: bool) -> None:
        """Tell these workers to take messages of these queues, or to leave them to others."""
        tell = self._control.add_consumer if consume else self._control.cancel_consumer
        nodes = [machine.node for machine in machines]
        for queue in queues:
            answers = tell(queue, destination=nodes, reply=True, timeout=5, limit=len(nodes))
            assert len(answers) == len(nodes), f"{nodes} about {queue}: {answers}"

    def rows(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        """What the database says."""
        connection = psycopg2.connect(self.service.dsn)
        try:
            with connection.cursor(cursor_factory=RealDictCursor) as cursor:
                cursor.execute(statement, params)
                return [dict(row) for row in cursor.fetchall()]
        finally:
            connection.close()


def until(reached: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first answer that is true; an AssertionError that says what did not come."""
    deadline = time.monotonic() + seconds
    while not (answer := reached()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
    return answer

"""What a run stands on: PostgreSQL and Valkey that may be killed, a fresh sandbox, and web, two workers and beat."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg2
import redis

from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Supervisor
from aida_orchestrator.store.migrate import migrate

from ..harness import Sandbox, Service, ServiceWishes, fetch
from .plan import Blow, Plan

# The machine does not crash here, so nothing need reach the disk; but what was committed must outlive kill -9, so
# synchronous_commit stays on.
_QUICK = {"fsync": "off", "full_page_writes": "off"}
WORKERS = ("worker", "worker-2")
PICTURE_SECONDS, CLIP_SECONDS = 12, 15
_ENVIRONMENT = {
    "PICTURE_DEADLINE_SECONDS": str(PICTURE_SECONDS), "CLIP_DEADLINE_SECONDS": str(CLIP_SECONDS),
    "PROVIDER_TIMEOUT_SECONDS": "5", "ANTHROPIC_TIMEOUT_SECONDS": "10", "UNKNOWN_WAIT_SECONDS": "10",
}


class Stores:
    """PostgreSQL and Valkey of all runs; each run has a database of its own in both."""

    def __init__(self, folder: Path) -> None:
        self._supervisor = Supervisor(folder / "stores.json")
        self._postgres = Postgres(folder / "postgres", folder / "postgres.log", _QUICK)
        self._valkey = Valkey(folder / "valkey", folder / "valkey.log")
        self._ready = {"postgres": self._postgres.is_ready, "valkey": self._valkey.is_ready}
        self._programs = {"valkey": self._valkey.prepare(), "postgres": self._postgres.prepare()}

    def start(self, *names: str) -> None:
        """Start these (all, when none is named) and return when they answer; the addresses stay."""
        for name in names or tuple(self._programs):
            if not self._supervisor.is_alive(name):
                self._supervisor.start(self._programs[name])
                self._supervisor.wait(name, self._ready[name], 60)

    def stop(self, *names: str) -> None:
        """Stop these, or all, the gentle way."""
        self._supervisor.stop(*(names or tuple(self._programs)))

    def kill(self, name: str) -> None:
        """kill -9."""
        os.kill(self._supervisor.pid(name), signal.SIGKILL)
        self._supervisor.stop(name)

    def redis_url(self, number: int) -> str:
        """A numbered database of Valkey."""
        return self._valkey.url_of(number % 63 + 1)

    def database(self, name: str) -> str:
        """The DSN of a new, migrated database."""
        connection = psycopg2.connect(self._postgres.dsn_of("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        dsn = self._postgres.dsn_of(name)
        migrate(dsn)
        return dsn


class Ground:
    """One run's servers. Used from the main thread only: a child ends with the thread that started it."""

    def __init__(self, folder: Path, stores: Stores, plan: Plan) -> None:
        self.stores, self.plan = stores, plan
        self.sandbox = Sandbox(folder)
        dsn = stores.database(f"chaos_{plan.seed}_{time.time_ns()}")
        self.service = Service(folder, dsn, stores.redis_url(plan.seed), self.sandbox,
                               ServiceWishes(_ENVIRONMENT, slots=4, callbacks=plan.callbacks))

    def start(self) -> None:
        """Start everything; returns when the API answers."""
        self.stores.start()
        self._flush()
        self.sandbox.start()
        self.sandbox.reset()
        self.sandbox.latency(**self.plan.pace)
        self.service.start()
        self.service.start_worker(WORKERS[1])

    def stop(self) -> None:
        """Stop the run's own processes."""
        self.service.stop()
        self.sandbox.stop()

    def strike(self, blow: Blow) -> None:
        """Do it, wait as long as it is to be away, and bring it back."""
        verb, _, whom = blow.what.partition(" ")
        if blow.what == "flush valkey":
            self._flush()
        elif whom in ("valkey", "postgres"):
            (self.stores.kill if verb == "kill" else self.stores.stop)(whom)
        elif verb == "end":
            self.service.end_worker(whom)
        elif whom == "workers":
            for name in WORKERS:
                self.service.kill_worker(name)
        elif whom == "web":
            self.service.kill_web()
        elif whom == "beat":
            self.service.kill_beat()
        else:
            self.service.kill_worker(whom)
        time.sleep(blow.seconds)
        self.revive()

    def revive(self) -> list[str]:
        """Start whatever does not run; what had fallen."""
        fallen = []
        for name in ("postgres", "valkey"):
            self.stores.start(name)
        for name in WORKERS:
            if not self.service.is_alive(name):
                fallen.append(name)
                self.service.start_worker(name)
        for name, start in (("beat", self.service.start_beat), ("web", self.service.start_web)):
            if not self.service.is_alive(name):
                fallen.append(name)
                start()
        return fallen

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the database says."""
        connection = psycopg2.connect(self.service.dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                names = [column.name for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            connection.close()

    def ready(self) -> tuple[int, str]:
        """The answer of /ready."""
        status, _, body = fetch("GET", f"{self.service.url}/ready")
        return status, body.decode(errors="replace")

    def _flush(self) -> None:
        with redis.Redis.from_url(self.service.env["REDIS_URL"]) as client:
            client.flushall()

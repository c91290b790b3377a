"""What runs stand on: stores, sandbox, web, two workers and one or two beats, which live from run to run."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2

from aida_orchestrator.local import programs

from ..harness import Sandbox, Service, ServiceWishes, fetch
from .plan import Mode, Plan
from .stores import Stores

WORKERS = ("worker", "worker-2")
BEATS = ("beat", "beat-2")
PICTURE_SECONDS, CLIP_SECONDS = 6, 7
WEBHOOK_KEY = "chaos-webhook-key"
_ENVIRONMENT = {
    "PICTURE_DEADLINE_SECONDS": str(PICTURE_SECONDS), "CLIP_DEADLINE_SECONDS": str(CLIP_SECONDS),
    "PROVIDER_TIMEOUT_SECONDS": "2", "ANTHROPIC_TIMEOUT_SECONDS": "4", "OPENAI_TIMEOUT_SECONDS": "4",
    "MEDIA_TIMEOUT_SECONDS": "5", "UNKNOWN_WAIT_SECONDS": "5", "LEASE_SECONDS": "3", "RING_AGAIN_SECONDS": "2",
}


class Books(Sandbox):
    """The sandbox with media that cost nothing, and with the key that signs KIE's callbacks where the mode wants it."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        super().__init__(folder)
        key = {"KIE_WEBHOOK_KEY": WEBHOOK_KEY} if mode.signed else {}
        self._program = replace(self._program, env={**self._program.env, "SANDBOX_PLAIN_MEDIA": "1", **key})
        self.file = folder / "sandbox" / "sandbox.sqlite"

    @property
    def since(self) -> float:
        """When the run began, in unix seconds."""
        return self._since

    @property
    def media(self) -> Path:
        """Where its own copies of pictures and clips lie."""
        return self.file.parent / "media"

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What its books say, beyond what its ledger tells."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(statement, values).fetchall()


class House(Service):
    """The service with two workers and perhaps two beats."""

    def __init__(self, folder: Path, dsn: str, redis_url: str, sandbox: Books, mode: Mode) -> None:
        key = {"KIE_WEBHOOK_KEY": WEBHOOK_KEY} if mode.signed else {}
        super().__init__(folder, dsn, redis_url, sandbox, ServiceWishes({**_ENVIRONMENT, **key}, 4, mode.callbacks))
        self._beats = BEATS[:mode.beats]

    @property
    def starts(self) -> dict[str, Callable[[], None]]:
        """How each process is started."""
        return {**{name: lambda name=name: self.start_worker(name) for name in WORKERS},  # type: ignore[misc]
                **{name: lambda name=name: self._start_beat(name) for name in self._beats},  # type: ignore[misc]
                "web": self.start_web}

    def revive(self) -> list[str]:  # type: ignore[override]
        """Start whatever does not run, and let go on what was held; what had fallen."""
        fallen = [name for name in self.starts if not self.is_alive(name)]
        for name in fallen:
            self.starts[name]()
        for name in WORKERS:
            self.send(name, signal.SIGCONT)
        return fallen

    def send(self, name: str, number: signal.Signals) -> None:
        """A signal to one process (web: to its children too)."""
        pid = self._supervisor.pid(name)
        with suppress(ProcessLookupError):
            (os.killpg if name == "web" else os.kill)(pid, number)

    def pid(self, name: str) -> int:
        """The number of a process that was started."""
        return self._supervisor.pid(name)

    def kill(self, *names: str) -> None:
        """kill -9, all of them at the same moment."""
        for name in names:
            self.send(name, signal.SIGKILL)
        self._supervisor.stop(*names)

    def stop(self) -> None:
        """Stop what still runs."""
        for name in WORKERS:
            if self.is_alive(name):
                self.send(name, signal.SIGCONT)
        self._supervisor.stop(*self._supervisor.names())

    def _start_beat(self, name: str) -> None:
        program = programs.beat(self.env, self.folder / f"{name}-schedule", self._log(name))
        self._start(replace(program, name=name))


class Ground:
    """One block's servers. Used from the main thread only: a child ends with the thread that started it."""

    def __init__(self, folder: Path, stores: Stores, mode: Mode) -> None:
        self.folder, self.stores, self.mode = folder, stores, mode
        self.sandbox = Books(folder, mode)
        dsn = stores.database(f"chaos_{time.time_ns()}")
        self.service = House(folder, dsn, stores.redis_url, self.sandbox, mode)

    def start(self) -> None:
        """Start everything; returns when the API answers."""
        self.sandbox.start()
        self.service.revive()

    def stop(self) -> None:
        """Stop the block's own processes."""
        self.service.stop()
        self.sandbox.stop()

    def begin(self, plan: Plan) -> None:
        """A run begins: no faults, its own pace, empty logs; the books are read from now on."""
        self.sandbox.reset()
        self.sandbox.latency(**plan.pace)
        for log in self.logs():
            os.truncate(log, 0)
        self.began = time.time()

    def logs(self) -> Iterator[Path]:
        """The logs of our own processes and of the sandbox."""
        return self.folder.glob("*.log")

    def revive(self) -> list[str]:
        """Everything runs again; what had fallen."""
        return [*self.stores.start(), *self.service.revive()]

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What the database says; `%(began)s` is the moment the run began."""
        connection = psycopg2.connect(self.service.dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT to_timestamp(%s)", (self.began,))
                found = cursor.fetchone()
                assert found is not None
                cursor.execute(statement, {"began": found[0], **values})
                names = [column.name for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            connection.close()

    def ready(self) -> tuple[int, str]:
        """The answer of /ready."""
        status, _, body = fetch("GET", f"{self.service.url}/ready")
        return status, body.decode(errors="replace")

    def keep(self, into: Path) -> None:
        """Copy what tells the story of a run: logs, rows, and the sandbox's books."""
        into.mkdir(parents=True, exist_ok=True)
        for log in self.logs():
            shutil.copy(log, into)
        for table in ("tasks", "stage_runs", "jobs", "events", "assets", "charges", "budgets", "reservations",
                      "provider_pauses"):
            lines = [str(row) for row in self.rows(f"SELECT * FROM {table}")]
            (into / f"{table}.txt").write_text("\n".join(lines))
        for table in ("sold", "requests"):
            rows = self.sandbox.rows(f"SELECT * FROM {table} WHERE at >= ?", self.sandbox.since)
            (into / f"sandbox-{table}.txt").write_text("\n".join(map(str, rows)))

"""PostgreSQL and Valkey that may be killed: the addresses stay, and so does what was committed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg2

from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Supervisor
from aida_orchestrator.store.migrate import migrate

# The machine does not crash here, so nothing need reach the disk; but what was committed must outlive kill -9, so
# synchronous_commit stays on.
_QUICK = {"fsync": "off", "full_page_writes": "off"}
_ALL = ("valkey", "postgres")


class Stores:
    """The two servers of a lane; each block of runs has a database of its own. Used from the main thread only."""

    def __init__(self, folder: Path) -> None:
        self._supervisor = Supervisor(folder / "stores.json")
        self._postgres = Postgres(folder / "postgres", folder / "postgres.log", _QUICK)
        self._valkey = Valkey(folder / "valkey", folder / "valkey.log")
        self._ready = {"postgres": self._postgres.is_ready, "valkey": self._valkey.is_ready}
        self._programs = {"valkey": self._valkey.prepare(), "postgres": self._postgres.prepare()}

    def start(self, *names: str) -> list[str]:
        """Start what does not run of these (of both, when none is named), and return when they answer; what was started."""
        fallen = [name for name in names or _ALL if not self._supervisor.is_alive(name)]
        for name in fallen:
            self._supervisor.start(self._programs[name])
        for name in fallen:
            self._supervisor.wait(name, self._ready[name], 60)
        return fallen

    def stop(self, *names: str) -> None:
        """Stop these, or both, the gentle way."""
        self._supervisor.stop(*(names or _ALL))

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """kill -9; PostgreSQL takes SIGQUIT for an immediate shutdown."""
        os.kill(self._supervisor.pid(name), number)
        self._supervisor.stop(name)

    @property
    def redis_url(self) -> str:
        """Where Valkey is."""
        return self._valkey.url_of(1)

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

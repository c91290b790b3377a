"""What every measured design stands on: a fresh PostgreSQL, a fresh Valkey and the provider, as processes."""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import redis

from aida_orchestrator.local.plan import STAND_INS
from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Program, Supervisor
from aida_orchestrator.store.migrate import migrate

ROOT = Path(__file__).parents[1]
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH")
# Every statement with its duration, as JSON lines. It costs time of its own, so only runs that count have it.
_COUNTING = {
    "logging_collector": "on", "log_destination": "jsonlog", "log_filename": "statements", "log_min_duration_statement": "0",
    "log_rotation_size": "0", "log_rotation_age": "0",
}
# Everybody's account limits are lifted: what is measured is the design, not a provider's patience.
_LIMITS = {
    "KIE_WINDOW_SUBMISSIONS": "100000", "KIE_WINDOW_SECONDS": "1", "KIE_RUNNING_LIMIT": "100000",
    "KIE_READS_PER_SECOND": "100000", "KIE_POLL_SECONDS": "1", "FAL_WINDOW_SUBMISSIONS": "100000",
    "FAL_WINDOW_SECONDS": "1", "FAL_RUNNING_LIMIT": "100000", "FAL_READS_PER_SECOND": "100000", "FAL_POLL_SECONDS": "1",
}


class Stack:
    """Stores with the settings they have in use (a commit is on disk when it is answered), and the provider."""

    def __init__(self, folder: Path, *, callbacks: bool, media: bool = False, counting: bool = False,
                 provider_args: Sequence[str] = ()) -> None:
        self.folder = folder
        self.callbacks = callbacks
        self.media = media
        self.counting = counting
        self._provider_args = provider_args
        self.port = free_port()
        self.provider_url = f"http://127.0.0.1:{self.port}"
        self._supervisor = Supervisor(folder / "stack.json")
        self._postgres = Postgres(folder / "postgres", folder / "postgres.log", _COUNTING if counting else {})
        self._valkey = Valkey(folder / "valkey", folder / "valkey.log")
        self._databases = 0

    def start(self) -> None:
        """Start all three and return when they answer."""
        self.folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        self._supervisor.start(self._valkey.prepare())
        self._supervisor.start(self._postgres.prepare())
        argv = [sys.executable, "-m", "benchmarks.provider", "--port", str(self.port), *(["--media"] if self.media else []),
                *self._provider_args]
        env = {**_clean_environment(), "PYTHONPATH": str(ROOT)}
        self._supervisor.start(Program("provider", argv, env, log=self.folder / "provider.log", grace=3))
        self._supervisor.wait("postgres", self._postgres.is_ready, 60)
        self._supervisor.wait("valkey", self._valkey.is_ready, 60)
        self._supervisor.wait("provider", lambda: answers(f"{self.provider_url}/health"), 60)

    def stop(self) -> None:
        """Stop them."""
        self._supervisor.stop_all()

    def database(self, *, migrated: bool = False) -> str:
        """The DSN of a new database: empty, or with our tables."""
        self._databases += 1
        name = f"bench_{self._databases}"
        connection = psycopg2.connect(self._postgres.dsn_of("postgres"), application_name="bench")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        connection.close()
        dsn = self._postgres.dsn_of(name)
        if migrated:
            migrate(dsn)
        return dsn

    @property
    def redis_url(self) -> str:
        """The Valkey, its database 0."""
        return self._valkey.url

    def environment(self) -> dict[str, str]:
        """Variables for a process of this package: the four providers, their limits lifted, and nothing of ours else."""
        env = {stand_in.key: "bench-key" for stand_in in STAND_INS}
        for stand_in in STAND_INS:
            env.update({name: self.provider_url + path for name, path in stand_in.addresses.items()})
        return {**_clean_environment(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env, **_LIMITS,
                "MEDIA_TRUSTED_ORIGINS": self.provider_url}

    def pid(self, name: str) -> int:
        """Of postgres, valkey or provider."""
        return self._supervisor.pid(name)

    def ledger(self) -> dict[str, Any]:
        """The provider's books."""
        return dict(ask("GET", f"{self.provider_url}/ledger"))

    def reset(self) -> None:
        """New books at the provider, and counts from zero at the broker."""
        ask("POST", f"{self.provider_url}/reset")
        with redis.Redis.from_url(self.redis_url) as client:
            client.config_resetstat()

    def broker_calls(self) -> dict[str, int]:
        """How often each command was called since the reset."""
        with redis.Redis.from_url(self.redis_url) as client:
            return {name.removeprefix("cmdstat_"): int(one["calls"]) for name, one in client.info("commandstats").items()}

    def transactions(self) -> int:
        """Committed and rolled back in all databases; the server tells them with up to a second's delay."""
        connection = psycopg2.connect(self._postgres.dsn_of("postgres"), application_name="bench")
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database WHERE datname LIKE 'bench%'")
            row = cursor.fetchone()
        connection.close()
        return int(row[0] or 0) if row else 0

    @property
    def statement_log(self) -> Path:
        """The server's JSON log, in a run that counts."""
        return self.folder / "postgres" / "log" / "statements.json"


def _clean_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def answers(url: str) -> bool:
    """Whether somebody gives 200 there."""
    try:
        ask("GET", url)
    except (OSError, http.client.HTTPException):
        return False
    return True


def ask(method: str, url: str) -> Any:
    """The JSON of an answer; an OSError when it is no 200."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        line.request(method, parts.path)
        answer = line.getresponse()
        raw = answer.read()
    finally:
        line.close()
    if answer.status != 200:
        raise OSError(f"{method} {url}: {answer.status}")
    return json.loads(raw)

"""Runs real servers for the tests: PostgreSQL, Valkey, the sandbox and the whole service, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from aida_orchestrator.local import programs
from aida_orchestrator.local.plan import STAND_INS
from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Supervisor
from aida_orchestrator.store.migrate import migrate

ROOT = Path(__file__).parents[1]
TERMINAL = ("completed", "partial", "failed", "cancelled")
# A crash of the machine need not be survived by a test's data.
# How long the sandbox's providers take unless a test says otherwise, in seconds.
_PACE = {"kie": 0.5, "fal": 0.5, "anthropic": 0.05, "openai": 0.0}
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Servers:
    """One PostgreSQL and one Valkey for the whole run; each test takes a database of its own from both."""

    def __init__(self, folder: Path) -> None:
        self._supervisor = Supervisor(folder / "children.json")
        self._postgres = Postgres(folder / "postgres", folder / "postgres.log", _QUICK)
        self._valkey = Valkey(folder / "valkey", folder / "valkey.log")
        self._template = ""
        self._count = 0

    def start(self) -> None:
        """Start both and return when they answer."""
        self._supervisor.start(self._valkey.prepare())
        self._supervisor.start(self._postgres.prepare())
        self._supervisor.wait("postgres", self._postgres.is_ready, 60)
        self._supervisor.wait("valkey", self._valkey.is_ready, 60)

    def stop(self) -> None:
        """Stop both."""
        self._supervisor.stop_all()

    def empty_database(self) -> str:
        """The DSN of a new database without any table."""
        return self._create("empty", None)

    def migrated_database(self) -> str:
        """The DSN of a new database with all migrations, copied from one that was migrated once."""
        if not self._template:
            dsn = self._create("template", None)
            migrate(dsn)
            self._template = _name(dsn)
        return self._create("test", self._template)

    def redis_url(self) -> str:
        """One of the numbered databases of Valkey, emptied."""
        self._count += 1
        url = self._valkey.url_of(self._count % 63 + 1)
        import redis

        with redis.Redis.from_url(url) as client:
            client.flushdb()
        return url

    def drop(self, dsn: str) -> None:
        """Remove a database, also while somebody is connected to it."""
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_name(dsn))))

    def _create(self, kind: str, template: str | None) -> str:
        self._count += 1
        name = f"{kind}_{self._count}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._admin(statement)
        return self._postgres.dsn_of(name)

    def _admin(self, statement: sql.Composable) -> None:
        connection = psycopg2.connect(self._postgres.dsn_of("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


class Sandbox:
    """The sandbox as a running process, and its back door for tests."""

    def __init__(self, folder: Path, inside: Sequence[str] = (), address: str = "127.0.0.1") -> None:
        """`inside` begins its command line, for another network, where callers know it by `address`."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.public_url = f"http://{address}:{self.port}"
        self.log = folder / "sandbox.log"
        self._supervisor = Supervisor(folder / "sandbox-children.json")
        program = programs.sandbox(self.port, folder / "sandbox", self.log)
        self._since = 0.0
        argv = [*inside, *program.argv, "--host", address, "--public-url", self.public_url]
        self._program = replace(program, argv=argv, env={**program.env, "PYTHONPATH": str(ROOT)})

    def start(self) -> None:
        """Start it and return when it answers."""
        self._supervisor.start(self._program)
        self._supervisor.wait("sandbox", lambda: _answers(f"{self.url}/health"), 60)

    def stop(self) -> None:
        """Stop it."""
        self._supervisor.stop_all()

    def ledger(self) -> dict[str, Any]:
        """Since the test began: `sold`, `requests`, and `totals` per provider with what was bought twice."""
        return dict(ask("GET", f"{self.url}/ledger?since={self._since!r}"))

    def sold(self, provider: str) -> list[dict[str, Any]]:
        """What one provider sold: id, kind, at, fingerprint, request, state, delivered, mediaFetched."""
        return [line for line in self.ledger()["sold"] if line["provider"] == provider]

    def requests(self, provider: str, operation: str | None = None) -> list[dict[str, Any]]:
        """What one provider was asked: operation, at, status."""
        return [
            line for line in self.ledger()["requests"]
            if line["provider"] == provider and operation in (None, line["operation"])
        ]

    def fault(self, rule: Mapping[str, Any]) -> None:
        """Have it misbehave: {"provider", "operation", "fault", "times", ...}."""
        ask("POST", f"{self.url}/faults", rule)

    def latency(self, **seconds: float) -> None:
        """How long providers take: kie=2.0, fal=3.0 ..."""
        ask("POST", f"{self.url}/latency", seconds)

    def reset(self) -> None:
        """No faults, the usual pace, and a ledger that begins now."""
        ask("DELETE", f"{self.url}/faults")
        self.latency(**_PACE)
        self._since = time.time()

    def environment(self) -> dict[str, str]:
        """The variables that point the four providers here."""
        env = {stand_in.key: "test-key" for stand_in in STAND_INS}
        for stand_in in STAND_INS:
            env.update({name: self.public_url + path for name, path in stand_in.addresses.items()})
            env.update(stand_in.asks)
        return {**env, "MEDIA_TRUSTED_ORIGINS": self.public_url, "KIE_POLL_SECONDS": "0.3", "FAL_POLL_SECONDS": "0.3"}


@dataclass(frozen=True)
class ServiceWishes:
    """How a test's service differs from the usual one."""

    env: Mapping[str, str]
    slots: int = 8
    callbacks: bool = True
    inside: Sequence[str] = ()  # what begins its command lines, to run in another network
    web_processes: int = 1


class Service:
    """Web, worker and beat as processes, on databases and a folder of their own. Nothing of the developer's `.env`."""

    def __init__(self, folder: Path, dsn: str, redis_url: str, sandbox: Sandbox, wishes: ServiceWishes) -> None:
        self.folder, self.sandbox = folder, sandbox
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.dsn = dsn
        self.media = folder / "media"
        self._slots, self._inside, self._web_processes = wishes.slots, wishes.inside, wishes.web_processes
        self._supervisor = Supervisor(folder / "service-children.json")
        self.env = {
            **_clean_environment(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "DATABASE_URL": dsn,
            "REDIS_URL": redis_url, "ORCHESTRATOR_PORT": str(self.port), "AIDA_HOME": str(folder / "home"),
            "MEDIA_DIR": str(self.media), "LOG_FILE": str(folder / "orchestrator.log"), "LEASE_SECONDS": "5",
            "RING_AGAIN_SECONDS": "3", "SWEEP_SECONDS": "0.5", **sandbox.environment(),
            # A key of its own: the sandbox counts rate limits by key, and one test's films must not slow another's.
            "KIE_API_KEY": f"test-key-{self.port}", "FAL_KEY": f"test-key-{self.port}",
            **({"PUBLIC_URL": self.url} if wishes.callbacks else {}), **wishes.env,
        }

    def start(self) -> None:
        """Start all three and return when the API answers."""
        self._start(programs.web(self.env, "127.0.0.1", self.port, self._log("web"), self._web_processes))
        self.start_worker()
        self.start_beat()
        self._supervisor.wait("web", lambda: _answers(f"{self.url}/health"), 60)

    def stop(self) -> None:
        """Stop what still runs."""
        self._supervisor.stop("beat", "web", *self._workers())

    def start_worker(self, name: str = "worker", slots: int | None = None, queues: str | None = None) -> None:
        """Start a worker for all queues, or for these; several may run under different names."""
        program = programs.worker(self.env, self._log(name), slots or self._slots)
        of = ["-Q", queues] if queues else []
        self._start(replace(program, name=name, argv=[*program.argv, "-n", f"{name}-{self.port}@%h", *of]))

    def kill_worker(self, name: str = "worker") -> None:
        """kill -9: it has no moment to tidy."""
        os.kill(self._supervisor.pid(name), signal.SIGKILL)
        self._supervisor.stop(name)

    def end_worker(self, name: str = "worker") -> float:
        """SIGTERM; the seconds it took to end by itself."""
        began = time.monotonic()
        os.kill(self._supervisor.pid(name), signal.SIGTERM)
        while self._supervisor.is_alive(name):
            assert time.monotonic() - began < 60, self.tail()
            time.sleep(0.05)
        self._supervisor.stop(name)
        return time.monotonic() - began

    def worker_pid(self, name: str = "worker") -> int | None:
        """Its process number, None when it has ended."""
        return self._supervisor.pid(name) if self._supervisor.is_alive(name) else None

    def is_alive(self, name: str) -> bool:
        """Whether web, beat or a worker runs at this moment."""
        return self._supervisor.is_alive(name)

    def kill_beat(self) -> None:
        """kill -9."""
        os.kill(self._supervisor.pid("beat"), signal.SIGKILL)
        self._supervisor.stop("beat")

    def start_beat(self) -> None:
        """Start beat (again)."""
        self._start(programs.beat(self.env, self.folder / "beat-schedule", self._log("beat")))

    def revive(self) -> None:
        """One web process, one worker and one beat, whatever a test did to them."""
        self._supervisor.stop(*(name for name in self._workers() if name != "worker"))
        for name, start in (("web", self.start_web), ("worker", self.start_worker), ("beat", self.start_beat)):
            if not self._supervisor.is_alive(name):
                start()

    def kill_web(self) -> None:
        """kill -9 to the web process and its children."""
        os.killpg(self._supervisor.pid("web"), signal.SIGKILL)
        self._supervisor.stop("web")

    def web_processes(self) -> list[int]:
        """The numbers of the processes that answer, below gunicorn's master."""
        master = self._supervisor.pid("web")
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def start_web(self) -> None:
        """Start the web process again."""
        self._start(programs.web(self.env, "127.0.0.1", self.port, self._log("web"), self._web_processes))
        self._supervisor.wait("web", lambda: _answers(f"{self.url}/health"), 60)

    def create(self, message: str, user: str = "u1", **more: Any) -> dict[str, Any]:
        """POST create-video; the answer's body."""
        body = {"userId": user, "message": message, **more}
        return dict(ask("POST", f"{self.url}/api/orchestrator/create-video", body))

    def refine(self, project: str, aspect: str, feedback: str, user: str = "u1") -> dict[str, Any]:
        """POST refine; the answer's body."""
        body = {"userId": user, "feedback": feedback, "aspectToRefine": aspect}
        return dict(ask("POST", f"{self.url}/api/orchestrator/refine/{project}", body))

    def retry(self, task: str, **more: Any) -> dict[str, Any]:
        """POST retry; the answer's body."""
        return dict(ask("POST", f"{self.url}/api/orchestrator/retry/{task}", more))

    def set_ceiling(self, task: str, dollars: float | None) -> dict[str, Any]:
        """PATCH the task's maxCostDollars; the answer's body."""
        return dict(ask("PATCH", f"{self.url}/api/orchestrator/tasks/{task}", {"maxCostDollars": dollars}))

    def cancel(self, task: str) -> dict[str, Any]:
        """POST cancel; the answer's body."""
        return dict(ask("POST", f"{self.url}/api/orchestrator/cancel/{task}", {}))

    def status(self, task: str) -> dict[str, Any]:
        """GET status; the answer's body."""
        return dict(ask("GET", f"{self.url}/api/orchestrator/status/{task}"))

    def wait(self, task: str, seconds: float = 120) -> dict[str, Any]:
        """The terminal status."""
        return self.wait_until(task, lambda status: status["status"] in TERMINAL, seconds)

    def wait_until(self, task: str, reached: Callable[[dict[str, Any]], bool], seconds: float = 120) -> dict[str, Any]:
        """The first status for which `reached` holds; fails the test with the state of things when it does not come."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.status(task)
            if reached(status):
                return status
            if time.monotonic() > deadline:
                pytest.fail(f"not there after {seconds:g} s: {json.dumps(status, indent=1)[:4000]}\n{self.tail()}")
            time.sleep(0.1)

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of any address of the service, refusals included."""
        full = address if address.startswith("http") else self.url + address
        return fetch("GET", full, None, headers)

    def tail(self, lines: int = 40) -> str:
        """The ends of all logs."""
        parts = []
        for log in sorted(self.folder.glob("*.log")):
            parts += [f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(parts)

    def _start(self, program: programs.Program) -> None:
        # The folder of the test is the working folder, so that no `.env` of the checkout is read.
        self._supervisor.start(replace(program, argv=[*self._inside, *program.argv], cwd=self.folder))

    def _workers(self) -> list[str]:
        return self._supervisor.names("worker")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def ask(method: str, url: str, body: Any = None) -> Any:
    """The parsed JSON of an answer; an AssertionError with the body for a refusal."""
    status, _, raw = fetch(method, url, body)
    assert status < 400, f"{method} {url}: {status} {raw.decode(errors='replace')[:2000]}"
    return json.loads(raw) if raw else None


def fetch(
    method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """One request; refusals are answers too. `body` may be bytes, or anything that becomes JSON."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **(headers or {})} if data is not None else dict(headers or {})
    request = urllib.request.Request(url, data, given, method=method)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def _answers(url: str) -> bool:
    try:
        return fetch("GET", url)[0] == 200
    except OSError:
        return False


def _name(dsn: str) -> str:
    return dsn.rpartition("?")[0].rpartition("/")[2]


def _clean_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}

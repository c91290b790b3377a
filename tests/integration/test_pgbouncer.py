"""PgBouncer in transaction mode between us and PostgreSQL; run where the program is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest

from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.supervisor import Program, Supervisor
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.migrate import migrate, migration_files

from ..harness import Sandbox, Service

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")
CONNECTIONS = 3
PID = "SELECT pg_backend_pid() AS pid"
Pooled = Callable[..., str]


@pytest.fixture
def pooled(server_folder: Path) -> Iterator[Pooled]:
    """`pooled(dsn)`: the address of the same database through a PgBouncer with three connections to it."""
    supervisor = Supervisor(server_folder / "pgbouncer.json")

    def start(dsn: str, **settings: str) -> str:
        sockets = Path(parse_qs(urlsplit(dsn).query)["host"][0])
        port, user = free_port(), pwd.getpwuid(sockets.stat().st_uid)
        options = {
            "listen_addr": "127.0.0.1", "listen_port": str(port), "unix_socket_dir": "", "auth_type": "any",
            "pool_mode": "transaction", "default_pool_size": str(CONNECTIONS), "max_client_conn": "500", **settings,
        }
        lines = ["[databases]", f"* = host={sockets} port=5432 user=postgres", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in options.items()]
        configuration = server_folder / "pgbouncer.ini"
        configuration.write_text("\n".join(lines) + "\n")
        os.chmod(server_folder, 0o755)
        ids = (user.pw_uid, user.pw_gid) if os.geteuid() == 0 else None
        log = server_folder / "pgbouncer.log"
        argv = [str(PROGRAM), str(configuration)]
        supervisor.start(Program("pgbouncer", argv, {"PATH": os.environ["PATH"]}, Path("/"), log, user=ids))
        supervisor.wait("pgbouncer", lambda: log.is_file() and "process up" in log.read_text(), 20)
        return f"postgresql://aida@127.0.0.1:{port}{urlsplit(dsn).path}"

    yield start
    supervisor.stop_all()


def test_it_refuses_our_start_up_options_and_we_do_without(
    pooled: Pooled, dsn: str, caplog: pytest.LogCaptureFixture,
) -> None:
    address = pooled(dsn)
    with pytest.raises(psycopg2.OperationalError, match="unsupported startup parameter"):
        psycopg2.connect(address, options="-c statement_timeout=30000").close()
    database = Database(address, size=2)
    with database.transaction() as outer, database.transaction() as inner:
        assert (outer.one(PID) or {})["pid"] != (inner.one(PID) or {})["pid"]
    assert [record.message for record in caplog.records if "start-up options" in record.message]
    database.close()


def test_many_callers_share_few_connections(pooled: Pooled, dsn: str) -> None:
    address = pooled(dsn)
    databases = [Database(address, size=10) for _ in range(4)]

    def backend(number: int) -> int:
        with databases[number % len(databases)].transaction() as tx:
            return int((tx.one(PID) or {})["pid"])

    with ThreadPoolExecutor(40) as callers:
        backends = set(callers.map(backend, range(400)))
    for database in databases:
        database.close()
    assert 1 <= len(backends) <= CONNECTIONS


def test_statements_used_again_find_another_session_and_do_not_mind(pooled: Pooled, dsn: str) -> None:
    address = pooled(dsn)
    greeted = psycopg2.connect(address)
    with greeted.cursor() as cursor:
        cursor.execute(PID)
        assert cursor.fetchone() != (greeted.info.backend_pid,)  # by which it is known
    greeted.close()
    databases = [Database(address, size=5) for _ in range(4)]
    add = "INSERT INTO heartbeats (name, at) VALUES (%(name)s, now())"

    def use(number: int) -> int:
        with databases[number % len(databases)].transaction() as tx:
            tx.later(add, name=f"{number} a")
            tx.later(add, name=f"{number} b")
            assert tx.run(add, name=f"{number} c") == 1
            tx.one("SELECT * FROM heartbeats WHERE name = %(name)s", name=f"{number} a")
            return int((tx.one("SELECT count(*) AS n FROM pg_prepared_statements") or {})["n"])

    with ThreadPoolExecutor(20) as callers:
        assert set(callers.map(use, range(400))) == {0}
    with databases[0].single() as tx:
        assert tx.one("SELECT count(*) AS n FROM heartbeats") == {"n": 1200}
    for database in databases:
        database.close()


def test_migrations_go_through_it_and_leave_no_lock_behind(pooled: Pooled, empty_dsn: str) -> None:
    address = pooled(empty_dsn)
    names = [file.name for file in migration_files()]
    held = psycopg2.connect(address)  # keeps one of the connections, so that not all goes to the same one
    with held.cursor() as cursor:
        cursor.execute("SELECT 1")
    with ThreadPoolExecutor(2) as callers:
        applied = list(callers.map(migrate, [address, address]))
    held.close()
    assert sorted(applied) == [[], names]
    began = time.monotonic()
    assert migrate(empty_dsn, wait_seconds=5) == []  # past PgBouncer: another session than any of its own
    assert time.monotonic() - began < 4


@pytest.mark.slow
def test_a_film_is_made_through_it(
    start_service: Callable[..., Service], pooled: Pooled, dsn: str, sandbox: Sandbox,
) -> None:
    service = start_service(env={"DATABASE_URL": pooled(dsn)})
    end = service.wait(service.create("Voglio un video di 10 secondi sulle olive")["taskId"])
    assert (end["status"], end["error"], end["degraded"]) == ("completed", None, [])
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"], totals["fal"]) == ({"sold": 2, "duplicates": 0}, {"sold": 2, "duplicates": 0})

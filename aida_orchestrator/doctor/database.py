"""The database: does it answer, is it new enough, are our tables there, does the sweep leave its mark in them?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..errors import SettingsError
from ..settings import Settings
from ..store import facts, runs, watch
from ..store.db import Database, StoreUnavailable, Tx, connect
from ..store.facts import Server
from ..store.migrate import missing_migrations
from . import spending
from .clock import Reading
from .findings import Finding, ok, unknown, warning, wrong

_OLDEST, _OLDEST_VECTOR = 15, (0, 8)


def check(settings: Settings, now: datetime, readings: list[Reading]) -> Iterator[Finding]:
    """Everything that the database can tell; `readings` gets its clock."""
    try:
        address = settings.require_database()
        connect(address).close()  # its errors are in words and without the address
    except SettingsError as error:
        yield wrong("database", str(error), "start it, or mend DATABASE_URL: host, port, name, user and password")
        return
    db = Database(address, size=1, wait_seconds=5)
    try:
        with db.transaction() as tx:
            server = facts.server(tx)
            readings.append(Reading("the database", server.at, datetime.now(server.at.tzinfo), 0.0))
            yield from _server(server)
            yield from _tables(tx, settings, now)
    except StoreUnavailable as error:
        yield wrong("database", f"the database let go in the middle of it ({type(error).__name__})",
                    "look into its log; is it restarting, or out of connections?")
    finally:
        db.close()


def _server(server: Server) -> Iterator[Finding]:
    if server.number // 10_000 < _OLDEST:
        yield wrong("database.version", f"PostgreSQL {server.title} is older than {_OLDEST}", "move to 15 or later")
    else:
        yield ok("database", f"PostgreSQL {server.title} answers, {server.connections} of {server.most} connections in use")
    if server.standby:
        yield wrong("database.standby", "this server is a standby: nothing can be written",
                    "set DATABASE_URL to the primary")
    if server.connections > 0.8 * server.most:
        yield warning("database.connections", f"{server.connections} of {server.most} connections are in use",
                      "raise max_connections, or put PgBouncer before it (docs/scaling.md)")
    yield _vector(server)


def _vector(server: Server) -> Finding:
    if server.vector is None:
        if server.vector_available is None:
            return wrong("database.pgvector", "this PostgreSQL has no pgvector",
                         f"install postgresql-{server.number // 10_000}-pgvector, then run `CREATE EXTENSION vector;` as a "
                         "superuser")
        return wrong("database.pgvector", f"pgvector {server.vector_available} is there, and not switched on in this one",
                     "run `aida migrate`, or `CREATE EXTENSION vector;` as a superuser")
    if _numbers(server.vector) < _OLDEST_VECTOR:
        return wrong("database.pgvector", f"pgvector {server.vector} is older than 0.8: recall misses what is there",
                     "install 0.8 or later, then `ALTER EXTENSION vector UPDATE;`")
    return ok("database.pgvector", f"pgvector {server.vector}")


def _tables(tx: Tx, settings: Settings, now: datetime) -> Iterator[Finding]:
    missing = missing_migrations(tx)
    if missing:
        yield wrong("database.schema", f"not applied: {', '.join(missing)}", "run `aida migrate`")
        yield unknown("sweep", "cannot be told without the tables")
        return
    yield ok("database.schema", "all migrations are applied")
    yield _sweep(tx, settings, now)
    doubts = watch.count_doubts(tx)
    if doubts:
        told = ", ".join(f"{count} at {provider}" for provider, count in doubts.items())
        yield warning("purchases", f"purchases of which nobody knows whether they were made: {told}",
                      "`aida jobs --unknown` says where to look")
    yield from spending.check(tx, settings, now)


def _sweep(tx: Tx, settings: Settings, now: datetime) -> Finding:
    last = runs.last_heartbeat(tx, "sweep")
    if last is None:
        return wrong("sweep", "no sweep has ever run here: films do not move",
                     "start beat, and a worker that serves the queue `sweep`")
    age = (now - last).total_seconds()
    if age > max(20.0, 10 * settings.sweep_seconds):
        return wrong("sweep", f"the last sweep ran {age:.0f} s ago: films do not move",
                     "start beat, and a worker that serves the queue `sweep`; if both run, look at the clocks")
    return ok("sweep", f"the last sweep ran {max(age, 0):.1f} s ago")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())

"""Connections, transactions and the loader of the named queries."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
from psycopg2.extras import Json

from ..errors import SettingsError
from .prepared import Common, Line, Statements
from .variants import entitle

log = logging.getLogger(__name__)

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
# An escaped NUL, not the letters u0000 after an escaped backslash.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
# A host that is cut off in the middle of a transaction keeps its locks until idle_in_transaction_session_timeout, which
# is therefore shorter than the others wait for them.
_SESSION = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=15000 -c lock_timeout=20000 -c timezone=UTC"
# A server that vanishes without a word (power, network) would hold a thread for the kernel's quarter of an hour, or two
# hours; the bounds above are the server's own and go with it. Milliseconds for the last one.
_LINE: dict[str, Any] = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}


def sql_folder() -> Path:
    """The folder with migrations and queries: beside the package in a checkout, under the prefix when installed."""
    checkout = Path(__file__).parents[2] / "sql"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "aida-orchestrator" / "sql"


@cache
def load_queries(name: str) -> Mapping[str, str]:
    """The queries of `sql/queries/<name>.sql` by the name in their `-- name:` line."""
    text = (sql_folder() / "queries" / f"{name}.sql").read_text()
    parts = _NAME.split(text)[1:]
    queries = {title: body.strip().rstrip(";") for title, body in zip(parts[::2], parts[1::2], strict=True)}
    for title, body in queries.items():
        entitle(body, title)
    return queries


def as_json(value: Any) -> Json:
    """Wrap a value for a jsonb parameter; what jsonb cannot hold (NUL, half a surrogate pair) is left out."""
    return Json(value, dumps=_dumps)


def _dumps(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return _NUL.sub(r"\1", text)


# Trouble that passes: the server is away, restarting or full. Everything else of psycopg2 is a mistake of ours.
StoreUnavailable = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Tx:
    """One open transaction; rows come back as dicts.

    The connection commits by itself and BEGIN and COMMIT are sent by us, together with the statements beside them: of a
    transaction's time most is going to the server and back. For the same reason `later` holds back a statement whose
    answer nobody needs until the next one is sent; its error comes then, or at the end of the block. Statements that
    are used again and again are prepared.
    """

    def __init__(self, connection: Line, *, begin: bool = True) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._statements = connection.statements
        self._held = [*self._statements.begin(), b"BEGIN"] if begin else self._statements.begin()
        self._overhead = len(self._held)
        self._begin = begin
        self._sent = False

    def one(self, sql: str, **params: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        self._send(self._statements.render(self._cursor, sql, params))
        row = self._cursor.fetchone()
        return dict(zip(self._names(sql, len(row)), row, strict=True)) if row is not None else None

    def all(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Every row."""
        self._send(self._statements.render(self._cursor, sql, params))
        rows = self._cursor.fetchall()
        if not rows:
            return []
        names = self._names(sql, len(rows[0]))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def run(self, sql: str, **params: Any) -> int:
        """Run a statement without rows; returns how many rows it touched."""
        self._send(self._statements.render(self._cursor, sql, params))
        return int(self._cursor.rowcount)

    def later(self, sql: str, **params: Any) -> None:
        """Run a statement whose answer is not needed, before the next one that is, or before the commit."""
        self._held.append(self._statements.render(self._cursor, sql, params))

    def flush(self) -> None:
        """Send what is held back."""
        if self._held:
            self._send(b"")

    def commit(self) -> None:
        """Send what is held back, and COMMIT; for whoever opened the transaction."""
        if self._sent or len(self._held) > self._overhead:
            self._send(b"COMMIT" if self._begin else b"")

    def roll_back(self) -> None:
        """Undo; a connection that cannot even do that is closed."""
        if self._sent and self._begin and not self._connection.closed:
            try:
                self._cursor.execute(b"ROLLBACK")
            except psycopg2.Error:
                self._connection.close()

    def _send(self, statement: bytes) -> None:
        # Each on lines of its own, for one may end in a comment.
        whole = b"\n;\n".join([*self._held, statement]) if self._held else statement
        self._held.clear()
        self._sent = True
        if whole:
            try:
                self._cursor.execute(whole)
            except BaseException as error:
                outdated = self._statements.failed(error)
                # A line that breaks has no code and no class, and the library has not noticed yet that it is closed.
                if outdated or (type(error) is psycopg2.DatabaseError and error.pgcode is None):
                    self._connection.close()
                    raise psycopg2.OperationalError(str(error)) from error
                raise
            self._statements.arrived()

    def _names(self, sql: str, width: int) -> tuple[str, ...]:
        names = _COLUMNS.get(sql)
        if names is None or len(names) != width:  # a column was added while we run
            assert self._cursor.description is not None
            names = _COLUMNS[sql] = tuple(column[0] for column in self._cursor.description)
        return names


_COLUMNS: dict[str, tuple[str, ...]] = {}  # asking for them again costs more than a row


class Database:
    """Connections opened at first use in each process, reused last-in first-out, at most `size` at once.

    psycopg2's own pool raises when it is empty, hands out dead connections and keeps only its minimum open; and a
    connection made before a fork gives other people's rows, without an error. So: wait for a free place, ask an idle
    connection whether it lives, and forget everything that an earlier process opened.
    """

    def __init__(self, dsn: str, size: int = 16, wait_seconds: float = 20) -> None:
        self._dsn = dsn
        self._wait = wait_seconds
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[tuple[Line, float]] = []
        self._pid = os.getpid()
        self._options: str | None = _SESSION
        self._prepared = Common()

    def __repr__(self) -> str:
        return "Database(...)"

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A transaction: commit at the end of the block, roll back when it raises."""
        with self._connected() as connection:
            tx = Tx(connection)
            try:
                yield tx
                tx.commit()
            except BaseException:
                tx.roll_back()
                raise

    @contextmanager
    def single(self) -> Iterator[Tx]:
        """For one statement, which is a transaction by itself: one way to the server instead of two."""
        with self._connected() as connection:
            tx = Tx(connection, begin=False)
            yield tx
            tx.commit()

    @contextmanager
    def _connected(self) -> Iterator[Line]:
        if not self._slots.acquire(timeout=self._wait):
            raise psycopg2.OperationalError(f"no database connection became free in {self._wait:g} s")
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the idle connections of this process."""
        with self._lock:
            for connection, _ in self._idle:
                connection.close()
            self._idle.clear()

    def _take(self) -> Line:
        while True:
            with self._lock:
                if self._pid != os.getpid():
                    self._idle, self._pid = [], os.getpid()
                if not self._idle:
                    break
                connection, idle_since = self._idle.pop()
            if _alive(connection, idle_since):
                return connection
            connection.close()
        connection = self._open()
        connection.autocommit = True
        connection.statements = Statements(self._prepared, lasting=_is_direct(connection))
        return connection

    def _open(self) -> Line:
        options = self._options
        try:
            return psycopg2.connect(self._dsn, connection_factory=Line, options=options, connect_timeout=5, **_LINE)
        except psycopg2.OperationalError as error:
            if options is None or "unsupported startup parameter" not in str(error):
                raise
        # PgBouncer's words. What the options say must then be said of the role: docs/scaling.md.
        log.warning("the database takes no start-up options: its role's own settings hold")
        self._options = None
        return psycopg2.connect(self._dsn, connection_factory=Line, connect_timeout=5, **_LINE)

    def _give_back(self, connection: Line) -> None:
        if connection.closed:
            return
        with self._lock:
            self._idle.append((connection, time.monotonic()))


def _is_direct(connection: Line) -> bool:
    # A pooler greets with a number of its own making, and each transaction may be in another session of the server.
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone() == (connection.info.backend_pid,)
    except psycopg2.Error as error:
        connection.close()
        raise psycopg2.OperationalError(str(error)) from error


def _alive(connection: psycopg2.extensions.connection, idle_since: float) -> bool:
    # One that was used a moment ago is trusted; an older one may have died with its server, and only asking tells.
    if connection.closed:
        return False
    if time.monotonic() - idle_since < 1:
        return True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


def connect(dsn: str) -> psycopg2.extensions.connection:
    """One plain connection outside any pool; raises SettingsError with the cause when the server does not answer."""
    try:
        return psycopg2.connect(dsn, connect_timeout=5)
    except psycopg2.OperationalError as error:
        # libpq puts its advice on indented lines below each cause.
        causes = [line for line in str(error).splitlines() if line.strip() and not line[0].isspace()]
        reason = causes[-1] if causes else "no answer"
        raise SettingsError(f"cannot reach the database of DATABASE_URL: {reason}") from None
    except psycopg2.ProgrammingError:
        # libpq's own words would repeat the address, and with it the password.
        raise SettingsError(
            "DATABASE_URL is not an address of PostgreSQL: write it as postgresql://user:password@host:5432/name"
        ) from None

"""Applies `sql/migrations` in order, once each, under a lock; a file that changed after it was applied is refused."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

import psycopg2
import psycopg2.extensions

from ..errors import SettingsError
from .db import Tx, connect, sql_folder

_LEAVES = re.compile(r"^-- leaves: (\w+)$", re.MULTILINE)
_LOCK = 4_201_337
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""


def migration_files() -> list[Path]:
    """All migrations in the order in which they are applied."""
    return sorted((sql_folder() / "migrations").glob("[0-9]*.sql"))


def migrate(dsn: str, wait_seconds: float = 60) -> list[str]:
    """Apply what is missing and return the names applied; raises SettingsError if pgvector is missing or a file changed.

    The lock is polled, not waited for: a waiting session would block CREATE INDEX CONCURRENTLY of the one that has it.
    It is a transaction's: a session's lock would stay behind in the connection of a pooler such as PgBouncer.
    """
    keeper = connect(dsn)
    try:
        _lock(keeper, wait_seconds)
        connection = connect(dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(_TABLE)
                cursor.execute("SELECT name, sha256 FROM schema_migrations")
                known = dict(cursor.fetchall())
            return [file.name for file in migration_files() if _apply(connection, file, known.get(file.name))]
        finally:
            connection.close()
    finally:
        keeper.close()


def missing_migrations(tx: Tx) -> list[str]:
    """Names of the migrations that this database still lacks, by the last relation that each says it leaves.

    Asking the schema itself, and not our own list, lets files that were run by psql count.
    """
    lacking = []
    for file in migration_files():
        said = _LEAVES.search(file.read_text())
        found = tx.one("SELECT to_regclass(%(name)s) IS NOT NULL AS there", name=said.group(1)) if said else {"there": True}
        if not (found and found["there"]):
            lacking.append(file.name)
    return lacking


def _lock(keeper: psycopg2.extensions.connection, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    with keeper.cursor() as cursor:
        while True:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))
            row = cursor.fetchone()
            if row and row[0]:
                return
            keeper.rollback()
            if time.monotonic() > deadline:
                raise SettingsError(f"another process has been migrating this database for {wait_seconds:g} s")
            time.sleep(0.2)


def _apply(connection: psycopg2.extensions.connection, file: Path, known_sha: str | None) -> bool:
    text = file.read_text()
    sha = hashlib.sha256(text.encode()).hexdigest()
    if known_sha is not None:
        if known_sha != sha:
            raise SettingsError(f"migration {file.name} was changed after it was applied: restore it and add a new "
                                "one. A database with nothing worth keeping can be made anew (the embedded one: move .aida)")
        return False
    in_transaction = not text.startswith("-- no-transaction")
    try:
        with connection.cursor() as cursor:
            if in_transaction:
                cursor.execute("BEGIN")
                cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"SET {'LOCAL ' if in_transaction else ''}lock_timeout = '10s'")
            cursor.execute(text)
            cursor.execute("INSERT INTO schema_migrations (name, sha256) VALUES (%s, %s)", (file.name, sha))
            if in_transaction:
                cursor.execute("COMMIT")
    except psycopg2.Error as error:
        if not connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        if "vector" in str(error) and "extension" in str(error):
            raise SettingsError("this PostgreSQL has no pgvector: install the package (postgresql-NN-pgvector), then "
                                "run `CREATE EXTENSION IF NOT EXISTS vector;` as a superuser") from None
        raise SettingsError(f"migration {file.name} failed: {str(error).strip()}") from None
    return True

"""Migrations: in order, once each, by our own hand or by plain psql; a file that changed afterwards is refused."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import psycopg2
import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.migrate import migrate, migration_files, missing_migrations

NAMES = [file.name for file in migration_files()]
SHAPE = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'schema_migrations' ORDER BY 1, 2
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'schema_migrations' ORDER BY 1"


def test_files_are_numbered_without_gaps_and_begin_with_why() -> None:
    assert [int(name[:4]) for name in NAMES] == list(range(1, len(NAMES) + 1))
    for file in migration_files():
        assert file.read_text().startswith("-- Why: ")


def test_an_empty_database_gets_every_file_once(empty_dsn: str) -> None:
    assert migrate(empty_dsn) == NAMES
    before = shape(empty_dsn)
    assert migrate(empty_dsn) == []
    assert shape(empty_dsn) == before


def test_what_is_missing_is_named(empty_dsn: str) -> None:
    database = Database(empty_dsn)
    with database.transaction() as tx:
        assert missing_migrations(tx) == NAMES
    migrate(empty_dsn)
    with database.transaction() as tx:
        assert missing_migrations(tx) == []
    database.close()


def test_a_file_that_changed_after_it_was_applied_is_refused(dsn: str) -> None:
    run(dsn, "UPDATE schema_migrations SET sha256 = 'another' WHERE name = %s", NAMES[1])
    with pytest.raises(SettingsError, match=f"{NAMES[1]} was changed"):
        migrate(dsn)


def test_two_at_once_apply_each_file_once(empty_dsn: str) -> None:
    applied: list[str] = []
    threads = [threading.Thread(target=lambda: applied.extend(migrate(empty_dsn))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(applied) == NAMES


def test_whoever_waits_too_long_for_another_migration_is_told(empty_dsn: str) -> None:
    connection = psycopg2.connect(empty_dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4201337)")
    with pytest.raises(SettingsError, match="another process has been migrating"):
        migrate(empty_dsn, wait_seconds=0.1)
    connection.close()


def test_a_failing_file_leaves_nothing_behind(empty_dsn: str) -> None:
    run(empty_dsn, "CREATE TABLE jobs (id integer)")  # in the way of the second file
    with pytest.raises(SettingsError, match=NAMES[1]):
        migrate(empty_dsn)
    database = Database(empty_dsn)
    with database.transaction() as tx:
        assert missing_migrations(tx) == NAMES[1:]
        made = tx.one("SELECT to_regclass('task_jobs') AS made")
    database.close()
    assert made == {"made": None}


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not on PATH")
def test_plain_psql_in_order_gives_the_same_schema_also_twice(empty_dsn: str, dsn: str) -> None:
    for file in [*migration_files(), *migration_files()]:
        psql(empty_dsn, file)
    assert shape(empty_dsn) == shape(dsn)


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not on PATH")
def test_our_own_hand_goes_on_where_psql_was_before(empty_dsn: str) -> None:
    for file in migration_files():
        psql(empty_dsn, file)
    assert migrate(empty_dsn) == NAMES
    assert migrate(empty_dsn) == []


def psql(dsn: str, file: Path) -> None:
    done = subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", str(file), dsn], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


def run(dsn: str, statement: str, *values: str) -> None:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.close()


def shape(dsn: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Every column and every index."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(SHAPE)
        columns = cursor.fetchall()
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
    connection.close()
    return columns, indexes

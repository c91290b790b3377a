"""The pool: rollback by default, wait when full, outlive a server that hangs up, and forget a parent's connections."""

from __future__ import annotations

import os
import threading
import time

import psycopg2
import pytest

from aida_orchestrator.store.db import Database, StoreUnavailable

COUNT = "SELECT count(*) AS n FROM heartbeats"
ADD = "INSERT INTO heartbeats (name, at) VALUES (%(name)s, now())"
PID = "SELECT pg_backend_pid() AS pid"


def count(own_database: Database) -> int:
    with own_database.transaction() as tx:
        row = tx.one(COUNT)
    assert row is not None
    return int(row["n"])


def backend(own_database: Database) -> int:
    with own_database.transaction() as tx:
        row = tx.one(PID)
    assert row is not None
    return int(row["pid"])


def hang_up(dsn: str, pid: int) -> None:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
    connection.close()
    time.sleep(0.1)


def test_the_end_of_the_block_commits(own_database: Database) -> None:
    with own_database.transaction() as tx:
        tx.run(ADD, name="a")
    assert count(own_database) == 1


def test_an_error_in_the_block_rolls_back_and_the_connection_is_usable_again(own_database: Database) -> None:
    before = backend(own_database)

    def fail() -> None:
        with own_database.transaction() as tx:
            tx.run(ADD, name="a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(own_database) == 0
    assert backend(own_database) == before


def test_a_statement_that_fails_rolls_back_what_went_before(own_database: Database) -> None:
    def fail() -> None:
        with own_database.transaction() as tx:
            tx.run(ADD, name="a")
            tx.run(ADD, name="a")

    with pytest.raises(psycopg2.errors.UniqueViolation):
        fail()
    assert count(own_database) == 0


def test_a_full_pool_is_waited_for(dsn: str) -> None:
    pool = Database(dsn, size=1, wait_seconds=5)
    with pool.transaction() as tx:
        waiting = threading.Thread(target=backend, args=(pool,))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        tx.run(ADD, name="a")
    waiting.join(5)
    assert not waiting.is_alive()
    pool.close()


def test_a_pool_that_stays_full_says_so_as_passing_trouble(dsn: str) -> None:
    pool = Database(dsn, size=1, wait_seconds=0.1)
    with pool.transaction(), pytest.raises(StoreUnavailable, match="no database connection became free"):
        backend(pool)
    assert backend(pool)
    pool.close()


def test_a_hundred_transactions_use_no_more_connections_than_threads(own_database: Database, dsn: str) -> None:
    pids: set[int] = set()
    threads = [threading.Thread(target=lambda: pids.update(backend(own_database) for _ in range(25))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert 1 <= len(pids) <= 4


def test_an_idle_connection_that_the_server_closed_is_replaced_unseen(own_database: Database, dsn: str) -> None:
    hang_up(dsn, backend(own_database))
    time.sleep(1.0)  # one used within the last second is trusted
    assert count(own_database) == 0


def test_a_hang_up_in_the_middle_is_passing_trouble_and_the_next_transaction_works(own_database: Database, dsn: str) -> None:
    def fail() -> None:
        with own_database.transaction() as tx:
            row = tx.one(PID)
            assert row is not None
            tx.run(ADD, name="a")
            hang_up(dsn, row["pid"])
            tx.run(ADD, name="b")

    with pytest.raises(StoreUnavailable):
        fail()
    assert count(own_database) == 0


def test_a_child_opens_connections_of_its_own_and_leaves_the_parents_alone(own_database: Database) -> None:
    mine = backend(own_database)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # no test code may run on in the child
        try:
            os.write(writer, f"{backend(own_database)}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    theirs = int(os.read(reader, 100))
    os.waitpid(child, 0)
    os.close(reader)
    assert theirs != mine
    assert backend(own_database) == mine


def test_sessions_are_bounded_and_keep_utc(own_database: Database) -> None:
    with own_database.transaction() as tx:
        row = tx.one("SELECT current_setting('timezone') AS zone, current_setting('statement_timeout') AS statement, "
                     "current_setting('lock_timeout') AS lock")
    assert row == {"zone": "UTC", "statement": "30s", "lock": "20s"}


def test_an_address_with_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Database("postgresql://aida:secret@db.invalid/aida"))


def test_a_server_that_vanishes_is_noticed_within_half_a_minute(own_database: Database) -> None:
    with own_database.transaction() as tx:
        line = tx._connection.info.dsn_parameters
    assert int(line["keepalives_idle"]) + int(line["keepalives_interval"]) * int(line["keepalives_count"]) <= 30
    assert line["tcp_user_timeout"] == "30000"

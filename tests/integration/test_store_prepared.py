"""What is used again is prepared: with the same answers, and nothing is lost when the server and we disagree about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from aida_orchestrator.model import Stage
from aida_orchestrator.store.db import Database, StoreUnavailable, Tx, as_json

ADD = "INSERT INTO heartbeats (name, at) VALUES (%(name)s, %(at)s)"
FIND = "SELECT * FROM heartbeats WHERE name = %(name)s -- the one; and no other"
TOUCH = "UPDATE heartbeats SET at = %(at)s"
KEPT = "SELECT statement AS text FROM pg_prepared_statements"
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def one_line(dsn: str) -> Iterator[Database]:
    """A pool of one connection, so that each transaction follows the other on it."""
    opened = Database(dsn, size=1)
    yield opened
    opened.close()


def kept(own_database: Database) -> list[str]:
    """What the server has prepared for the only connection, without this question."""
    with own_database.single() as tx:
        texts = [row["text"].partition(" AS ")[2].partition("\n;\n")[0] for row in tx.all(KEPT)]
    return sorted(text for text in texts if "pg_prepared_statements" not in text)


def add(own_database: Database, *names: str) -> None:
    for name in names:
        with own_database.transaction() as tx:
            tx.run(ADD, name=name, at=NOW)


def change(dsn: str, statement: str) -> None:
    """Somebody else's statement."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def test_a_statement_is_prepared_at_its_second_use_and_not_at_its_first(one_line: Database) -> None:
    add(one_line, "a")
    assert kept(one_line) == []
    add(one_line, "b", "c")
    assert kept(one_line) == ["INSERT INTO heartbeats (name, at) VALUES ($1, $2)"]


def test_rows_and_counts_are_those_of_the_last_statement_sent(one_line: Database) -> None:
    add(one_line, "a", "b", "c", "d")
    for _ in range(4):
        with one_line.transaction() as tx:
            tx.later(TOUCH, at=NOW)
            tx.later(FIND, name="b")
            assert tx.run("UPDATE heartbeats SET at = now() WHERE name IN ('a', 'b')") == 2
            tx.later(TOUCH, at=NOW)
            assert tx.one(FIND, name="a") == {"name": "a", "at": NOW}
            assert tx.one(FIND, name="nobody") is None
            assert len(tx.all("SELECT name FROM heartbeats")) == 4
            assert tx.run(TOUCH, at=NOW) == 4
    assert len(kept(one_line)) == 5


def test_a_statement_used_twice_in_one_exchange_is_prepared_within_it(one_line: Database) -> None:
    with one_line.transaction() as tx:
        for name in "abcde":
            tx.later(ADD, name=name, at=NOW)
    with one_line.single() as tx:
        assert tx.one("SELECT count(*) AS n FROM heartbeats") == {"n": 5}
    assert len(kept(one_line)) == 1


TYPED = [
    1, -1, 0, 2**31, -2**31, 2**31 - 1, 2**63, -2**63, 10**30, 1.5, 1e20, -0.1, float("inf"), Decimal("1.50"),
    Decimal("NaN"), True, NOW, datetime(2026, 12, 1), date(2026, 12, 1), timedelta(days=3, milliseconds=5), ["a", "it's"],
    [1, 2], ["a", None],
]
UNTYPED = [None, "a", "it's 100% \\ „so\"", Stage.VIDEO, as_json({"a": ["%", "$1", 1.5]})]


@pytest.mark.parametrize("value", TYPED, ids=repr)
def test_a_value_is_the_same_and_of_the_same_type_each_time(one_line: Database, value: Any) -> None:
    text, told = "SELECT pg_typeof(%(value)s)::text AS kind, %(value)s AS value, '1%%' AS percent", []
    for _ in range(4):
        with one_line.single() as tx:
            told.append(repr(tx.one(text, value=value)))
    assert len(set(told)) == 1


@pytest.mark.parametrize("value", UNTYPED, ids=repr)
@pytest.mark.parametrize("kind", ["text", "jsonb"])
def test_a_value_without_a_type_becomes_what_is_wanted(one_line: Database, value: Any, kind: str) -> None:
    told = []
    for _ in range(4):
        try:
            with one_line.single() as tx:
                told.append(repr(tx.one(f"SELECT %(value)s::{kind} AS value", value=value)))
        except psycopg2.errors.InvalidTextRepresentation as error:
            told.append(error.pgcode or "")
    assert len(set(told)) == 1


def test_an_empty_list_is_a_list_of_what_is_wanted(one_line: Database) -> None:
    for given in ([], ["a"], []):
        for _ in range(3):
            with one_line.single() as tx:
                assert tx.one("SELECT 'a' = ANY(%(words)s) AS there", words=given) == {"there": bool(given)}


def test_other_types_of_the_same_parameter_are_prepared_apart(one_line: Database) -> None:
    text = "SELECT %(value)s + 1 AS value"
    for _ in range(3):
        for value in (1, 2**40, 1.5):
            with one_line.single() as tx:
                assert tx.one(text, value=value) == {"value": value + 1}
    assert len(kept(one_line)) == 3


@pytest.mark.parametrize("text", [
    "SET LOCAL lock_timeout = '1s'", "SELECT 1; SELECT 2 AS n", "SELECT 2 /* not; looked into */ AS n", "SELECT $$a$$ AS n",
    "EXPLAIN SELECT 1", "DO 'BEGIN END'", "SELECT '→' AS n",
])
def test_what_is_no_plain_statement_is_sent_as_it_is(one_line: Database, text: str) -> None:
    for _ in range(3):
        with one_line.transaction() as tx:
            tx.run(text)
    assert kept(one_line) == []


def test_a_connection_keeps_no_more_than_its_bound(one_line: Database) -> None:
    with one_line.transaction() as tx:
        for _ in range(2):
            for number in range(250):
                assert tx.one(f"SELECT {number} AS n") == {"n": number}
    assert len(kept(one_line)) == 200
    with one_line.transaction() as tx:
        assert [tx.one(f"SELECT {number} AS n") for number in range(250)] == [{"n": number} for number in range(250)]


def test_all_goes_on_after_the_exchange_that_prepares_has_failed(one_line: Database) -> None:
    add(one_line, "a", "b", "c")
    find = "SELECT at FROM heartbeats WHERE name = %(name)s"

    def fail() -> None:
        with one_line.transaction() as tx:
            tx.one(find, name="a")
            tx.later(find, name="b")  # prepared by the same exchange that fails
            tx.run(ADD, name="a", at=NOW)

    for _ in range(4):
        with pytest.raises(psycopg2.errors.UniqueViolation):
            fail()
        with one_line.transaction() as tx:
            assert tx.one(find, name="b") == {"at": NOW}
            assert tx.one(find, name="c") == {"at": NOW}
    assert "SELECT at FROM heartbeats WHERE name = $1" in kept(one_line)


def test_what_is_prepared_outlives_a_transaction_that_is_rolled_back(one_line: Database) -> None:
    def fail(tx: Tx) -> None:
        tx.run(ADD, name="a", at=NOW)
        tx.run(ADD, name="b", at=NOW)
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError), one_line.transaction() as tx:
            fail(tx)
    assert len(kept(one_line)) == 1
    add(one_line, "a", "b")


def test_a_statement_whose_types_cannot_be_told_is_never_prepared_again(one_line: Database) -> None:
    text = "SELECT %(value)s IS NULL AS missing"  # fine as a text, no type for a parameter
    told = []
    for _ in range(6):
        try:
            with one_line.single() as tx:
                told.append(tx.one(text, value="a"))
        except psycopg2.errors.IndeterminateDatatype:
            told.append(None)
    assert told == [{"missing": False}, None, *[{"missing": False}] * 4]


def test_a_column_that_is_added_meanwhile_is_passing_trouble_once_for_the_whole_pool(
    own_database: Database, dsn: str,
) -> None:
    add(own_database, "a")

    def find() -> dict[str, Any] | None:
        with own_database.transaction() as tx:
            return tx.one(FIND, name="a")

    for _ in range(3):
        with own_database.transaction() as outer, own_database.transaction() as inner:
            assert outer.one(FIND, name="a") == inner.one(FIND, name="a") == {"name": "a", "at": NOW}
    change(dsn, "ALTER TABLE heartbeats ADD COLUMN owner text DEFAULT 'us'")
    with pytest.raises(StoreUnavailable, match="cached plan"):
        find()
    for _ in range(3):  # by the other connection, which was prepared as well, and by a new one
        with own_database.transaction() as outer, own_database.transaction() as inner:
            assert outer.one(FIND, name="a") == inner.one(FIND, name="a") == {"name": "a", "at": NOW, "owner": "us"}


def test_another_lack_of_the_server_stays_a_mistake_of_ours(one_line: Database) -> None:
    with pytest.raises(psycopg2.errors.FeatureNotSupported), one_line.single() as tx:
        tx.one("SELECT count(*) FROM heartbeats FOR UPDATE")


def test_a_server_that_forgets_is_passing_trouble_once_and_nothing_is_prepared_any_more(one_line: Database) -> None:
    add(one_line, "a", "b", "c")
    with one_line.single() as tx:
        tx.run("DEALLOCATE ALL")  # as a pooler does that gives us another session
    with pytest.raises(StoreUnavailable, match="does not exist"):
        add(one_line, "d")
    add(one_line, "d", "e", "f", "g")
    assert kept(one_line) == []


def test_plans_are_made_anew_as_tables_grow(one_line: Database, dsn: str) -> None:
    change(dsn, "INSERT INTO heartbeats VALUES ('0', now())")
    change(dsn, "ANALYZE heartbeats")

    def ask(times: int) -> str:
        with one_line.transaction() as tx:
            for _ in range(times):
                tx.one(FIND, name="0")
            name = next(row["name"] for row in tx.all("SELECT name, statement FROM pg_prepared_statements")
                        if "FROM heartbeats" in row["statement"])
            return "\n".join(row["QUERY PLAN"] for row in tx.all(f"EXPLAIN EXECUTE {name} ('0')"))

    assert "Seq Scan" in ask(20)
    change(dsn, "INSERT INTO heartbeats SELECT number::text, now() FROM generate_series(1, 20000) AS number")
    ask(1000)
    assert "Index Scan" in ask(1)

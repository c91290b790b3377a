"""Every named query means the same prepared as it does as a text, whatever of its values is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from aida_orchestrator.store.db import load_queries
from aida_orchestrator.store.prepared import Common, Statements
from tests.harness import Servers

from .test_queries import QUERIES, sample

NAME = re.compile(r"%\((\w+)\)s")
LABEL = re.compile(r"""(?<="\*SELECT\*")\.(?:"[^"]+"|\w+)|(?<=NULL)::\w+""")  # of a column without a name, of a NULL
# A NULL there is of no type, or a comparison with it is left out, one step earlier or later.
NULL_IN_OTHER_WORDS = {"link_jobs", "add_event", "nearest_projects", "latest_project", "nearest_items", "forget_vectors",
                       "put_projects", "put_files", "put_campaigns", "put_said", "inherit_budgets"}


@pytest.fixture(scope="module")
def cursor(servers: Servers) -> Iterator[psycopg2.extensions.cursor]:
    dsn = servers.migrated_database()
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as opened:
        yield opened
    connection.close()
    servers.drop(dsn)


def samples(text: str) -> list[dict[str, Any]]:
    """Values of the usual types; then each of them missing, and the lists empty."""
    lists = set(re.findall(r"ANY ?\(%\((\w+)\)s", text))
    usual = {name: ["x"] if name in lists else sample(name) for name in NAME.findall(text)}
    empty = {name: [] if isinstance(value, list) else value for name, value in usual.items()}
    return [usual, empty, *({**usual, name: None} for name in usual), dict.fromkeys(usual)]


def plan(cursor: psycopg2.extensions.cursor, statement: bytes) -> list[str]:
    """How the server would go about it, or why it would not."""
    try:
        cursor.execute(statement)
    except psycopg2.Error as error:
        return [str(error.diag.message_primary)]
    return [LABEL.sub("", row[0]) for row in cursor.fetchall()]


@pytest.mark.parametrize(("room", "name"), QUERIES)
def test_prepared_query_is_planned_like_its_text(cursor: psycopg2.extensions.cursor, room: str, name: str) -> None:
    text = load_queries(room)[name]
    for params in samples(text):
        statements = Statements(Common(), lasting=True)
        cursor.execute("DEALLOCATE ALL")
        as_text = statements.render(cursor, text, params)
        prepared = statements.render(cursor, text, params)
        assert prepared.startswith(f"PREPARE {name}_".encode())
        expected = plan(cursor, b"EXPLAIN (VERBOSE, COSTS OFF) " + as_text)
        found = plan(cursor, prepared.replace(b"\n;\nEXECUTE", b"\n;\nEXPLAIN (VERBOSE, COSTS OFF) EXECUTE"))
        if name in NULL_IN_OTHER_WORDS and None in params.values():
            found, expected = found[:1], expected[:1]
        assert found == expected, params

"""Every named query is valid against the migrated schema, says what it is for, and is called by its own store room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.store.db import Database, as_json, load_queries, sql_folder
from tests.harness import Servers

ROOMS = sorted(path.stem for path in (sql_folder() / "queries").glob("*.sql"))
QUERIES = [(room, name) for room in ROOMS for name in load_queries(room)]
STORE = Path(__file__).parents[2] / "aida_orchestrator" / "store"
NUMBERS = {"position", "progress", "limit", "per_film", "running_limit", "window_limit", "window_seconds", "again", "period",
           "attempt", "refused", "renewed", "shot", "take", "bytes", "tokens", "api_calls", "dollars", "cache_hit_rate",
           "floor", "deadline_seconds", "low", "high", "room", "reads", "each",
           "ahead", "lost_holds", "took", "after_shot", "first", "slowest", "most", "after_number", "after_charge",
           "patience", "stranded", "submit_seconds", "rating", "after_part", "before_version", "own", "others", "slots",
           "counted"}
TIMES = {"now", "taken_at", "before", "claimed_until", "lease_until", "finished_at"}
DOCUMENTS = {"request", "error", "handles", "brief", "script", "storyboard", "degraded", "output", "context", "offer",
             "data", "answer", "units", "sent", "paces", "resolved", "waits", "limits", "settings", "value",
             "details", "plan", "reference_files", "forecast", "held"}
LISTS = {"result_urls", "ids", "told", "providers", "item_ids", "contents", "types", "queues"}
RECORDS = {"wishes", "assets", "parts", "evidence"}


@pytest.fixture(scope="module")
def migrated(servers: Servers) -> Iterator[Database]:
    """One database for all queries: EXPLAIN changes nothing."""
    dsn = servers.migrated_database()
    database = Database(dsn)
    yield database
    database.close()
    servers.drop(dsn)


def sample(name: str) -> Any:
    """A value of the type that a parameter of this name has."""
    if name in TIMES or name.endswith("_at"):
        return datetime.now(UTC)
    if name in NUMBERS:
        return 1
    if name in DOCUMENTS:
        return as_json({})
    if name in RECORDS:
        return as_json([])
    if name in LISTS:
        return ["x"]
    if name == "vector":
        return "[" + ",".join(["0"] * 1536) + "]"
    return name in ("even_lost", "fetching", "archived") or "x"


@pytest.mark.parametrize(("room", "name"), QUERIES)
def test_query_is_understood_by_a_migrated_database(migrated: Database, room: str, name: str) -> None:
    text = load_queries(room)[name]
    params = {param: sample(param) for param in re.findall(r"%\((\w+)\)s", text)}
    params |= {param: ["x"] for param in re.findall(r"ANY\(%\((\w+)\)s", text)}
    with migrated.transaction() as tx:
        assert tx.all(f"EXPLAIN {text}", **params)


@pytest.mark.parametrize(("room", "name"), QUERIES)
def test_query_says_what_it_is_for(room: str, name: str) -> None:
    assert load_queries(room)[name].startswith("-- ")


@pytest.mark.parametrize("room", ROOMS)
def test_every_query_of_a_room_is_called_by_its_store_functions(room: str) -> None:
    assert called_by(room) == set(load_queries(room))


@pytest.mark.parametrize("room", ROOMS)
def test_no_query_has_its_values_formatted_in(room: str) -> None:
    for name, text in load_queries(room).items():
        assert "{" not in re.sub(r"'[^']*'", "", text), name
        assert not re.search(r"%(?!\(\w+\)s)", text), name


def called_by(room: str) -> set[str]:
    """Names in subscripts of the loaded queries, as in `_SQL["get_task"]`."""
    found = set()
    for node in ast.walk(ast.parse((STORE / f"{room}.py").read_text())):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            source = ast.unparse(node.value)
            if source == "_SQL" or source.startswith("load_queries("):
                found.add(node.slice.value)
    return found

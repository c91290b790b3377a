"""Another embedder reads everything again: beside the vectors in use, in steps, charged, and never against an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.memory.learn import remember_project
from aida_orchestrator.memory.reindex import prune, reindex
from aida_orchestrator.model import Role, Usage
from aida_orchestrator.store import vectors
from aida_orchestrator.store.db import Database
from tests.integration.test_memory import NOW, Compass, finish, found, project

LATER = NOW + timedelta(days=1)


class Books(list[tuple[str, str, Usage]]):
    """What was charged to whom."""

    def __call__(self, tenant: str, user: str, usage: Usage) -> None:
        self.append((tenant, user, usage))


class Meddler(Compass):
    """Does something between reading and writing, as another process may."""

    def __init__(self, database: Database, sql: str) -> None:
        super().__init__("new")
        self._database, self._sql = database, sql

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        with self._database.transaction() as tx:
            tx.run(self._sql)
        return super().embed(texts, role=role)


class Breaking(Compass):
    """Fails at its second call."""

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        if self.texts:
            raise ProviderUnavailable("openai", "away")
        return super().embed(texts, role=role)


def add(database: Database, user: str = "user_1") -> None:
    """A file of two passages, a campaign and one task of a project of this user; all point to 30 degrees."""
    with database.transaction() as tx:
        for passage in (0, 1):
            tx.run("INSERT INTO user_files (id, passage, tenant_id, user_id, name, content_type, bytes, sha256, asset_key,"
                   " content, created_at) VALUES (%(id)s, %(passage)s, 'default', %(user)s, 'brief', 'text/plain', 1, '',"
                   " '', '30 gradi', %(now)s)", id=f"file_{user}", passage=passage, user=user, now=NOW)
        tx.run("INSERT INTO campaigns (id, user_id, name, guidelines, created_at, updated_at)"
               " VALUES (%(id)s, %(user)s, 'Food Q1', '30 gradi', %(now)s, %(now)s)", id=f"camp_{user}", user=user, now=NOW)
        tx.run("INSERT INTO projects (id, user_id, message, created_at, updated_at)"
               " VALUES (%(id)s, %(user)s, '', %(now)s, %(now)s)", id=f"proj_{user}", user=user, now=NOW)
        tx.run("INSERT INTO tasks (id, user_id, project_id, kind, message, created_at, updated_at)"
               " VALUES (%(id)s, %(user)s, %(project)s, 'create', 'pasta 30', %(now)s, %(now)s)",
               id=f"task_{user}", user=user, project=f"proj_{user}", now=NOW)


def run(database: Database, embedder: Compass, books: Books | None = None) -> dict[str, int]:
    """One reindex, a day after everything was written."""
    book = Books() if books is None else books
    counts: dict[Any, int] = reindex(database, embedder, lambda: LATER, book, lambda kind, count: None)
    return {kind: count for kind, count in counts.items() if count}


def nearest(database: Database, kind: str, embedder: str, user: str = "user_1") -> list[tuple[str, int]]:
    """(item, part) that a search in a direction of 30 degrees finds."""
    vector = Compass().embed(["30"])[0][0]
    with database.single() as tx:
        rows = vectors.nearest_items(tx, kind=kind, tenant_id="default", user_id=user, embedder=embedder, vector=vector,
                                     limit=9, floor=0.9)
    return [(row["item_id"], row["part"]) for row in rows]


def test_everything_is_read_again_once_and_the_old_vectors_stay(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, project(1, 30), project(2, 90, user="user_2"))
    add(database)
    assert found(database, new, 30) == []
    assert run(database, new) == {"project": 4, "file": 2, "campaign": 1, "said": 1}
    assert found(database, new, 30) == found(database, old, 30) == ["proj_1"]
    assert nearest(database, "file", "new") == [("file_user_1", 0)]
    assert nearest(database, "campaign", "new") == [("camp_user_1", 0)]
    assert nearest(database, "said", "new") == [("task_user_1", 0)]
    assert nearest(database, "file", "old") == nearest(database, "file", "new", "user_2") == []
    assert run(database, new) == {}
    assert run(database, old) == {"file": 2, "campaign": 1, "said": 1}


def test_vectors_side_by_side_are_never_mixed(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, project(1, 0))
    run(database, new)
    with database.transaction() as tx:  # the same project lies elsewhere for the one of them
        tx.run("UPDATE project_embeddings SET embedding = embedding * array_fill(-1, ARRAY[1536])::vector"
               " WHERE embedder = 'new'")
    assert found(database, old, 0) == ["proj_1"]
    assert found(database, new, 0) == []
    assert found(database, new, 180) == ["proj_1"]


def test_a_film_that_nobody_remembered_is_remembered(database: Database) -> None:
    finished = project(1, 30)
    with database.transaction() as tx:
        for name, forgotten in (("proj_1", None), ("proj_2", NOW)):
            tx.run("INSERT INTO projects (id, user_id, title, message, brief, finished_at, forgotten_at, created_at,"
                   " updated_at) VALUES (%(id)s, 'user_1', '30 gradi', 'pasta 30', %(brief)s::jsonb, %(now)s, %(forgotten)s,"
                   " %(now)s, %(now)s)",
                   id=name, brief=finished.brief.model_dump_json() if finished.brief else None, forgotten=forgotten, now=NOW)
    assert run(database, Compass("new")) == {"project": 2}
    assert found(database, Compass("new"), 30) == ["proj_1"]


def test_each_user_is_charged_for_the_own_texts(database: Database) -> None:
    books = Books()
    add(database, "user_1")
    add(database, "user_2")
    run(database, Compass("new"), books)
    tokens = {user: sum(usage.tokens for _, owner, usage in books if owner == user) for user in ("user_1", "user_2")}
    assert tokens == {"user_1": 4, "user_2": 4}


def test_more_than_one_step_leaves_nothing_out(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, *(project(number, number % 360) for number in range(70)))
    assert run(database, new) == {"project": 140}


def test_broken_off_it_goes_on_where_it_was_left(database: Database) -> None:
    finish(database, Compass("old"), *(project(number, number % 360) for number in range(40)))
    with pytest.raises(ProviderUnavailable):
        run(database, Breaking("new"))
    rest = Compass("new")
    # A step is 64 texts, less the project that its end may part: 31 of 40 films were read, two texts each.
    assert run(database, rest) == {"project": 18}
    assert len(rest.texts) == 18


def test_a_later_film_of_the_project_is_read_again(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, project(1, 0))
    run(database, new)
    again = replace(project(1, 100), message="pasta 100", finished_at=NOW + timedelta(hours=2))
    assert remember_project(database, old, again, LATER)
    assert run(database, new) == {"project": 2}
    assert found(database, new, 100) == ["proj_1"]
    assert found(database, new, 0) == []


@pytest.mark.parametrize(("sql", "kind"), [
    ("DELETE FROM project_embeddings", "project"), ("DELETE FROM user_files", "file"), ("DELETE FROM campaigns", "campaign"),
    ("UPDATE projects SET forgotten_at = now()", "said"),
])
def test_what_was_erased_meanwhile_does_not_come_back(database: Database, sql: str, kind: str) -> None:
    finish(database, Compass("old"), project(1, 30))
    add(database)
    with database.transaction() as tx:  # so that the step in question is the first
        if kind != "project":
            tx.run("DELETE FROM project_embeddings")
        if kind == "said":
            tx.run("DELETE FROM user_files")
            tx.run("DELETE FROM campaigns")
    assert kind not in run(database, Meddler(database, sql))


def test_a_campaign_that_was_changed_meanwhile_is_read_the_next_time(database: Database) -> None:
    add(database)
    change = f"UPDATE campaigns SET guidelines = '60 gradi', updated_at = '{LATER + timedelta(seconds=1)}'"
    assert "campaign" not in run(database, Meddler(database, change))
    made = reindex(database, Compass("new"), lambda: LATER + timedelta(days=1), Books(), lambda kind, count: None)
    assert made["campaign"] == 1


def test_pruning_leaves_what_only_the_other_embedder_has_read(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, project(1, 30))
    add(database)
    run(database, old)
    run(database, new)
    finish(database, old, project(2, 30))
    assert prune(database, "new") == 2 + 4
    assert found(database, new, 30) == ["proj_1"]
    assert found(database, old, 30) == ["proj_2"]
    assert nearest(database, "file", "old") == []
    assert nearest(database, "file", "new") == [("file_user_1", 0)]

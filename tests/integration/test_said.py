"""What was said in a project: the latest remarks always, older ones when they are about the new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.memory.learn import remember_project
from aida_orchestrator.memory.said import said_before
from aida_orchestrator.model import Role, Task, Usage
from aida_orchestrator.store import projects, tasks
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, find_task

from .test_memory import BRIEF, Compass

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Away(Compass):
    """An embedder that cannot be reached."""

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        raise ProviderUnavailable("openai", "away")


def talk(database: Database, *angles: int, project: str = "proj_1") -> Task:
    """A project in which this was said, all but the last of it remembered; the task of the last remark."""
    for number, angle in enumerate(angles):
        last = number == len(angles) - 1
        if last:
            remember(database, project)
        with database.transaction() as tx:
            if number == 0:
                tx.run("INSERT INTO projects (id, tenant_id, user_id, message, created_at, updated_at)"
                       " VALUES (%(id)s, %(tenant)s, 'u1', 'pasta 0', %(now)s, %(now)s)", id=project, tenant=TENANT, now=NOW)
            words, at = f"remark {number} towards {angle}", NOW + timedelta(minutes=number)
            tx.run("INSERT INTO tasks (id, tenant_id, user_id, project_id, kind, message, feedback, aspect, status,"
                   " current_step, progress, created_at, updated_at) VALUES (%(id)s, %(tenant)s, 'u1', %(project)s,"
                   " 'refine', 'pasta 0', %(words)s, 'all', 'completed', 'video', 100, %(at)s, %(at)s)",
                   id=f"{project}-{number:02}", tenant=TENANT, project=project, words=words, at=at)
    return find_task(database, f"{project}-{len(angles) - 1:02}")


def remember(database: Database, project: str) -> None:
    with database.transaction() as tx:
        tx.run("UPDATE projects SET brief = %(brief)s::jsonb, title = '0 gradi' WHERE id = %(id)s",
               brief=BRIEF.model_dump_json(), id=project)
        found = projects.find_project(tx, project, TENANT)
    assert found is not None
    assert remember_project(database, Turned(), found, NOW)


class Turned(Compass):
    """As `Compass`, but a remark's angle is its last number."""

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        return super().embed([" ".join(reversed(text.split())) for text in texts], role=role)


def numbers(said: list[str]) -> list[int]:
    return [int(words.split()[1]) for words in said]


def test_a_short_conversation_is_told_whole_and_nothing_is_embedded(database: Database) -> None:
    task, embedder = talk(database, *range(0, 110, 10)), Turned()
    assert numbers(said_before(database, embedder, task, 0.7)) == list(range(10))
    assert embedder.texts == []


def test_older_remarks_about_the_same_thing_stand_before_the_latest_ten(database: Database) -> None:
    task = talk(database, 90, 5, 180, *[200] * 10, 0)
    assert numbers(said_before(database, Turned(), task, 0.7)) == [1, *range(3, 13)]
    assert task.feedback == "remark 13 towards 0"


def test_of_many_like_remarks_the_nearest_five_are_told(database: Database) -> None:
    task = talk(database, 30, 25, 20, 15, 10, 5, 3, *[200] * 10, 0)
    assert numbers(said_before(database, Turned(), task, 0.7)) == [2, 3, 4, 5, 6, *range(7, 17)]


def test_remarks_of_another_project_or_user_are_never_told(database: Database) -> None:
    talk(database, 0, 0, 0, project="proj_other")
    task = talk(database, 90, *[200] * 10, 0)
    assert numbers(said_before(database, Turned(), task, 0.7)) == list(range(1, 11))
    with database.transaction() as tx:
        assert len(tasks.list_said(tx, "proj_other", "x", 500)) == 3


def test_without_an_embedder_the_latest_remarks_are_told(database: Database) -> None:
    task = talk(database, 5, *[200] * 10, 0)
    assert numbers(said_before(database, Away(), task, 0.7)) == list(range(1, 11))

"""Recall over real pgvector: own projects only, one embedder only, exact, above the floor, best first."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aida_orchestrator.memory.embedding import WIDTH
from aida_orchestrator.memory.learn import remember_project
from aida_orchestrator.memory.recall import search_similar_projects
from aida_orchestrator.model import Brief, Match, Project, Role, Style, Usage
from aida_orchestrator.store.db import Database
from tests.builders import add_film

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BRIEF = Brief(
    title="La pasta", language="it", intent="Una nonna prepara la pasta.", tone="caldo",
    style=Style(words="editorial food photograph", sref="rustic-food"), duration_seconds=20, aspect_ratio="9:16",
    matches=(Match(project_id="proj_older", title="older", similarity=0.9),),
)


class Compass:
    """An embedder whose vectors lie on a circle: the first number in the text is the angle in degrees."""

    def __init__(self, name: str = "compass") -> None:
        self.name = name
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """Vectors and a usage of one token a text."""
        self.texts.extend(texts)
        angles = [math.radians(float(next(word for word in text.split() if word.isdigit()))) for text in texts]
        vectors = [[math.cos(angle), math.sin(angle), *[0.0] * (WIDTH - 2)] for angle in angles]
        return vectors, Usage("openai", self.name, {"input_tokens": len(texts)})


class Silent(Compass):
    """An embedder that finds nothing in any text: vectors of zeros."""

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        return [[0.0] * WIDTH for _ in texts], Usage("openai", self.name, {"input_tokens": 1})


def project(number: int, angle: int, user: str = "user_1", tenant: str = "default") -> Project:
    """A finished project whose vector points to this angle."""
    return Project(
        id=f"proj_{number}", tenant_id=tenant, user_id=user, title=f"{angle} gradi", message=f"pasta {angle}",
        brief=BRIEF, script=None, storyboard=None, film_key="film.mp4", created_at=NOW,
        finished_at=NOW + timedelta(minutes=number),
    )


def finish(database: Database, embedder: Compass, *projects: Project) -> None:
    """Write the projects' rows and remember them."""
    for one in projects:
        with database.transaction() as tx:
            tx.run(
                "INSERT INTO projects (id, tenant_id, user_id, message, created_at, updated_at)"
                " VALUES (%(id)s, %(tenant)s, %(user)s, 'pasta', %(now)s, %(now)s) ON CONFLICT DO NOTHING",
                id=one.id, tenant=one.tenant_id, user=one.user_id, now=NOW,
            )
        assert remember_project(database, embedder, one, NOW)


def found(
    database: Database, embedder: Compass, angle: int, *, user: str = "user_1", limit: int = 5, **more: str
) -> list[str]:
    """Ids of the projects recalled for a direction."""
    matches = search_similar_projects(database, embedder, "default", user, f"{angle} gradi", limit, 0.7, **more)
    return [match.project_id for match in matches]


def test_projects_above_the_floor_come_best_first(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 40), project(2, 10), project(3, 80), project(4, 20))
    assert found(database, compass, 0) == ["proj_2", "proj_4", "proj_1"]
    assert found(database, compass, 0, limit=1) == ["proj_2"]
    assert found(database, compass, 0, exclude_project_id="proj_2") == ["proj_4", "proj_1"]
    assert found(database, compass, 200) == []


def test_a_match_carries_likeness_brief_and_date(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 45))
    (match,) = search_similar_projects(database, compass, "default", "user_1", "0 gradi", 5, 0.7)
    assert match.similarity == pytest.approx(math.cos(math.pi / 4), abs=1e-4)
    assert match.title == "45 gradi"
    assert Brief.model_validate(match.brief) == BRIEF.model_copy(update={"matches": ()})
    assert datetime.fromisoformat(match.finished_at) == NOW + timedelta(minutes=1)
    assert not match.used


def test_a_thousand_nearer_projects_of_others_hide_nothing(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 30), project(2, 0, user="user_2"), project(3, 0, tenant="other"))
    vector = "[1," + ",".join("0" for _ in range(WIDTH - 1)) + "]"
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO projects (id, tenant_id, user_id, message, created_at, updated_at)"
            " SELECT 'proj_x' || n, 'default', 'user_3', '', %(now)s, %(now)s FROM generate_series(1, 1000) AS n", now=NOW)
        tx.run(
            "INSERT INTO project_embeddings (project_id, embedder, tenant_id, user_id, title, content, embedding, brief,"
            " finished_at, updated_at) SELECT 'proj_x' || n, 'compass', 'default', 'user_3', '', '', %(vector)s::vector,"
            " '{}', %(now)s, %(now)s FROM generate_series(1, 1000) AS n", vector=vector, now=NOW)
    assert found(database, compass, 0) == ["proj_1"]
    assert found(database, compass, 0, user="user_2") == ["proj_2"]
    assert found(database, compass, 0, user="user_4") == []


def test_vectors_of_another_embedder_are_never_compared(database: Database) -> None:
    old, new = Compass("old"), Compass("new")
    finish(database, old, project(1, 0))
    assert found(database, new, 0) == []
    finish(database, new, project(1, 0))
    assert found(database, new, 0) == ["proj_1"]
    assert found(database, old, 0) == ["proj_1"]


def test_remembering_again_replaces_what_was_known(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 0))
    finish(database, compass, project(1, 170))
    assert found(database, compass, 0) == []
    assert found(database, compass, 170) == ["proj_1"]


def test_nobody_can_overwrite_the_memory_of_another_user(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 0))
    assert not remember_project(database, compass, project(1, 170, user="user_2"), NOW)
    assert found(database, compass, 0) == ["proj_1"]
    assert found(database, compass, 170, user="user_2") == []


def test_a_vector_without_direction_matches_nothing(database: Database) -> None:
    finish(database, Silent(), project(1, 0))
    assert found(database, Silent(), 0) == []


def test_a_project_without_brief_and_an_empty_question_cost_nothing(database: Database) -> None:
    compass = Compass()
    assert not remember_project(database, compass, replace(project(1, 0), brief=None), NOW)
    assert search_similar_projects(database, compass, "default", "user_1", " \x00 ", 5, 0.7) == []
    assert compass.texts == []


def test_usage_of_both_directions_is_reported(database: Database) -> None:
    compass, reported = Compass("another"), []
    finish(database, Compass(), project(1, 0))
    for _ in range(2):  # what was read is not read again
        assert remember_project(database, compass, project(1, 0), NOW, reported.append)
    search_similar_projects(database, compass, "default", "user_1", "0 gradi", 5, 0.7, on_usage=reported.append)
    assert [usage.units for usage in reported] == [{"input_tokens": 2}, {"input_tokens": 1}]


def test_a_short_message_finds_the_film_by_the_users_own_words(database: Database) -> None:
    compass = Compass()
    # The whole brief points elsewhere (170 degrees); the message alone is what the new message is like.
    finish(database, compass, replace(project(1, 170), message="pasta 10"))
    matches = search_similar_projects(database, compass, "default", "user_1", "pasta 12", 5, 0.7)
    assert [match.project_id for match in matches] == ["proj_1"]
    assert matches[0].similarity > 0.99


def test_memory_leaves_with_its_project(database: Database) -> None:
    compass = Compass()
    finish(database, compass, project(1, 0))
    with database.transaction() as tx:
        tx.run("DELETE FROM projects WHERE id = 'proj_1'")
    assert found(database, compass, 0) == []


def test_a_film_with_very_long_texts_fits_beside_its_vector(database: Database) -> None:
    compass, chance = Compass(), random.Random(1)
    # Nothing to compress: each text alone is longer than what a page has left beside a vector.
    words = "30 " + " ".join(f"{chance.getrandbits(64):x}x" for _ in range(1000))
    long = BRIEF.model_copy(update={"intent": words[:2000], "tone": words[2000:4000]})
    finish(database, compass, replace(project(1, 30), message=words, title="30 " + words[:1500], brief=long))
    assert found(database, compass, 30) == ["proj_1"]


def test_what_was_said_in_a_project_is_embedded_once_for_each_embedder(database: Database) -> None:
    first = add_film(database, message="10 gradi")
    one = replace(project(1, 10, first.user_id), id=first.project_id)
    other = Compass("another")
    for embedder in (Compass(), Compass(), other):
        assert remember_project(database, embedder, one, NOW)
    with database.transaction() as tx:
        rows = tx.all("SELECT item_id, embedder, user_id FROM memory_vectors WHERE kind = 'said' ORDER BY embedder")
    assert [(row["item_id"], row["user_id"]) for row in rows] == [(first.id, first.user_id)] * 2
    assert len({row["embedder"] for row in rows}) == 2

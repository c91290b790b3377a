"""Erasure over HTTP: rows, vectors and media of a user or a project go, nobody else's do, and nothing comes back."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator.memory import erasure
from aida_orchestrator.memory.campaigns import find_campaign, read_campaigns
from aida_orchestrator.memory.learn import remember_project
from aida_orchestrator.memory.preferences import list_preferences
from aida_orchestrator.memory.recall import search_similar_projects
from aida_orchestrator.model import Component, Match, Stage, TaskStatus, Usage
from aida_orchestrator.pipeline.sweep import remember
from aida_orchestrator.store import budgets, projects, vectors
from aida_orchestrator.store.budgets import Budget, Ceiling
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Held, make_brief, wait_until_blocked
from tests.integration.films import Compass, House

USERS = ["u1", "50%25_x", "o'brien%22"]
EMPTY = {"projects": 0, "vectors": 0, "files": 0, "campaignLinks": 0, "evidence": 0, "feedback": 0, "campaigns": 0,
         "preferences": 0}
TABLES = ("project_embeddings", "memory_vectors", "user_files", "campaigns", "project_campaigns", "user_preferences",
          "preference_evidence", "project_feedback")


def plain(user: str) -> str:
    """The id behind a part of an address."""
    return user.replace("%25", "%").replace("%22", '"')


def recalled(house: House, user: str = "u1") -> list[str]:
    """Ids of the projects that any message finds."""
    return [match.project_id for match in search_similar_projects(
        house.database, Compass(), TENANT, plain(user), "anything", 10, 0.1)]


def upload(house: House, user: str, number: int, project: str | None = None) -> Path:
    """A file of two passages with a vector each; where it lies."""
    key, file = f"files/{plain(user).encode().hex()}-{number}.txt", f"file_{plain(user).encode().hex()}_{number}"
    with house.services.storage.scratch() as scratch:
        (scratch / "file").write_text("secret")
        house.services.storage.put(key, scratch / "file")
    with house.database.transaction() as tx:
        for passage in range(2):
            tx.run("INSERT INTO user_files (id, passage, user_id, project_id, name, content_type, bytes, sha256, asset_key,"
                   " created_at) VALUES (%(id)s, %(passage)s, %(user)s, %(project)s, 'a.txt', 'text/plain', 6, 'x', %(key)s,"
                   " %(now)s)", id=file, passage=passage, user=plain(user), project=project, key=key, now=house.clock())
        vectors.put_vectors(tx, kind="file", embedder="compass", tenant_id=TENANT, user_id=plain(user),
                            parts=[(file, passage, [1.0] * 1536) for passage in range(2)], now=house.clock())
    return house.services.storage.path(key)


def live(house: House, user: str) -> tuple[str, str, list[Path]]:
    """A user with something of each kind: two films, two files, a campaign, a preference. (project, other project, files)"""
    campaign = house.campaign("Food", plain(user))["campaignId"]
    house.campaign("Old", plain(user))
    tasks = [house.finish(house.create("bread", plain(user), campaignId=campaign)) for _ in range(2)]
    house.ask("PUT", f"users/{user}/preferences/duration", {"value": 15})
    for task in tasks:
        house.ask("POST", f"projects/{task.project_id}/feedback", {"userId": plain(user), "rating": 5}, 201)
    read_campaigns(house.database, Compass(), TENANT, plain(user))
    files = [upload(house, user, number, project) for number, project in enumerate((tasks[0].project_id, None))]
    with house.database.transaction() as tx:
        vectors.put_vectors(tx, kind="said", embedder="compass", tenant_id=TENANT, user_id=plain(user),
                            parts=[(task.id, 0, [1.0] * 1536) for task in tasks], now=house.clock())
    return tasks[0].project_id, tasks[1].project_id, files


def rows(house: House, user: str) -> dict[str, int]:
    """How many rows memory has of this user, by table."""
    return {table: house.count(table, user_id=plain(user)) for table in TABLES}


@pytest.mark.parametrize("user", USERS)
def test_all_of_a_users_memory_goes_and_nothing_of_anybody_elses(house: House, user: str, database: Database) -> None:
    other = "u2"
    project, second, files = live(house, user)
    _, _, kept = live(house, other)
    before = rows(house, other)
    with database.transaction() as tx:  # somebody of this name at another tenant
        tx.run("INSERT INTO user_preferences (tenant_id, user_id, name, value, source, created_at, updated_at)"
               " VALUES ('other', %(user)s, 'duration', '15', 'said', now(), now())", user=plain(user))
    assert set(recalled(house, user)) == {project, second}
    told = house.ask("DELETE", f"users/{user}/memory")
    # Vectors: two films by two facets, two campaigns, two files of two passages, two messages.
    assert told == {"userId": plain(user), "removed": {
        "projects": 2, "vectors": 4 + 2 + 4 + 2, "files": 2, "campaignLinks": 2, "evidence": 16, "feedback": 2,
        "campaigns": 2, "preferences": 1}}
    assert rows(house, user) == {**dict.fromkeys(TABLES, 0), "user_preferences": 1}
    assert not any(file.exists() for file in files)
    assert recalled(house, user) == []
    assert house.ask("GET", f"users/{user}/preferences")["preferences"] == []
    assert rows(house, other) == before
    assert all(file.read_text() == "secret" for file in kept)
    assert len(recalled(house, other)) == 2
    assert house.ask("DELETE", f"users/{user}/memory")["removed"] == EMPTY


def test_where_nothing_was_nothing_is_removed(house: House) -> None:
    assert house.ask("DELETE", "users/nobody/memory") == {"userId": "nobody", "removed": EMPTY}
    house.ask("DELETE", "users/nobody/memory?films=true", expected=422)
    house.ask("DELETE", "users/a%20b/memory", expected=422)


def test_films_stay_playable_and_never_come_back_to_memory(house: House) -> None:
    film = house.film()
    house.ask("DELETE", "users/u1/memory")
    status = house.ask("GET", f"status/{film.id}")
    assert status["status"] == "completed"
    assert house.client.get("/media/" + status["videoUrl"].split("/media/")[1]).status_code == 200
    with house.database.transaction() as tx:
        project = projects.find_project(tx, film.project_id, TENANT)
        tx.run("UPDATE tasks SET remembered_at = NULL")
    assert project is not None
    compass = Compass()
    assert not remember_project(house.database, compass, project, house.clock())
    assert compass.texts == []
    remember(house.services, film.id)
    assert recalled(house) == []
    assert house.ask("POST", f"projects/{film.project_id}/feedback", {"userId": "u1", "rating": 5}, 201)["learned"] is False
    house.finish(house.refine(film.project_id, "style"), "clay")
    house.finish(house.create("With jam", projectId=film.project_id))
    assert recalled(house) == []
    assert house.preferences() == {}


def test_a_film_that_was_running_is_not_put_into_memory_and_a_later_one_is(house: House) -> None:
    running = house.create()
    house.prepare(running, make_brief())
    house.ask("DELETE", "users/u1/memory")
    house.bring_clips(running)
    assert house.end(running).status is TaskStatus.COMPLETED
    assert recalled(house) == []
    assert house.preferences() == {}
    later = house.film()
    assert recalled(house) == [later.project_id]
    assert set(house.preferences()) == {"style", "duration", "tone", "aspectRatio"}


def test_one_projects_memory_goes_and_the_rest_of_the_users_stays(house: House) -> None:
    project, other, files = live(house, "u1")
    told = house.ask("DELETE", f"projects/{project}/memory?userId=u1")
    assert told == {"projectId": project, "removed": {
        "projects": 1, "vectors": 2 + 2 + 1, "files": 1, "campaignLinks": 1, "evidence": 8, "feedback": 1}}
    assert recalled(house) == [other]
    assert [file.exists() for file in files] == [False, True]
    assert rows(house, "u1") == {
        "project_embeddings": 2, "memory_vectors": 2 + 2 + 1, "user_files": 2, "campaigns": 2, "project_campaigns": 1,
        "user_preferences": 1, "preference_evidence": 8, "project_feedback": 1}
    with house.database.transaction() as tx:
        pieces = [piece for one in list_preferences(tx, TENANT, "u1", house.clock()) for piece in one.evidence]
    assert {piece.project_id for piece in pieces} == {other}
    assert set(house.ask("DELETE", f"projects/{project}/memory?userId=u1")["removed"].values()) == {0}


def test_a_strangers_project_cannot_be_erased(house: House) -> None:
    project, *_ = live(house, "u1")
    before = rows(house, "u1")
    house.ask("DELETE", f"projects/{project}/memory?userId=u2", expected=404)
    house.ask("DELETE", "projects/%25/memory?userId=u1", expected=404)
    house.ask("DELETE", f"projects/{project}/memory", expected=422)
    with house.database.transaction() as tx:
        tx.run("UPDATE projects SET tenant_id = 'other' WHERE id = %(id)s", id=project)
    house.ask("DELETE", f"projects/{project}/memory?userId=u1", expected=404)
    assert rows(house, "u1") == before


def matches(house: House, project: str) -> list[str]:
    with house.database.transaction() as tx:
        return [match["project_id"] for match in projects.find_documents(tx, project)[Stage.CONTEXT]["matches"]]


def test_other_films_do_not_remember_the_one_that_was_forgotten(house: House) -> None:
    seen = tuple(Match(project_id=name, title=name, similarity=0.9) for name in ("proj_a", "proj_b"))
    follower, gone = house.film(matches=seen).project_id, house.film().project_id
    with house.database.transaction() as tx:
        tx.run("UPDATE projects SET brief = jsonb_set(brief, '{matches,0,project_id}', to_jsonb(%(gone)s::text))"
               " WHERE id = %(id)s", gone=gone, id=follower)
    stranger = house.film(user="u2", matches=seen).project_id
    house.ask("DELETE", f"projects/{gone}/memory?userId=u1")
    assert matches(house, follower) == ["proj_b"]
    house.ask("DELETE", "users/u1/memory")
    assert matches(house, follower) == []
    assert matches(house, stranger) == ["proj_a", "proj_b"]


def test_campaigns_that_were_erased_are_not_found_nor_kept_by_refinements(house: House) -> None:
    campaign = house.campaign("Food", guidelines="points to 10")["campaignId"]
    film = house.finish(house.create(campaignId=campaign))
    assert find_campaign(house.database, Compass(), TENANT, "u1", "like 10", 0.9) is not None
    house.ask("DELETE", "users/u1/memory")
    assert find_campaign(house.database, Compass(), TENANT, "u1", "like 10", 0.9) is None
    house.ask("GET", f"campaigns/{campaign}?userId=u1", expected=404)
    assert house.refine(film.project_id, "style").campaign_id is None


def test_the_books_and_ceilings_are_no_memory_and_stay(house: House) -> None:
    """A user who is forgotten has not spent less, and has no more to spend than before."""
    campaign = house.campaign("Food")["campaignId"]
    film = house.finish(house.create(campaignId=campaign, maxCostDollars=9))
    ceilings = [Ceiling(TENANT, "user", "u1", "day"), Ceiling(TENANT, "campaign", campaign, "total"),
                Ceiling(TENANT, "film", film.id, "total")]
    usage, now = Usage("kie", "midjourney", {"tasks": 1}), house.clock()
    with house.database.transaction() as tx:
        for ceiling in ceilings[:2]:
            budgets.put_budget(tx, ceiling, Decimal(9), now)
    house.services.ledger.record_now(task=film, component=Component.MIDJOURNEY, usage=usage, now=now)
    keys = film.id, film.project_id, TENANT, "u1"
    with house.database.transaction() as tx:
        house.services.gate.reserve(tx, "in doubt", keys, Component.MIDJOURNEY, usage, now, timedelta(days=35))
    before = standing(house, ceilings)
    assert [(one.spent, one.reserved) for one in before] == [(Decimal("0.04"), Decimal("0.04"))] * 3
    charged = house.count("charges", user_id="u1")
    house.ask("DELETE", "users/u1/memory")
    assert standing(house, ceilings) == before
    assert house.count("charges", user_id="u1") == charged
    with house.database.transaction() as tx:
        budgets.recount(tx, [one.id for one in before], house.clock())
    assert standing(house, ceilings) == before, "counted again from the books it is the same"


def standing(house: House, ceilings: list[Ceiling]) -> list[Budget]:
    """How they stand."""
    with house.database.transaction() as tx:
        found = [budgets.find_budget(tx, ceiling, house.clock()) for ceiling in ceilings]
    assert None not in found
    return [one for one in found if one is not None]


def test_an_erasure_waits_for_a_film_that_is_just_being_remembered_and_then_takes_it_too(house: House) -> None:
    film = house.film()
    with house.database.transaction() as tx:
        project = projects.find_project(tx, film.project_id, TENANT)
        tx.run("DELETE FROM project_embeddings")
    assert project is not None
    held = Held(house.database)
    remembering = threading.Thread(target=remember_project, args=(held, Compass(), project, house.clock()))
    remembering.start()
    assert held.reached.wait(10)
    removed: list[dict[str, int]] = []
    erasing = threading.Thread(target=lambda: removed.append(
        erasure.erase_user(house.database, house.services.storage, TENANT, "u1", house.clock())))
    erasing.start()
    wait_until_blocked(house.database)
    held.go.set()
    for thread in (remembering, erasing):
        thread.join(10)
    assert removed[0]["vectors"] == 3
    assert recalled(house) == []


def test_a_film_that_is_remembered_while_an_erasure_is_under_way_keeps_nothing(house: House) -> None:
    film = house.film()
    with house.database.transaction() as tx:
        project = projects.find_project(tx, film.project_id, TENANT)
    assert project is not None
    held = Held(house.database)
    erasing = threading.Thread(target=erasure.erase_user, args=(held, house.services.storage, TENANT, "u1", house.clock()))
    erasing.start()
    assert held.reached.wait(10)
    kept: list[bool] = []
    remembering = threading.Thread(target=lambda: kept.append(
        remember_project(house.database, Compass(), project, house.clock())))
    remembering.start()
    wait_until_blocked(house.database)
    held.go.set()
    for thread in (remembering, erasing):
        thread.join(10)
    assert kept == [False]
    assert recalled(house) == []
    assert house.count("project_embeddings") == 0


def test_media_that_is_gone_already_hinders_no_erasure_and_one_that_stays_keeps_its_row(house: House) -> None:
    gone, stubborn = upload(house, "u1", 1), upload(house, "u1", 2)
    gone.unlink()
    stubborn.unlink()
    stubborn.mkdir()  # what cannot be deleted like a file
    house.ask("DELETE", "users/u1/memory", expected=500)
    assert house.count("user_files") == 4
    stubborn.rmdir()
    assert house.ask("DELETE", "users/u1/memory")["removed"]["files"] == 2
    assert house.count("user_files") == house.count("memory_vectors") == 0

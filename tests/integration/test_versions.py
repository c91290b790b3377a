"""Every finished film of a project stays readable, and can be brought back without paying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from aida_orchestrator.memory.recall import search_similar_projects
from aida_orchestrator.model import Aspect, JobKind, TaskStatus
from aida_orchestrator.pipeline import commands
from aida_orchestrator.pipeline.sweep import remember
from aida_orchestrator.store import projects, tasks
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Shared, broker_in_memory, find_task, make_brief
from tests.integration.films import Compass, House
from tests.integration.studio import Studio, make_studio

PROJECTS = "/api/orchestrator/projects"


@pytest.fixture
def studio(shared: Shared, database: Database, tmp_path: Path) -> Iterator[Studio]:
    with broker_in_memory():
        yield make_studio(shared.dsn, tmp_path)


def get(studio: Studio, address: str, status: int = 200) -> dict[str, Any]:
    answer = studio.client().get(f"{PROJECTS}{address}")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return dict(answer.get_json())


def restore(studio: Studio, project: str, number: int | str, status: int = 201, user: str = "u1") -> dict[str, Any]:
    studio.clock.advance(60)
    answer = studio.client().post(f"{PROJECTS}/{project}/versions/{number}/restore", json={"userId": user})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_versions_are_listed_newest_first_with_all_they_were_made_of(studio: Studio) -> None:
    film = studio.film(2)
    second = studio.refine(film, "visuals", "shot 2 warmer")
    listed = get(studio, f"/{film.project_id}/versions?userId=u1")
    assert (listed["projectId"], listed["current"], listed["nextCursor"]) == (film.project_id, 2, None)
    newest, oldest = listed["versions"]
    assert [(one["version"], one["taskId"]) for one in (newest, oldest)] == [(2, second.id), (1, film.id)]
    assert (newest["kind"], newest["aspect"], newest["feedback"]) == ("refine", "visuals", "shot 2 warmer")
    assert (oldest["kind"], oldest["aspect"], oldest["feedback"]) == ("create", None, None)
    assert oldest["script"]["beats"][0]["words"] == "Line 1."
    assert [shot["picturePrompt"] for shot in oldest["shots"]] == ["bread number 1", "bread number 2"]
    assert newest["shots"][0]["clipUrl"] == oldest["shots"][0]["clipUrl"]
    assert newest["shots"][1]["clipUrl"] != oldest["shots"][1]["clipUrl"]
    assert newest["videoUrl"] != oldest["videoUrl"]
    for one in (newest, oldest):
        for url in [one["videoUrl"], *(shot[key] for shot in one["shots"] for key in ("pictureUrl", "clipUrl"))]:
            assert studio.client().get(url).status_code == 200


def test_versions_come_a_page_at_a_time(studio: Studio) -> None:
    film = studio.film(1)
    for feedback in ("warmer", "colder"):
        studio.refine(film, "visuals", feedback)
    first = get(studio, f"/{film.project_id}/versions?userId=u1&limit=2")
    assert [one["version"] for one in first["versions"]] == [3, 2]
    rest = get(studio, f"/{film.project_id}/versions?userId=u1&limit=2&cursor={first['nextCursor']}")
    assert ([one["version"] for one in rest["versions"]], rest["nextCursor"], rest["current"]) == ([1], None, 3)


def test_a_version_is_brought_back_without_paying(studio: Studio) -> None:
    film = studio.film(2)
    second = studio.refine(film, "style", "watercolour")
    charges, bought = studio.count("charges"), studio.count("jobs")
    back = restore(studio, film.project_id, 1)
    assert (back["current"], back["version"], back["kind"], back["status"]) == (3, 3, "restore", "completed")
    assert (back["restoredFrom"], back["cost"]["dollars"], back["cost"]["tokens"]) == (film.id, 0, 0)
    assert (studio.count("charges"), studio.count("jobs")) == (charges, bought)
    task = find_task(studio.db, back["taskId"])
    assert (task.status, task.film_key) == (TaskStatus.COMPLETED, film.film_key)
    assert studio.files(task) == studio.files(film) != studio.files(second)
    status = studio.client().get(f"/api/orchestrator/status/{task.id}").get_json()
    assert (status["progress"], status["kind"], len(status["shots"])) == (100, "restore", 2)
    assert {step["state"] for step in status["steps"]} == {"done"}
    with studio.db.transaction() as tx:
        project = projects.find_project(tx, film.project_id, TENANT)
        assert project is not None
        assert (project.film_key, project.storyboard) == (film.film_key, studio.board(film))
        assert project.brief is not None
        assert project.brief.style == studio.board(film).style
        kinds = [row["kind"] for row in tx.all("SELECT kind FROM events WHERE task_id = %(id)s", id=task.id)]
        assert kinds == ["task_restored"]
        studio.clock.advance(1)
        assert task.id in tasks.claim_to_remember(tx, studio.clock())


def test_a_version_about_the_same_is_in_memory_again_without_an_embedding(house: House) -> None:
    film = house.film()
    house.finish(house.refine(film.project_id, "style"), duration_seconds=15)
    compass, charges = cast(Compass, house.services.embedder), house.count("charges")
    compass.texts.clear()
    house.clock.advance(60)
    back = house.ask("POST", f"{PROJECTS}/{film.project_id}/versions/1/restore", {"userId": "u1"}, 201)
    assert remember(house.services, back["taskId"]) == "remembered"
    assert (compass.texts, house.count("charges")) == ([], charges)
    (match,) = search_similar_projects(house.database, Compass(), TENANT, "u1", "bread", 5, 0.7)
    assert match.brief["duration_seconds"] == make_brief().duration_seconds != 15
    assert match.finished_at[:16] == back["finishedAt"][:16]


def test_of_a_version_that_is_about_something_else_only_what_differs_is_embedded(house: House) -> None:
    film = house.film()
    house.finish(house.refine(film.project_id, "style"), "clay figures")
    compass = cast(Compass, house.services.embedder)
    compass.texts.clear()
    house.clock.advance(60)
    back = house.ask("POST", f"{PROJECTS}/{film.project_id}/versions/1/restore", {"userId": "u1"}, 201)
    assert remember(house.services, back["taskId"]) == "remembered"
    (text,) = compass.texts
    assert "warm window light" in text


def test_a_refine_goes_on_from_the_version_that_was_restored(studio: Studio) -> None:
    film = studio.film(3)
    turned_down = studio.refine(film, "visuals", "shot 2 warmer")
    restore(studio, film.project_id, 1)
    after = studio.refine(film, "visuals", "shot 2 colder")
    kept = {place: file for place, file in studio.files(film).items() if place[1] != 2}
    assert kept.items() <= studio.files(after).items()
    # What was turned down does not come again: neither that of version 1 nor that of version 2.
    for kind in JobKind:
        assert len({studio.files(task)[kind, 2] for task in (film, turned_down, after)}) == 3


def test_a_later_version_can_be_brought_back_again(studio: Studio) -> None:
    film = studio.film(2)
    second = studio.refine(film, "visuals", "shot 1 warmer")
    restore(studio, film.project_id, 1)
    back = restore(studio, film.project_id, 2)
    assert (back["version"], back["restoredFrom"]) == (4, second.id)
    assert studio.files(find_task(studio.db, back["taskId"])) == studio.files(second)
    assert restore(studio, film.project_id, 3)["version"] == 5


def test_the_version_that_is_shown_is_only_told_again(studio: Studio) -> None:
    film = studio.film(1)
    count = studio.count("tasks")
    told = restore(studio, film.project_id, 1, 200)
    assert (told["taskId"], told["version"], studio.count("tasks")) == (film.id, 1, count)


def test_the_newest_version_is_brought_back_after_a_refine_that_failed(studio: Studio) -> None:
    film = studio.film(2)
    studio.clock.advance(60)
    asked = commands.refine(studio.services, TENANT, "u1", film.project_id, "other", Aspect.STYLE).task
    failed = studio.finish(asked, failing={(JobKind.PICTURE, 1), (JobKind.PICTURE, 2)})
    assert failed.status is TaskStatus.FAILED
    assert get(studio, f"/{film.project_id}?userId=u1")["storyboard"]["style"] != studio.board(film).style.model_dump()
    assert restore(studio, film.project_id, 1)["version"] == 2
    assert get(studio, f"/{film.project_id}?userId=u1")["storyboard"]["style"] == studio.board(film).style.model_dump()


def test_a_partial_film_comes_back_as_the_partial_film_it_was(studio: Studio) -> None:
    film = studio.film(3, failing={(JobKind.CLIP, 3)})
    studio.refine(film, "visuals", "shot 1 warmer")
    back = restore(studio, film.project_id, 1)
    assert back["status"] == "partial"
    commands.retry(studio.services, TENANT, back["taskId"])
    whole = studio.finish(find_task(studio.db, back["taskId"]))
    assert whole.status is TaskStatus.COMPLETED
    assert studio.files(film).items() <= studio.files(whole).items()


def test_nothing_is_restored_while_a_film_is_being_made(studio: Studio) -> None:
    film = studio.film(1)
    commands.refine(studio.services, TENANT, "u1", film.project_id, "other", Aspect.STYLE)
    restore(studio, film.project_id, 1, 409)


@pytest.mark.parametrize("number", [0, 2, 10**12, "x", "-1"])
def test_a_version_that_is_not_there_is_not_found(studio: Studio, number: int | str) -> None:
    restore(studio, studio.film(1).project_id, number, 404)


def test_nobody_sees_or_restores_another_users_project(studio: Studio) -> None:
    film = studio.film(1)
    for address in ("", "/versions"):
        get(studio, f"/{film.project_id}{address}?userId=mallory", 404)
    restore(studio, film.project_id, 1, 404, user="mallory")
    assert get(studio, "?userId=mallory") == {"projects": [], "nextCursor": None}


def test_projects_are_listed_newest_first_a_page_at_a_time(studio: Studio) -> None:
    films = [studio.film(1) for _ in range(3)]
    studio.film(1, user="somebody else")
    first = get(studio, "?userId=u1&limit=2")
    rest = get(studio, f"?userId=u1&limit=2&cursor={first['nextCursor']}")
    shown = [one["projectId"] for one in [*first["projects"], *rest["projects"]]]
    assert shown == [film.project_id for film in reversed(films)]
    assert rest["nextCursor"] is None
    assert (first["projects"][0]["title"], first["projects"][0]["versions"]) == ("Bread", 1)


@pytest.mark.parametrize("asked", ["userId=u1&cursor=x", "userId=u1&cursor=WyIyMDI2IiwgMV0", "userId=u1&limit=0", "limit=3",
                                   "userId=u1&limit=1000", "userId=u1&user=x", "userId=a%20b", "userId=a%00b"])
def test_a_list_asked_for_wrongly_is_refused(studio: Studio, asked: str) -> None:
    get(studio, f"?{asked}", 422)


def test_a_project_is_told_as_it_stands(studio: Studio) -> None:
    film = studio.film(2)
    told = get(studio, f"/{film.project_id}?userId=u1")
    assert (told["projectId"], told["title"]) == (film.project_id, "Bread")
    assert (told["currentVersion"], told["openTaskId"]) == (1, None)
    assert told["videoUrl"].endswith(str(film.film_key))
    assert len(told["storyboard"]["shots"]) == len(told["script"]["beats"]) == 2
    asked = commands.refine(studio.services, TENANT, "u1", film.project_id, "other", Aspect.STYLE).task
    assert get(studio, f"/{film.project_id}?userId=u1")["openTaskId"] == asked.id

"""Requests as others would write them: whose they are in the query, in the body; and what does not exist costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Shared, broker_in_memory
from tests.integration.films import House
from tests.integration.studio import Studio, make_studio

API = "/api/orchestrator"
REMARK = {"feedback": "shot 2 warmer", "aspectToRefine": "visuals"}


@pytest.fixture
def studio(shared: Shared, database: object, tmp_path: Path) -> Iterator[Studio]:
    with broker_in_memory():
        yield make_studio(shared.dsn, tmp_path)


def post(studio: Studio, address: str, body: dict[str, Any] | None, status: int) -> dict[str, Any]:
    answer = studio.client().post(f"{API}/{address}", **({"json": body} if body is not None else {}))
    assert answer.status_code == status, answer.get_data(as_text=True)
    return dict(answer.get_json(force=True))


@pytest.mark.parametrize("misspelt", ["dry_run=1", "dryrun=true", "dryRun=yes", "dry-run=1", "preview=1"])
def test_a_misspelt_dry_run_starts_no_refine(studio: Studio, misspelt: str) -> None:
    film = studio.film(2)
    before = studio.count("tasks")
    told = post(studio, f"refine/{film.project_id}?{misspelt}", {"userId": "u1", **REMARK}, 422)
    assert "dryRun" in told["detail"]
    assert studio.count("tasks") == before


@pytest.mark.parametrize("address", ["create-video?dryRun=1", "create-video?wait=5"])
def test_a_parameter_that_does_not_exist_starts_no_film(studio: Studio, address: str) -> None:
    post(studio, address, {"userId": "u1", "message": "A film about bread"}, 422)
    assert studio.count("tasks") == 0


def test_a_retry_takes_no_parameter(studio: Studio) -> None:
    film = studio.film(1)
    post(studio, f"retry/{film.id}?dryRun=1", {}, 422)


def test_the_user_may_stand_in_the_query_of_what_has_a_body(studio: Studio) -> None:
    film = studio.film(2)
    address = f"refine/{film.project_id}?dryRun=1&userId"
    assert post(studio, f"{address}=u1", REMARK, 200)["redoes"] == 1
    assert post(studio, f"{address}=u1", {"userId": "u1", **REMARK}, 200)["redoes"] == 1
    post(studio, f"{address}=u2", REMARK, 404)
    told = post(studio, f"{address}=u2", {"userId": "u1", **REMARK}, 422)
    assert [error["pointer"] for error in told["errors"]] == ["/userId"]
    post(studio, f"{address}=u%201", REMARK, 422)
    studio.refine(film, "visuals", "warmer")
    assert post(studio, f"projects/{film.project_id}/versions/1/restore?userId=u1", None, 201)["version"] == 3


def test_what_is_deleted_may_name_its_user_in_the_body(house: House) -> None:
    project = house.film().project_id
    for named, status in ((None, 422), ({"userId": "u2"}, 404), ({"userId": "u1"}, 200)):
        answer = house.client.delete(f"{API}/projects/{project}/memory", **({"json": named} if named else {}))
        assert answer.status_code == status


def test_one_version_is_read_alone(studio: Studio) -> None:
    film = studio.film(2)
    studio.refine(film, "visuals", "shot 2 warmer")
    client = studio.client()
    listed = client.get(f"{API}/projects/{film.project_id}/versions?userId=u1").get_json()["versions"]
    for version in listed:
        alone = client.get(f"{API}/projects/{film.project_id}/versions/{version['version']}?userId=u1").get_json()
        assert alone == {"projectId": film.project_id, **version}
    for number in ("0", "3", "99999999999999999999", "x"):
        assert client.get(f"{API}/projects/{film.project_id}/versions/{number}?userId=u1").status_code == 404
    assert client.get(f"{API}/projects/{film.project_id}/versions/1?userId=u2").status_code == 404


def test_a_project_is_read_without_a_user_as_a_status_is_and_never_in_anothers_name(studio: Studio) -> None:
    film = studio.film(1)
    client = studio.client()
    for address in ("", "/versions", "/versions/1"):
        asked = f"{API}/projects/{film.project_id}{address}"
        assert client.get(asked).get_json() == client.get(f"{asked}?userId=u1").get_json()
        assert client.get(asked).status_code == 200
        assert client.get(f"{asked}?userId=u2").status_code == 404
        assert client.get(f"{asked}?userId=").status_code == 422
        assert client.get(f"{API}/projects/proj_none{address}").status_code == 404
    assert client.get(f"{API}/projects").status_code == 422
    assert client.post(f"{API}/projects/{film.project_id}/versions/1/restore", json={}).status_code == 422


def test_a_project_speaks_as_its_status_does(studio: Studio) -> None:
    film = studio.film(2)
    client = studio.client()
    project = client.get(f"{API}/projects/{film.project_id}?userId=u1").get_json()
    status = client.get(f"{API}/status/{film.id}").get_json()
    assert (project["brief"], project["script"]) == (status["brief"], status["script"])
    assert project["storyboard"]["style"] == status["style"]
    told = ("number", "seconds", "beat", "picturePrompt", "motionPrompt")
    assert project["storyboard"]["shots"] == [{key: shot[key] for key in told} for shot in status["shots"]]

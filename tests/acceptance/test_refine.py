"""A refine redoes what its aspect needs, buys nothing else, and keeps the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ..harness import Sandbox, Service, fetch
from .conftest import cancel_open_tasks
from .looking import film_of, no_pictures, roles


class Latest:
    """A project of two shots that the tests refine one after another; `status` is that of its newest film."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.began = time.time()
        self.status = service.wait(service.create("Voglio un video di 10 secondi sul pane fresco", "carla")["taskId"])

    @property
    def project(self) -> str:
        return str(self.status["projectId"])

    def refine(self, aspect: str, feedback: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The statuses before and after."""
        before = self.status
        assert before["status"] == "completed"
        self.status = self._service.wait(self._service.refine(self.project, aspect, feedback, "carla")["taskId"])
        assert self.status["status"] == "completed"
        assert self.status["degraded"] == []
        return before, self.status


@pytest.fixture(scope="module")
def latest(common_service: Service, sandbox_process: Sandbox) -> Iterator[Latest]:
    """The project, once per file; `shared` empties the ledger before each test."""
    sandbox_process.reset()
    yield Latest(common_service)
    cancel_open_tasks(common_service)


def of_shots(status: dict[str, Any], key: str) -> list[Any]:
    """One field of every shot, in order."""
    return [shot[key] for shot in status["shots"]]


def without_style(brief: dict[str, Any]) -> dict[str, Any]:
    """A brief but for its look."""
    return {key: value for key, value in brief.items() if key != "style"}


def test_another_script_keeps_the_brief_and_makes_what_follows_anew(
    latest: Latest, shared: Service, sandbox: Sandbox,
) -> None:
    before, after = latest.refine("script", "più dinamico e con meno parole")
    assert roles(sandbox) == ["writer", "director"]
    assert after["brief"] == before["brief"]
    assert after["script"] != before["script"]
    changed = sum(
        new != old for new, old in zip(of_shots(after, "picturePrompt"), of_shots(before, "picturePrompt"), strict=True))
    assert len(sandbox.sold("kie")) == changed
    assert after["videoUrl"] != before["videoUrl"]
    assert film_of(shared, after).seconds == pytest.approx(10, rel=0.02)


def test_another_style_keeps_script_and_shots_and_changes_every_picture(
    latest: Latest, shared: Service, sandbox: Sandbox,
) -> None:
    before, after = latest.refine("style", "in bianco e nero, come un vecchio film")
    assert roles(sandbox) == ["stylist"]
    assert without_style(after["brief"]) == without_style(before["brief"])
    assert after["script"] == before["script"]
    assert of_shots(after, "picturePrompt") == of_shots(before, "picturePrompt")
    assert after["style"] != before["style"]
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (2, 2)
    assert all(after["style"]["words"] in line["request"]["prompt"] for line in sandbox.sold("kie"))
    for new, old in zip(of_shots(after, "pictureUrl"), of_shots(before, "pictureUrl"), strict=True):
        assert shared.get(new)[2] != shared.get(old)[2]


def test_other_visuals_keep_script_and_style_and_make_new_pictures_and_clips(
    latest: Latest, shared: Service, sandbox: Sandbox,
) -> None:
    before, after = latest.refine("visuals", "più primi piani")
    assert roles(sandbox) == ["director"]
    assert without_style(after["brief"]) == without_style(before["brief"])
    assert (after["script"], after["style"]) == (before["script"], before["style"])
    assert of_shots(after, "seconds") == of_shots(before, "seconds")
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (2, 2)
    assert not set(of_shots(after, "pictureUrl")) & set(of_shots(before, "pictureUrl"))
    assert not set(of_shots(after, "clipUrl")) & set(of_shots(before, "clipUrl"))


def test_all_begins_at_the_beginning_with_the_feedback(latest: Latest, sandbox: Sandbox) -> None:
    before, after = latest.refine("all", "verticale, e di 5 secondi")
    assert set(roles(sandbox)) == {"orchestrator", "writer", "director"}
    assert (after["brief"]["aspectRatio"], after["brief"]["durationSeconds"]) == ("9:16", 5)
    assert after["script"] != before["script"]
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (1, 1)


def test_nothing_is_bought_twice_over_several_refines(latest: Latest, sandbox_process: Sandbox) -> None:
    # Since this project began, not only since this test did.
    totals = json.loads(fetch("GET", f"{sandbox_process.url}/ledger?since={latest.began}")[2])["totals"]
    assert (totals["kie"]["duplicates"], totals["fal"]["duplicates"]) == (0, 0)


def test_a_project_that_is_being_worked_on_cannot_be_refined(latest: Latest, shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    running = shared.refine(latest.project, "visuals", "più luce", "carla")
    body = {"userId": "carla", "feedback": "più buio", "aspectToRefine": "visuals"}
    code, headers, raw = fetch("POST", f"{shared.url}/api/orchestrator/refine/{latest.project}", body)
    assert (code, headers["Content-Type"]) == (409, "application/problem+json")
    assert running["taskId"] in json.loads(raw)["detail"]
    again = {"userId": "carla", "message": "Ancora", "projectId": latest.project}
    assert fetch("POST", f"{shared.url}/api/orchestrator/create-video", again)[0] == 409
    assert shared.status(running["taskId"])["status"] in ("queued", "processing")


@pytest.mark.parametrize(("user", "unknown"), [("carla", True), ("mallory", False)], ids=["unknown", "somebody else's"])
def test_a_project_that_is_not_yours_is_not_found(
    latest: Latest, shared: Service, sandbox: Sandbox, user: str, unknown: bool,
) -> None:
    project = "proj_there_is_none" if unknown else latest.project
    body = {"userId": user, "feedback": "più luce", "aspectToRefine": "all"}
    code, headers, _ = fetch("POST", f"{shared.url}/api/orchestrator/refine/{project}", body)
    assert (code, headers["Content-Type"]) == (404, "application/problem+json")
    more = {"userId": user, "message": "Ancora", "projectId": project}
    assert fetch("POST", f"{shared.url}/api/orchestrator/create-video", more)[0] == 404
    assert sandbox.ledger()["sold"] == []


def test_refining_needs_no_aspect_in_small_letters(latest: Latest, shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    answer = shared.refine(latest.project, "Visuals", "più luce", "carla")
    assert shared.status(answer["taskId"])["aspectToRefine"] == "visuals"

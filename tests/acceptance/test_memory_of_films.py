"""What a user's finished films mean for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ..harness import Sandbox, Service
from .conftest import cancel_open_tasks
from .looking import no_pictures


@pytest.fixture(scope="module")
def first(common_service: Service, sandbox_process: Sandbox) -> Iterator[dict[str, Any]]:
    """Giulia's finished film: upright, ten seconds, with a look of its own."""
    sandbox_process.reset()
    message = "Voglio un video food verticale di 10 secondi sul risotto ai funghi, tono elegante e minimale"
    yield common_service.wait(common_service.create(message, "giulia")["taskId"])
    cancel_open_tasks(common_service)


@pytest.fixture(autouse=True)
def only_plans(first: dict[str, Any], sandbox: Sandbox) -> None:
    """The later films are looked at before their pictures."""
    no_pictures(sandbox)


def drawn(service: Service, message: str, user: str) -> dict[str, Any]:
    """The status of a new film as soon as its shots are planned: nothing later depends on memory."""
    return service.wait_until(service.create(message, user)["taskId"], lambda status: bool(status["shots"]))


def test_like_last_time_recalls_the_users_film_and_keeps_its_form(first: dict[str, Any], shared: Service) -> None:
    assert first["status"] == "completed"
    second = drawn(shared, "Voglio un video food come l'altra volta", "giulia")
    used = [match for match in second["context"]["matches"] if match["used"]]
    assert [match["projectId"] for match in used] == [first["projectId"]]
    assert used[0]["similarity"] >= 0.7
    assert used[0]["reason"]
    for key in ("style", "aspectRatio", "durationSeconds"):
        assert second["brief"][key] == first["brief"][key]
    assert second["style"] == first["style"]
    assert sum(shot["seconds"] for shot in second["shots"]) == 10
    assert second["context"]["tools"][0]["name"] == "search_similar_projects"


def test_what_the_new_message_says_itself_is_not_taken_from_last_time(first: dict[str, Any], shared: Service) -> None:
    second = drawn(shared, "Un video food come l'altra volta, ma di 5 secondi e in formato 1:1", "giulia")
    assert [match["projectId"] for match in second["context"]["matches"] if match["used"]] == [first["projectId"]]
    assert (second["brief"]["durationSeconds"], second["brief"]["aspectRatio"]) == (5, "1:1")
    assert second["brief"]["style"] == first["brief"]["style"]


def deviates(sandbox: Sandbox, followed: str = "") -> None:
    """Claude answers with settings of its own, whatever it was shown."""
    sandbox.fault({
        "provider": "anthropic", "operation": "messages", "match": r'"intent": \{"type"', "fault": "says", "times": 1,
        "body": {
            "title": "La pizza", "language": "it", "intent": "Una pizza nasce nel forno.", "tone": "cupo e teso",
            "style_words": "black and white photograph", "style_reference": "noir", "duration_seconds": 40,
            "aspect_ratio": "1:1", "constraints": [], "recalled_project_id": followed, "recall_reason": "",
            "reference_files": []}})


def test_another_subject_changes_the_story_of_what_is_like_last_time_and_nothing_else(
    first: dict[str, Any], shared: Service, sandbox: Sandbox,
) -> None:
    deviates(sandbox, first["projectId"])
    second = drawn(shared, "Un video food come l'altra volta, ma con la pizza", "giulia")
    for key in ("style", "aspectRatio", "durationSeconds", "tone"):
        assert second["brief"][key] == first["brief"][key]
    assert second["brief"]["title"] == "La pizza"
    assert [shot["seconds"] for shot in second["shots"]] == [shot["seconds"] for shot in first["shots"]]


def test_a_message_about_something_else_follows_no_film(first: dict[str, Any], shared: Service) -> None:
    other = drawn(shared, "Voglio uno spot di 5 secondi per una banca online", "giulia")
    assert not any(match["used"] for match in other["context"]["matches"])
    assert other["brief"]["aspectRatio"] == "16:9"


def test_another_users_films_are_never_recalled(first: dict[str, Any], shared: Service, sandbox: Sandbox) -> None:
    stranger = drawn(shared, "Voglio un video food come l'altra volta", "bruno")
    assert stranger["context"]["matches"] == []
    assert stranger["brief"]["aspectRatio"] == "16:9"
    asked = str([line["request"] for line in sandbox.sold("anthropic")])
    assert first["projectId"] not in asked


def test_like_last_time_in_a_project_is_its_own_film_where_no_other_is_found(
    first: dict[str, Any], shared: Service, sandbox: Sandbox,
) -> None:
    deviates(sandbox)
    task = shared.create("Voglio un video food come l'altra volta", "giulia", projectId=first["projectId"])["taskId"]
    next_one = shared.wait_until(task, lambda status: status["brief"] is not None and status["brief"]["title"] == "La pizza")
    for key in ("style", "aspectRatio", "durationSeconds", "tone"):
        assert next_one["brief"][key] == first["brief"][key]

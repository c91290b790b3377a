"""What a user told the service beside their films, uploads, a campaign and a taste, is known to the next film."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ..harness import Sandbox, Service, ask
from .conftest import cancel_open_tasks
from .looking import no_pictures

BRIEF = """Brief for the launch of Lumen, our solar lantern.

The lantern charges on a window sill in one afternoon and shines for two evenings. The film must show the sill, the hand
that picks it up and a tent at night. The word cheap must never be said."""


@pytest.fixture(autouse=True)
def only_plans(common_service: Service, sandbox: Sandbox) -> Iterator[None]:
    """These films are looked at before their pictures."""
    no_pictures(sandbox)
    yield
    cancel_open_tasks(common_service)


def planned(service: Service, message: str, user: str, **more: Any) -> dict[str, Any]:
    return service.wait_until(service.create(message, user, **more)["taskId"], lambda status: status["brief"] is not None)


def upload(service: Service, user: str, name: str, content: bytes) -> dict[str, Any]:
    answer = requests.post(f"{service.url}/api/orchestrator/files", data={"userId": user},
                           files={"file": (name, content, "application/octet-stream")}, timeout=30)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def add_campaign(service: Service, user: str, **more: Any) -> str:
    return str(ask("POST", f"{service.url}/api/orchestrator/campaigns", {"userId": user, **more})["campaignId"])


def calls(status: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [call for call in status["context"]["tools"] if call["name"] == name]


def test_the_brief_that_was_uploaded_a_moment_ago_is_found_by_what_it_is_about(shared: Service) -> None:
    upload(shared, "nora", "launch.md", BRIEF.encode())
    status = planned(shared, "Make a film about our solar lantern, use the brief I uploaded, 10 seconds", "nora")
    (call,) = calls(status, "find_user_file")
    assert "Lumen" in call["result"]
    assert "lantern" in status["brief"]["intent"].lower()
    assert "window sill" in status["brief"]["intent"]


def test_nobody_elses_upload_is_found(shared: Service) -> None:
    upload(shared, "nora", "launch.md", BRIEF.encode() + b"\nSecond edition.")
    status = planned(shared, "Make a film about our solar lantern, use the brief I uploaded, 10 seconds", "otto")
    (call,) = calls(status, "find_user_file")
    assert "Lumen" not in call["result"]


def test_a_campaign_that_the_message_names_takes_the_film_in_and_lends_it_its_settings(shared: Service) -> None:
    style = {"words": "paper cut layers, soft shadows", "sref": ""}
    campaign = add_campaign(
        shared, "pia", name="Food Q1", guidelines="The logo is never shown.", style=style,
        settings={"durationSeconds": 10, "aspectRatio": "9:16"})
    status = shared.wait_until(
        shared.create("A film about bread, add it to the Food Q1 campaign", "pia")["taskId"], lambda it: bool(it["shots"]))
    assert status["campaignId"] == campaign
    assert status["context"]["campaign"]["name"] == "Food Q1"
    assert (status["brief"]["durationSeconds"], status["brief"]["aspectRatio"]) == (10, "9:16")
    assert status["style"] == style
    assert any("logo" in line for line in status["brief"]["constraints"])


def test_a_campaign_of_another_user_is_nobodys(shared: Service) -> None:
    add_campaign(shared, "pia", name="Secret Autumn", guidelines="Nobody knows.")
    status = planned(shared, "A film about bread, 10 seconds, add it to the Secret Autumn campaign", "quinn")
    assert (status["campaignId"], status["context"]["campaign"]) == (None, None)
    assert "Nobody knows" not in str(status)


def test_a_taste_that_was_said_fills_what_the_message_leaves_open(shared: Service) -> None:
    for category, value in (("duration", 15), ("aspectRatio", "1:1")):
        ask("PUT", f"{shared.url}/api/orchestrator/users/rosa/preferences/{category}", {"value": value})
    silent = planned(shared, "Un video sul pane", "rosa")
    assert (silent["brief"]["durationSeconds"], silent["brief"]["aspectRatio"]) == (15, "1:1")
    assert {one["category"] for one in silent["context"]["preferences"]} == {"duration", "aspectRatio"}
    cancel_open_tasks(shared)
    said = planned(shared, "Un video sul pane di 10 secondi, orizzontale", "rosa")
    assert (said["brief"]["durationSeconds"], said["brief"]["aspectRatio"]) == (10, "16:9")


def test_what_was_said_before_in_a_project_is_before_the_orchestrator(shared: Service, sandbox: Sandbox) -> None:
    first = planned(shared, "Un video di 10 secondi sui limoni di Procida", "sara")
    cancel_open_tasks(shared)
    sandbox.reset()
    planned(shared, "E adesso di sera, 10 secondi", "sara", projectId=first["projectId"])
    asked = str([line["request"] for line in sandbox.sold("anthropic")])
    assert "<conversation>" in asked
    assert "limoni di Procida" in asked
    no_pictures(sandbox)


def test_the_agents_that_were_directed_are_told_with_the_other_calls(shared: Service) -> None:
    status = shared.wait_until(shared.create("Un video di 10 secondi sul mare", "tina")["taskId"],
                               lambda it: bool(it["shots"]))
    names = [call["name"] for call in status["context"]["tools"]]
    assert names[-2:] == ["spawn_writer_agent", "spawn_director_agent"]
    assert names.count("spawn_writer_agent") == 1


def test_words_that_point_back_to_nothing_are_answered_as_such(shared: Service) -> None:
    status = planned(shared, "Voglio un video di 10 secondi sul pane come l'altra volta", "ugo")
    assert status["context"]["matches"] == []
    assert "from the message alone" in status["context"]["note"]

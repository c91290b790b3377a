"""Campaigns over HTTP: made, listed, read, changed, archived; each user's own, one open one of a name; films in them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from aida_orchestrator.model import Stage
from aida_orchestrator.store import projects
from aida_orchestrator.store.db import Database
from tests.integration.films import House

STRANGE = ["50% off", "a_b", "O'Brien \"Q1\"", "x\\y", "'; DROP TABLE campaigns; --", "春の限定", "%s %(id)s {0}"]


def names(house: House, user: str = "u1", **query: str) -> list[str]:
    """The names of a user's campaigns as they are listed."""
    asked = "&".join(f"{key}={value}" for key, value in {"userId": user, **query}.items())
    return [one["name"] for one in house.ask("GET", f"campaigns?{asked}")["campaigns"]]


def test_a_campaign_is_kept_as_it_was_given(house: House) -> None:
    made = house.campaign(
        "  Food   Q1 ", guidelines="Always show hands.", style={"words": "window light", "sref": "https://x.test/a.png"},
        settings={"durationSeconds": 15, "aspectRatio": "9:16", "tone": "warm", "language": "it-it"})
    assert made["campaignId"].startswith("camp_")
    assert (made["name"], made["guidelines"], made["archived"]) == ("Food Q1", "Always show hands.", False)
    assert made["style"] == {"words": "window light", "sref": "https://x.test/a.png"}
    assert made["settings"] == {"durationSeconds": 15, "aspectRatio": "9:16", "tone": "warm", "language": "it-IT"}
    read = house.ask("GET", f"campaigns/{made['campaignId']}?userId=u1")
    assert {key: read[key] for key in made} == made
    assert read["context"] == {
        "projects": [], "mostUsedStyle": None, "meanDurationSeconds": None, "guidelines": "Always show hands."}
    assert house.ask("GET", "campaigns?userId=u1")["campaigns"] == [made]


def test_a_look_of_the_catalogue_brings_its_words(house: House) -> None:
    assert house.campaign("Food", style={"sref": "Golden-Cinema"})["style"]["sref"] == "golden-cinema"
    assert "golden hour" in house.campaign("Travel", style={"sref": "golden-cinema"})["style"]["words"]


def test_a_style_may_be_said_in_plain_words(house: House) -> None:
    made = house.campaign("Food", style=" paper cut, flat colours ")
    assert made["style"] == {"words": "paper cut, flat colours", "sref": ""}
    changed = house.ask("PATCH", f"campaigns/{made['campaignId']}", {"userId": "u1", "style": "clay"})
    assert changed["style"] == {"words": "clay", "sref": ""}


@pytest.mark.parametrize(("change", "pointer"), [
    ({"name": " "}, "/name"), ({"name": "a\nb"}, "/name"), ({"name": "a" * 121}, "/name"), ({"name": None}, "/name"),
    ({"settings": {"durationSeconds": 7}}, "/settings/durationSeconds"),
    ({"settings": {"aspectRatio": "4:3"}}, "/settings/aspectRatio"),
    ({"settings": {"language": "qq"}}, "/settings/language"),
    ({"settings": {"tone": ""}}, "/settings/tone"), ({"settings": {"colour": "red"}}, "/settings/colour"),
    ({"style": {"words": ""}}, "/style"), ({"style": " "}, "/style"),
    ({"style": "x" * 401}, "/style/words"), ({"style": 7}, "/style"),
    ({"style": {"words": "x", "sref": "a b"}}, "/style/sref"),
    ({"guidelines": "a\0b"}, "/guidelines"), ({"userId": "a b"}, "/userId")])
def test_a_value_that_no_film_can_have_is_pointed_at(house: House, change: dict[str, Any], pointer: str) -> None:
    told = house.ask("POST", "campaigns", {"userId": "u1", "name": "Food", **change}, 422)
    assert pointer in [error["pointer"] for error in told["errors"]]
    assert names(house) == []


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_name_is_only_a_name(house: House, name: str) -> None:
    made = house.campaign(name)
    house.clock.advance(60)
    house.campaign("Another")
    house.campaign(name, expected=409)
    assert house.ask("GET", f"campaigns/{made['campaignId']}?userId=u1")["name"] == name
    assert names(house) == ["Another", name]


def test_no_two_open_campaigns_of_a_user_have_one_name_whatever_its_letter_case(house: House) -> None:
    first = house.campaign("Caffè Straße")
    assert first["campaignId"] in house.campaign("CAFFÈ STRASSE", expected=409)["detail"]
    house.campaign("Caffè Straße", "u2")
    second = house.campaign("Tea")
    house.ask("PATCH", f"campaigns/{second['campaignId']}", {"userId": "u1", "name": "caffè straße"}, 409)
    house.ask("PATCH", f"campaigns/{first['campaignId']}", {"userId": "u1", "name": "CAFFÈ straße"})
    house.ask("POST", f"campaigns/{first['campaignId']}/archive", {"userId": "u1"})
    house.campaign("caffè straße")
    house.ask("PATCH", f"campaigns/{first['campaignId']}", {"userId": "u1", "archived": False}, 409)
    house.ask("PATCH", f"campaigns/{first['campaignId']}", {"userId": "u1", "archived": False, "name": "Caffè 2"})
    assert set(names(house)) == {"Caffè 2", "caffè straße", "Tea"}


def test_of_many_at_once_with_one_name_one_is_made(house: House) -> None:
    app = house.client.application
    gate, codes = threading.Barrier(6), []

    def ask(name: str) -> None:
        gate.wait(10)
        answer = app.test_client().post("/api/orchestrator/campaigns", json={"userId": "u1", "name": name})
        codes.append(answer.status_code)

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("Été", "ÉTÉ", "été") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(codes) == [201, *[409] * 5]
    assert len(names(house)) == 1


def test_only_what_is_given_changes(house: House) -> None:
    made = house.campaign("Food", guidelines="Hands.", style={"words": "light"},
                          settings={"tone": "warm", "durationSeconds": 10})
    address = f"campaigns/{made['campaignId']}"
    house.clock.advance(60)
    changed = house.ask("PATCH", address, {"userId": "u1", "settings": {"tone": None, "aspectRatio": "1:1"}})
    assert changed["settings"] == {"durationSeconds": 10, "aspectRatio": "1:1", "tone": None, "language": None}
    assert (changed["style"], changed["guidelines"]) == (made["style"], "Hands.")
    assert changed["updatedAt"] > made["updatedAt"]
    assert house.ask("PATCH", address, {"userId": "u1", "style": None, "guidelines": ""})["style"] is None
    assert house.ask("PATCH", address, {"userId": "u1"})["guidelines"] == ""
    assert house.ask("PUT", address, {"userId": "u1", "guidelines": "Feet."})["settings"] == changed["settings"]
    house.ask("PATCH", address, {"userId": "u1", "name": None}, 422)


def test_a_project_cannot_be_deleted_and_is_told_what_can_be_done(house: House) -> None:
    address = f"projects/{house.create().project_id}"
    answer = house.client.delete(f"/api/orchestrator/{address}?userId=u1")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "/memory" in answer.get_json(force=True)["detail"]
    house.ask("GET", f"{address}?userId=u1")


def test_a_campaign_that_is_deleted_is_archived_and_its_films_stay_in_it(house: House) -> None:
    made = house.campaign("Food")
    film = house.finish(house.create(campaignId=made["campaignId"]))
    house.ask("DELETE", f"campaigns/{made['campaignId']}?userId=u2", expected=404)
    for _ in range(2):
        assert house.ask("DELETE", f"campaigns/{made['campaignId']}?userId=u1")["archived"] is True
    assert names(house) == []
    context = house.ask("GET", f"campaigns/{made['campaignId']}?userId=u1")["context"]
    assert [one["projectId"] for one in context["projects"]] == [film.project_id]
    house.campaign("Food")


def test_an_archived_campaign_is_restored_by_a_change(house: House) -> None:
    made = house.campaign("Food")
    archived = house.client.post(f"/api/orchestrator/campaigns/{made['campaignId']}/archive?userId=u1")
    assert (archived.status_code, archived.get_json()["archived"]) == (200, True)
    house.ask("PATCH", f"campaigns/{made['campaignId']}?userId=u1", {"archived": False})
    assert names(house) == ["Food"]


def test_guidelines_may_be_a_list_of_lines(house: House) -> None:
    made = house.campaign("Food", guidelines=["Hands in view.", "Never a face."])
    assert made["guidelines"] == "Hands in view.\nNever a face."
    house.campaign("Drinks", guidelines=["a", 7], expected=422)
    house.campaign("Drinks", guidelines=["a" * 6_000] * 2, expected=422)


@pytest.mark.parametrize(("text", "words", "sref"), [
    ("Golden-Cinema", "golden hour", "golden-cinema"), ("rustic, warm --sref 1234567890", "rustic, warm", "1234567890"),
    ("clay --sref https://x.test/a.png", "clay", "https://x.test/a.png"), ("clay --sref noir", "clay", "noir")])
def test_a_style_in_one_text_may_name_a_look_or_a_reference(house: House, text: str, words: str, sref: str) -> None:
    style = house.campaign("Food", style=text)["style"]
    assert words in style["words"]
    assert "--" not in style["words"]
    assert style["sref"] == sref


def test_an_archived_campaign_is_listed_only_when_asked_for_and_takes_no_film(house: House) -> None:
    made = house.campaign("Food")
    address = f"campaigns/{made['campaignId']}"
    archived = house.ask("POST", f"{address}/archive", {"userId": "u1"})
    assert (archived["archived"], archived["archivedAt"]) == (True, "2026-12-01T12:00:00.000Z")
    house.clock.advance(60)
    assert house.ask("POST", f"{address}/archive", {"userId": "u1"}) == archived
    assert names(house) == []
    assert all(names(house, includeArchived=word) == ["Food"] for word in ("true", "1", "True"))
    assert names(house, includeArchived="0") == names(house, includeArchived="False") == []
    body = {"userId": "u1", "message": "bread", "campaignId": made["campaignId"]}
    assert "archived" in house.ask("POST", "create-video", body, 409)["detail"]
    assert house.count("projects") == 0
    assert not house.ask("PATCH", address, {"userId": "u1", "archived": False})["archived"]
    house.ask("POST", "create-video", body, 202)


def test_a_strangers_campaign_is_not_there(house: House, database: Database) -> None:
    mine = house.campaign("Food")["campaignId"]
    with database.transaction() as tx:
        tx.run("INSERT INTO campaigns (id, tenant_id, user_id, name, created_at, updated_at)"
               " VALUES ('camp_other', 'other', 'u1', 'Elsewhere', now(), now())")
    for campaign, user in ((mine, "u2"), ("camp_other", "u1"), ("camp_none", "u1"), ("%25", "u1"), ("%00", "u1")):
        house.ask("GET", f"campaigns/{campaign}?userId={user}", expected=404)
        house.ask("PATCH", f"campaigns/{campaign}", {"userId": user, "name": "Mine"}, 404)
        house.ask("POST", f"campaigns/{campaign}/archive", {"userId": user}, 404)
    for campaign, user in ((mine, "u2"), ("camp_other", "u1"), ("camp_none", "u1")):
        house.ask("POST", "create-video", {"userId": user, "message": "bread", "campaignId": campaign}, 404)
    assert names(house, "u2") == []
    assert names(house) == ["Food"]
    assert house.count("projects") == house.count("project_campaigns") == 0


@pytest.mark.parametrize("query", ["", "?userId=", "?userId=a%20b", "?userId=u1&more=1", "?userId=u1&includeArchived=yes",
                                   "?userId=u%001"])
def test_a_list_says_what_it_wants_to_know(house: House, query: str) -> None:
    house.ask("GET", f"campaigns{query}", expected=422)


def test_a_film_asked_for_with_a_campaign_is_linked_to_it_and_its_refinement_keeps_it(house: House) -> None:
    campaign = house.campaign("Food")["campaignId"]
    task = house.create(campaignId=campaign)
    assert house.count("project_campaigns", project_id=task.project_id, campaign_id=campaign) == 1
    house.finish(task)
    house.ask("POST", f"campaigns/{campaign}/archive", {"userId": "u1"})
    again = house.refine(task.project_id, "style")
    assert again.campaign_id == campaign
    assert house.ask("GET", f"status/{again.id}")["campaignId"] == campaign
    assert house.count("project_campaigns") == 1


def test_a_projects_next_film_stays_in_its_campaign_while_that_is_open(house: House) -> None:
    campaign = house.campaign("Food")["campaignId"]
    first = house.film()
    second = house.finish(house.create("With jam", projectId=first.project_id, campaignId=campaign))
    third = house.finish(house.create("With honey", projectId=first.project_id))
    assert (second.campaign_id, third.campaign_id) == (campaign, campaign)
    assert house.count("project_campaigns") == 1
    house.ask("POST", f"campaigns/{campaign}/archive", {"userId": "u1"})
    assert house.create("With salt", projectId=first.project_id).campaign_id is None


def test_the_context_of_a_campaign_is_counted_from_its_finished_films(house: House) -> None:
    campaign = house.campaign("Food", guidelines="Hands.")["campaignId"]
    films = [house.finish(house.create(f"Film {number}", campaignId=campaign), style, title=f"Film {number}",
                          duration_seconds=seconds, sref=sref)
             for number, (style, sref, seconds) in enumerate(
                 [("Paper Cut", "", 10), ("photo", "rustic", 20), ("paper  cut", "", 15), ("other words", "rustic", 10),
                  ("paper cut", "", 15), *[("clay", "", 5)] * 2, *[(f"look {n}", "", 10) for n in range(4)]])]
    house.finish(house.create("Of another", "u2"), "paper cut", duration_seconds=60)
    house.create("Not finished yet", campaignId=campaign)
    context = house.ask("GET", f"campaigns/{campaign}?userId=u1")["context"]
    assert [one["title"] for one in context["projects"]] == [f"Film {number}" for number in range(10, 0, -1)]
    assert context["projects"][0]["projectId"] == films[-1].project_id
    assert context["mostUsedStyle"] == {"words": "paper cut", "sref": ""}
    assert context["meanDurationSeconds"] == pytest.approx((10 + 20 + 15 + 10 + 15 + 5 + 5 + 40) / 11, abs=0.05)


def test_the_same_request_again_makes_no_second_film_even_after_the_campaign_was_archived(house: House) -> None:
    campaign = house.campaign("Food")["campaignId"]
    body = {"userId": "u1", "message": "bread", "campaignId": campaign}
    answers = []
    for _ in range(2):
        answers.append(house.client.post("/api/orchestrator/create-video", json=body, headers={"Idempotency-Key": "k"}))
        house.ask("POST", f"campaigns/{campaign}/archive", {"userId": "u1"})
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json()["taskId"] == answers[1].get_json()["taskId"]


def test_a_project_of_somebody_else_is_not_linked(house: House) -> None:
    campaign = house.campaign("Food", "u2")["campaignId"]
    mine = house.film()
    body = {"userId": "u2", "message": "bread", "projectId": mine.project_id, "campaignId": campaign}
    house.ask("POST", "create-video", body, 404)
    assert house.count("project_campaigns") == 0
    with house.database.transaction() as tx:
        assert projects.find_documents(tx, mine.project_id)[Stage.CONTEXT]["title"] == "Bread"

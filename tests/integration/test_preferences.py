"""Preferences over HTTP: learned from films that ended well, ratings and refinements; said; deleted; each user's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from aida_orchestrator.memory.preferences import defaults
from aida_orchestrator.model import Category, Preference, Stage, TaskStatus
from aida_orchestrator.pipeline import runner
from aida_orchestrator.store.db import Database
from tests.builders import TENANT
from tests.integration.films import House

DAY = 24 * 3600.0


def evidence(house: House, category: str = "duration", user: str = "u1") -> list[tuple[Any, float, str]]:
    """(value, weight, reason) of each piece, the oldest first."""
    with house.database.transaction() as tx:
        return [(row["value"], round(row["weight"], 2), row["reason"]) for row in tx.all(
            "SELECT value, weight, reason FROM preference_evidence WHERE category = %(category)s AND user_id = %(user)s"
            " ORDER BY created_at, weight DESC", category=category, user=user)]


def sure(house: House, user: str, now: datetime, floor: float, tenant: str = TENANT) -> dict[Category, Preference]:
    """What a new film of the user begins with."""
    with house.database.transaction() as tx:
        return defaults(tx, tenant, user, now, floor)


def rate(house: House, project: str, rating: int, expected: int = 201, **more: Any) -> dict[str, Any]:
    """POST feedback as u1, a while later."""
    house.clock.advance(60)
    return house.ask("POST", f"projects/{project}/feedback", {"userId": "u1", "rating": rating, **more}, expected)


def test_two_finished_films_make_a_default_and_one_does_not(house: House) -> None:
    first = house.film(duration_seconds=10, tone="Warm")
    shown = house.preferences()
    assert {category: (one["value"], one["confidence"], one["source"]) for category, one in shown.items()} == {
        "style": ({"words": "warm window light", "sref": ""}, 0.5, "learned"), "duration": (10, 0.5, "learned"),
        "tone": ("Warm", 0.5, "learned"), "aspectRatio": ("16:9", 0.5, "learned")}
    assert not any(one["usedAsDefault"] for one in shown.values())
    (piece,) = shown["duration"]["evidence"]
    assert {key: piece[key] for key in ("projectId", "taskId", "reason", "weight")} == {
        "projectId": first.project_id, "taskId": first.id, "reason": "finished", "weight": 1.0}
    assert first.finished_at is not None
    assert piece["at"].startswith(first.finished_at.strftime("%Y-%m-%dT%H:%M"))
    house.film(duration_seconds=10, tone=" warm ")
    shown = house.preferences()
    assert all(one["usedAsDefault"] and one["confidence"] == pytest.approx(0.667, abs=0.002) for one in shown.values())
    assert shown["tone"]["evidenceCount"] == 2


def test_defaults_are_those_above_the_floor(house: House) -> None:
    for seconds in (10, 10, 15):
        house.film(duration_seconds=seconds)
    now = house.clock()
    chosen = sure(house, "u1", now, 0.6)
    assert set(chosen) == {Category.STYLE, Category.TONE, Category.ASPECT_RATIO}
    assert chosen[Category.ASPECT_RATIO].value == "16:9"
    duration = sure(house, "u1", now, 0.0)[Category.DURATION]
    assert (duration.value, duration.confidence) == (10, pytest.approx(0.5, abs=0.001))
    assert Category.DURATION in sure(house, "u1", now, 0.49)
    assert sure(house, "u2", now, 0.0) == {}
    assert sure(house, "u1", now, 0.0, "other") == {}


def test_what_speaks_for_a_value_halves_in_sixty_days(house: House) -> None:
    house.film(duration_seconds=10)
    house.film(duration_seconds=10)
    house.clock.advance(60 * DAY)
    assert house.preferences()["duration"]["confidence"] == pytest.approx(0.5, abs=0.001)
    house.film(duration_seconds=30)
    house.film(duration_seconds=30)
    shown = house.preferences()["duration"]
    assert (shown["value"], shown["confidence"]) == (30, pytest.approx(2 / 4, abs=0.001))
    house.clock.advance(1000 * DAY)
    assert house.preferences() == {}


def test_a_style_is_one_by_its_reference_else_by_its_words(house: House) -> None:
    for words, sref in (("soft light", "rustic"), ("harsh light", "rustic"), ("paper cut", ""), ("Paper  CUT", "")):
        house.film(words, sref=sref)
    shown = house.preferences()["style"]
    assert shown["value"] == {"words": "Paper  CUT", "sref": ""}  # of equals the newer
    assert shown["confidence"] == pytest.approx(2 / 5, abs=0.001)
    house.film("other words", sref="RUSTIC")
    assert house.preferences()["style"]["value"] == {"words": "other words", "sref": "RUSTIC"}


@pytest.mark.parametrize("stage", [Stage.CONTEXT, Stage.SCRIPT, Stage.STORYBOARD, Stage.VISUAL])
def test_nothing_is_learned_from_a_film_that_was_simplified_or_of_which_something_was_refused(
    house: House, stage: Stage,
) -> None:
    film = house.finish(house.create(), degraded=stage)
    assert film.status is TaskStatus.COMPLETED
    assert rate(house, film.project_id, 5)["learned"] is False
    assert house.preferences() == {}
    assert house.count("project_feedback") == 1


def test_nothing_is_learned_from_a_partial_failed_or_cancelled_film(house: House) -> None:
    partial = house.finish(house.create(), lost_clips=1)
    assert partial.status is TaskStatus.PARTIAL
    assert rate(house, partial.project_id, 5)["learned"] is False
    cancelled = house.create()
    house.ask("POST", f"cancel/{cancelled.id}", {}, 202)
    rate(house, cancelled.project_id, 5, 409)
    assert house.preferences() == {}


def test_a_partial_film_that_a_retry_completed_is_learned_from_once(house: House) -> None:
    film = house.finish(house.create(), lost_clips=1)
    house.ask("POST", f"retry/{film.id}", {}, 202)
    assert runner.run(house.services, Stage.VIDEO, film.id).word == "parked"
    house.bring_clips(film)  # the one that failed comes now
    assert house.end(film).status is TaskStatus.COMPLETED
    assert evidence(house) == [(10, 1.0, "finished")]


def test_a_refined_style_speaks_against_the_former_one_and_for_what_was_kept(house: House) -> None:
    film = house.film("photo", duration_seconds=10)
    house.finish(house.refine(film.project_id, "style"), "paper cut", duration_seconds=10)
    assert evidence(house, "style") == [
        ({"words": "photo", "sref": ""}, 1.0, "finished"), ({"words": "paper cut", "sref": ""}, 1.0, "finished"),
        ({"words": "photo", "sref": ""}, -1.0, "refined_away")]
    assert evidence(house) == [(10, 1.0, "finished"), (10, 0.5, "kept")]
    style = house.preferences()["style"]
    assert (style["value"]["words"], style["confidence"]) == ("paper cut", pytest.approx(1 / 4, abs=0.001))


@pytest.mark.parametrize(("aspect", "spoken"), [("script", 0), ("visuals", 0), ("style", 0), ("all", 1)])
def test_only_a_refine_that_was_about_it_speaks_against_a_length(house: House, aspect: str, spoken: int) -> None:
    film = house.film(duration_seconds=15)
    house.finish(house.refine(film.project_id, aspect), duration_seconds=10)
    found = evidence(house)
    assert found.count((15, -1.0, "refined_away")) == spoken
    assert (10, 1.0, "finished") in found
    assert evidence(house, "tone")[-1] == ("quiet", 0.5, "kept")


def test_a_refine_of_a_film_that_taught_nothing_is_like_a_new_film(house: House) -> None:
    film = house.finish(house.create(), "template", degraded=Stage.STORYBOARD)
    house.finish(house.refine(film.project_id, "all"), "paper cut")
    assert [reason for _, _, reason in evidence(house, "style")] == ["finished"]


def test_a_failed_refine_says_nothing_and_the_next_is_compared_with_the_film_there_is(house: House) -> None:
    film = house.film("photo")
    failed = house.refine(film.project_id, "style")
    house.ask("POST", f"cancel/{failed.id}", {}, 202)
    house.finish(house.refine(film.project_id, "style"), "clay")
    assert ({"words": "photo", "sref": ""}, -1.0, "refined_away") in evidence(house, "style")
    assert house.count("preference_evidence", task_id=failed.id) == 0


@pytest.mark.parametrize(("rating", "weight"), [(1, -1.5), (2, -1.0), (3, None), (4, 1.0), (5, 1.5)])
def test_a_rating_speaks_for_or_against_the_films_values(house: House, rating: int, weight: float | None) -> None:
    film = house.film(duration_seconds=10)
    told = rate(house, film.project_id, rating, comment="  così così ")
    assert (told["projectId"], told["taskId"], told["rating"], told["comment"], told["learned"]) == (
        film.project_id, film.id, rating, "così così", True)
    assert evidence(house) == [(10, 1.0, "finished"), *([(10, weight, "rated")] if weight else [])]


def test_a_later_rating_takes_the_place_of_the_former_and_both_are_listed(house: House) -> None:
    film = house.film(duration_seconds=10)
    rate(house, film.project_id, 5)
    rate(house, film.project_id, 1, comment="no")
    assert evidence(house)[1:] == [(10, -1.5, "rated")]
    assert "duration" not in house.preferences()
    rate(house, film.project_id, 3)
    assert evidence(house) == [(10, 1.0, "finished")]
    listed = house.ask("GET", f"projects/{film.project_id}/feedback?userId=u1")["feedback"]
    assert [(one["rating"], one["comment"]) for one in listed] == [(3, ""), (1, "no"), (5, "")]


@pytest.mark.parametrize("body", [{}, {"rating": 0}, {"rating": 6}, {"rating": "5"}, {"rating": True}, {"rating": 4.5},
                                  {"rating": 5, "comment": "a\0b"}, {"rating": 5, "more": 1}])
def test_a_rating_is_a_whole_number_from_one_to_five(house: House, body: dict[str, Any]) -> None:
    film = house.film()
    house.ask("POST", f"projects/{film.project_id}/feedback", {"userId": "u1", **body}, 422)
    assert house.count("project_feedback") == 0


@pytest.mark.parametrize(("liked", "rating", "weight"), [(True, 4, 1.0), (False, 2, -1.0)])
def test_whether_a_film_is_liked_is_a_rating_too(house: House, liked: bool, rating: int, weight: float) -> None:
    film = house.film(duration_seconds=10)
    told = house.ask("POST", f"projects/{film.project_id}/feedback", {"userId": "u1", "liked": liked, "comment": "mah"}, 201)
    assert (told["rating"], told["comment"], told["learned"]) == (rating, "mah", True)
    assert (10, weight, "rated") in evidence(house)
    for body in ({"liked": liked, "rating": rating}, {"liked": "yes"}, {"liked": 1}, {"liked": None}):
        house.ask("POST", f"projects/{film.project_id}/feedback", {"userId": "u1", **body}, 422)


def test_one_category_is_shown_alone_and_all_are_forgotten_at_once(house: House) -> None:
    house.ask("GET", "users/u1/preferences/duration", expected=404)
    house.film(duration_seconds=10)
    house.film(user="u2")
    assert house.ask("PATCH", "users/u1/preferences/aspect_ratio", {"value": "1:1"})["category"] == "aspectRatio"
    shown = house.preferences()
    for category, one in shown.items():
        assert house.ask("GET", f"users/u1/preferences/{category}") == one
    assert house.ask("DELETE", "users/u1/preferences")["removed"] == {"said": 1, "evidence": 4}
    assert (house.preferences(), len(house.preferences("u2"))) == ({}, 4)
    house.ask("DELETE", "users/u1/preferences?userId=u2", expected=422)


def test_nobody_rates_or_reads_a_strangers_project(house: House, database: Database) -> None:
    film = house.film()
    rate(house, film.project_id, 5)
    house.ask("POST", f"projects/{film.project_id}/feedback", {"userId": "u2", "rating": 1}, 404)
    house.ask("GET", f"projects/{film.project_id}/feedback?userId=u2", expected=404)
    house.ask("GET", "projects/proj_none/feedback?userId=u1", expected=404)
    with database.transaction() as tx:
        tx.run("UPDATE projects SET tenant_id = 'other'")
    rate(house, film.project_id, 1, 404)
    house.ask("GET", f"projects/{film.project_id}/feedback?userId=u1", expected=404)
    assert house.count("project_feedback") == 1


@pytest.mark.parametrize(("category", "value", "kept"), [
    ("duration", 15, 15), ("aspectRatio", "9:16", "9:16"), ("tone", "  dry, a little odd ", "dry, a little odd"),
    ("tone", "50% \"loud\" _or_ 'soft'", "50% \"loud\" _or_ 'soft'"),
    ("style", {"words": "paper cut"}, {"words": "paper cut", "sref": ""}),
    ("style", "paper cut", {"words": "paper cut", "sref": ""})])
def test_what_was_said_outranks_what_was_learned(house: House, category: str, value: Any, kept: Any) -> None:
    for _ in range(3):
        house.film(duration_seconds=10)
    said = house.ask("PUT", f"users/u1/preferences/{category}", {"value": value})
    assert (said["value"], said["confidence"], said["source"], said["usedAsDefault"]) == (kept, 1.0, "said", True)
    house.film(duration_seconds=10)
    assert house.preferences()[category] == said
    assert sure(house, "u1", house.clock(), 1.0)[Category(category)].value == kept
    assert house.preferences("u2") == {}


@pytest.mark.parametrize(("category", "value"), [
    ("duration", 7), ("duration", "long"), ("duration", None), ("aspectRatio", "4:3"), ("tone", " "), ("tone", "a\0b"),
    ("tone", "x" * 121), ("style", " "), ("style", {}), ("style", {"words": "x", "more": 1})])
def test_a_value_that_no_film_can_have_is_refused(house: House, category: str, value: Any) -> None:
    house.ask("PUT", f"users/u1/preferences/{category}", {"value": value}, 422)
    assert house.preferences() == {}


def test_the_user_of_the_address_may_be_named_again_and_nobody_else(house: House) -> None:
    address, body = "users/u1/preferences/duration", {"value": 15, "userId": "u1"}
    assert house.ask("PUT", address, body)["value"] == 15
    told = house.ask("PUT", address, {**body, "value": 20, "userId": "u2"}, 422)
    assert [error["pointer"] for error in told["errors"]] == ["/userId"]
    for method in ("GET", "DELETE"):
        where = "users/u1/preferences" if method == "GET" else address
        house.ask(method, f"{where}?userId=u2", expected=422)
        house.ask(method, f"{where}?user=u1", expected=422)
    assert house.ask("GET", "users/u1/preferences?userId=u1")["preferences"][0]["value"] == 15
    assert house.ask("DELETE", f"{address}?userId=u1")["removed"]["said"] == 1
    house.ask("DELETE", "users/u1/memory?userId=u2", expected=422)
    assert house.ask("DELETE", "users/u1/memory?userId=u1")["userId"] == "u1"
    assert house.preferences("u2") == {}


def test_there_are_four_categories(house: House) -> None:
    house.ask("PUT", "users/u1/preferences/colour", {"value": "red"}, 404)
    house.ask("DELETE", "users/u1/preferences/%25", expected=404)


def test_deleting_a_category_forgets_what_was_said_and_learned_of_it_alone(house: House) -> None:
    house.film(duration_seconds=10)
    house.film(user="u2", duration_seconds=20)
    house.ask("PUT", "users/u1/preferences/duration", {"value": 15})
    told = house.ask("DELETE", "users/u1/preferences/duration")
    assert told == {"category": "duration", "removed": {"said": 1, "evidence": 1}}
    assert set(house.preferences()) == {"style", "tone", "aspectRatio"}
    assert house.preferences("u2")["duration"]["value"] == 20
    assert house.ask("DELETE", "users/u1/preferences/duration")["removed"] == {"said": 0, "evidence": 0}


@pytest.mark.parametrize("user", ["a/b", "50%25_x", "o'brien%22", "a%5Cb", "preferences", "memory/preferences"])
def test_any_users_id_can_stand_in_the_address(house: House, user: str) -> None:
    house.ask("PUT", f"users/{user}/preferences/duration", {"value": 15})
    assert house.preferences(user)["duration"]["value"] == 15
    assert house.count("user_preferences") == 1
    house.ask("PUT", "users/a%20b/preferences/duration", {"value": 15}, 422)
    house.ask("GET", f"users/{'x' * 201}/preferences", expected=422)
    house.ask("GET", "users/a%00b/preferences", expected=404)

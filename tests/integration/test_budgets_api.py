"""Ceilings and the switch over HTTP: set, read, taken away; amounts by their digits; what a film that waits tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aida_orchestrator.errors import BudgetReached
from aida_orchestrator.model import Component, Stage, Task, Usage
from aida_orchestrator.pipeline import held, runner
from aida_orchestrator.services import Services
from aida_orchestrator.store import holds
from tests.integration.films import API, Compass, House

KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"  # 0.07 a second
JSON = {"Content-Type": "application/json"}


def clip(seconds: int) -> Usage:
    """What a clip of so many seconds uses."""
    return Usage("fal", KLING, {"seconds": seconds})


def keys(user: str = "u1", film: Task | None = None) -> tuple[str | None, str | None, str, str]:
    """Whom a call is for."""
    return (film.id, film.project_id, "default", user) if film else (None, None, "default", user)


def spend(house: House, seconds: int, user: str = "u1", film: Task | None = None) -> None:
    """Buy and book a clip."""
    house.services.ledger.record_now(
        task=keys(user, film), component=Component.KLING, usage=clip(seconds), now=house.clock())


def reserve(house: House, key: str, seconds: int, user: str = "u1") -> None:
    """Set aside what a clip costs."""
    with house.database.transaction() as tx:
        house.services.gate.reserve(tx, key, keys(user), Component.KLING, clip(seconds), house.clock(), timedelta(days=1))


def priced(house: House) -> Services:
    """The service with an embedder whose price is known."""
    compass = Compass("text-embedding-3-small")
    return replace(house.services, make_embedder=lambda: compass, make_quick_embedder=lambda: compass)


def budgets(house: House, query: str = "") -> list[tuple[str, str, str]]:
    """Scope, subject and period of those that are listed."""
    return [(one["scope"], one["subject"], one["period"]) for one in house.ask("GET", f"budgets{query}")["budgets"]]


def send(house: House, method: str, path: str, raw: str, headers: dict[str, str] | None = None) -> Any:
    """One request with a body as it is written."""
    return house.client.open(f"{API}/{path}", method=method, data=raw.encode(), headers=headers or JSON)


def test_a_ceiling_is_set_raised_read_and_taken_away(house: House) -> None:
    made = house.ask("PUT", "budgets/tenant/total", {"dollars": 50}, 201)
    whose = {"scope": "tenant", "subject": "", "period": "total"}
    assert made == {**whose, "inherited": False, "dollars": 50, "spent": 0, "reserved": 0, "left": 50,
                    "periodBegan": None, "resetsAt": None}
    assert house.ask("PUT", "budgets/tenant/total", {"dollars": 60.5}) == {**made, "dollars": 60.5, "left": 60.5}
    assert house.ask("GET", "budgets/tenant/total")["dollars"] == 60.5
    assert house.ask("DELETE", "budgets/tenant/total") == {**whose, "removed": True}
    house.ask("DELETE", "budgets/tenant/total", expected=404)
    house.ask("GET", "budgets/tenant/total", expected=404)
    assert house.ask("GET", "budgets") == {"budgets": [], "more": False}


def test_what_was_spent_and_what_is_reserved_counts_from_the_beginning_of_the_period(house: House) -> None:
    house.clock.now = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    spend(house, 10)
    reserve(house, "a", 5)
    house.ask("PUT", "budgets/user/u1/day", {"dollars": 3}, 201)
    month = house.ask("PUT", "budgets/user/u1/month", {"dollars": 1}, 201)
    assert (month["spent"], month["reserved"], month["left"]) == (0.7, 0.35, -0.05)
    assert (month["periodBegan"], month["resetsAt"]) == ("2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z")
    day = house.ask("GET", "budgets/user/u1/day")
    assert (day["periodBegan"], day["resetsAt"]) == ("2026-12-31T00:00:00.000Z", "2027-01-01T00:00:00.000Z")
    spend(house, 10)
    assert house.ask("GET", "budgets/user/u1/day")["spent"] == 1.4
    house.clock.advance(3600)  # what is reserved still is, whichever day that was
    assert {one["period"]: (one["spent"], one["reserved"]) for one in house.ask("GET", "budgets")["budgets"]} == {
        "day": (0, 0.35), "month": (0, 0.35)}


def test_a_ceiling_that_was_set_holds_and_one_that_was_raised_gives_way(house: House) -> None:
    house.ask("PUT", "budgets/user/u1/total", {"dollars": 0.3}, 201)
    with pytest.raises(BudgetReached):
        reserve(house, "a", 5)
    reserve(house, "b", 5, "u2")
    house.ask("PUT", "budgets/user/u1/total", {"dollars": 0.35})
    reserve(house, "a", 5)
    assert house.ask("GET", "budgets/user/u1/total")["left"] == 0


def test_budgets_are_listed_in_their_order_and_narrowed_down(house: House) -> None:
    campaign = house.campaign("Food")["campaignId"]
    film = house.create(maxCostDollars=2)
    for path in ("user/u2/day", "user/u1/month", "user/u1/day", f"campaign/{campaign}/total", "tenant/month"):
        house.ask("PUT", f"budgets/{path}", {"dollars": 5}, 201)
    mine = [("user", "u1", "day"), ("user", "u1", "month")]
    assert budgets(house) == [("tenant", "", "month"), ("campaign", campaign, "total"), *mine, ("user", "u2", "day")]
    assert budgets(house, "?userId=u1") == budgets(house, "?scope=user&subject=u1") == mine
    assert budgets(house, "?userId=u1&scope=user") == mine
    assert budgets(house, f"?subject={campaign}") == [("campaign", campaign, "total")]
    assert budgets(house, "?scope=film") == [("film", film.id, "total")]
    assert budgets(house, "?userId=nobody") == []


def test_a_ceiling_for_each_user_counts_nothing_itself_and_is_told_of_each(house: House) -> None:
    each = house.ask("PUT", "budgets/user/*/day", {"dollars": 0.35}, 201)
    assert (each["subject"], each["spent"], each["reserved"], each["left"]) == ("*", None, None, None)
    assert house.ask("GET", "budgets?userId=u1")["budgets"] == [each]
    reserve(house, "a", 5)
    assert budgets(house) == [("user", "*", "day")]
    mine, = house.ask("GET", "budgets?userId=u1")["budgets"]
    assert mine == {**each, "subject": "u1", "inherited": True, "spent": 0, "reserved": 0.35, "left": 0}
    assert "but that for each user" in house.ask("DELETE", "budgets/user/u1/day", expected=409)["detail"]
    assert house.ask("PUT", "budgets/user/u1/day", {"dollars": 5})["inherited"] is False
    house.ask("DELETE", "budgets/user/u1/day")
    house.ask("DELETE", "budgets/user/u1/day", expected=404)
    reserve(house, "b", 5, "u2")
    house.ask("DELETE", "budgets/user/*/day")
    assert house.count("budgets") == 0


@pytest.mark.parametrize(("query", "says"), [
    ("?user=u1", "there is no parameter 'user'"), ("?scope=planet", "scope must be one of"),
    ("?userId=a%20b", "wrong: /userId"),
    ("?userId=u1&scope=tenant", "name no other scope"), ("?userId=u1&subject=u1", "name no other scope"),
    ("?subject=a%00b", "NUL")])
def test_a_list_that_cannot_be_meant_is_refused(house: House, query: str, says: str) -> None:
    assert says in house.ask("GET", f"budgets{query}", expected=422)["detail"]


@pytest.mark.parametrize("user", ["a/b", "a/day", "anna@example.test", "ü", "50%", "a" * 200])
def test_a_user_is_whoever_the_caller_names(house: House, user: str) -> None:
    path = "budgets/user/" + user.replace("%", "%25") + "/day"
    assert house.ask("PUT", path, {"dollars": 1}, 201)["subject"] == user
    assert budgets(house) == [("user", user, "day")]
    house.ask("DELETE", path)


@pytest.mark.parametrize(("method", "path", "status"), [
    ("PUT", "budgets/campaign/camp_1/day", 404), ("DELETE", "budgets/campaign/camp_1/day", 404),
    ("PUT", "budgets/tenant/week", 422), ("DELETE", "budgets/tenant/week", 422), ("GET", "budgets/user/u1/Day", 422),
    ("PUT", "budgets/user/a%20b/day", 422), ("PUT", "budgets/user/a%00b/day", 404),
    ("PUT", "budgets/user/" + "a" * 201 + "/day", 422), ("PUT", "budgets/tenant/day?userId=u1", 422),
    ("DELETE", "budgets/tenant/day?force=1", 422), ("PUT", "budgets/film/task_1/total", 404), ("POST", "budgets", 405),
    ("PUT", "budgets/user/day", 404)])
def test_a_ceiling_of_nothing_is_refused(house: House, method: str, path: str, status: int) -> None:
    said = house.ask(method, path, {"dollars": 1} if method != "GET" else None, status)
    assert said["code"] in ("not_found", "invalid_value", "http_404", "http_405")
    assert house.count("budgets") == 0


BAD = ["-1", "-0.000001", "NaN", "Infinity", "1e400", "1e20", "123456789", "0.1234567", "true", "false", '"much"', '""',
       '" 2"', '"1_000"', '"1e2"', '"NaN"', "[]", "{}", "[1]"]


@pytest.mark.parametrize("raw", [*BAD, "null"])
def test_what_is_no_amount_is_refused(house: House, raw: str) -> None:
    answer = send(house, "PUT", "budgets/tenant/day", '{"dollars": ' + raw + "}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json(force=True)["errors"]] == ["/dollars"]
    assert house.count("budgets") == 0


@pytest.mark.parametrize("raw", BAD)
@pytest.mark.parametrize("door", ["create", "refine", "retry", "change"])
def test_no_film_begins_or_goes_on_with_a_ceiling_that_is_no_amount(house: House, door: str, raw: str) -> None:
    film = house.create()
    path, method, beside = {
        "create": ("create-video", "POST", '"userId": "u1", "message": "x", '),
        "refine": (f"refine/{film.project_id}", "POST", '"userId": "u1", "feedback": "x", '),
        "retry": (f"retry/{film.id}", "POST", ""), "change": (f"tasks/{film.id}", "PATCH", "")}[door]
    answer = send(house, method, path, "{" + beside + '"maxCostDollars": ' + raw + "}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json(force=True)["errors"]] == ["/maxCostDollars"]
    assert (house.count("budgets"), house.count("tasks")) == (0, 1)


@pytest.mark.parametrize(("method", "path"), [("PUT", "budgets/tenant/day"), ("PATCH", "tasks/task_1"), ("PUT", "spending")])
@pytest.mark.parametrize(("raw", "headers", "status"), [
    ("{}", {"Content-Type": "text/plain"}, 415), ("dollars=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("", JSON, 400), ("{", JSON, 400), ("[]", JSON, 422), ("{}", JSON, 422), ('{"more": 1}', JSON, 422)])
def test_a_body_that_is_none_is_refused(
    house: House, method: str, path: str, raw: str, headers: dict[str, str], status: int,
) -> None:
    assert send(house, method, path, raw, headers).status_code == status


@pytest.mark.parametrize(("raw", "exactly"), [
    ("0.1", "0.1"), ("0.30", "0.3"), ("1e-6", "0.000001"), ("99999999.999999", "99999999.999999"),
    ("2", "2"), ('"2.50"', "2.5"),
    ("0", "0"), ("-0", "0"), ("0.000003", "0.000003")])
def test_a_number_means_its_digits(house: House, raw: str, exactly: str) -> None:
    assert send(house, "PUT", "budgets/tenant/day", '{"dollars": ' + raw + "}").status_code == 201
    with house.database.transaction() as tx:
        row = tx.one("SELECT dollars FROM budgets")
    assert row is not None
    assert row["dollars"] == Decimal(exactly)


def test_a_films_own_ceiling_is_told_when_it_is_asked_for_and_changed_while_it_is_made(house: House) -> None:
    made = house.ask("POST", "create-video", {"userId": "u1", "message": "A film about bread", "maxCostDollars": 0.5}, 202)
    assert made["maxCostDollars"] == 0.5 < made["estimate"]["low"]
    task = f"tasks/{made['taskId']}"
    assert house.ask("GET", f"status/{made['taskId']}")["maxCostDollars"] == 0.5
    assert house.ask("PATCH", task, {"maxCostDollars": 3})["maxCostDollars"] == 3
    assert house.ask("PATCH", task, {"maxCostDollars": None})["maxCostDollars"] is None
    assert house.ask("PATCH", task, {"maxCostDollars": None})["maxCostDollars"] is None
    house.ask("PATCH", "tasks/task_0", {"maxCostDollars": 1}, 404)
    house.ask("PATCH", f"{task}?dryRun=1", {"maxCostDollars": 1}, 422)
    assert house.count("budgets") == 0


def test_no_ceiling_is_null_or_left_out_but_a_retry_does_not_take_one_away_by_the_way(house: House) -> None:
    film = house.create(maxCostDollars=None)
    assert house.ask("GET", f"status/{film.id}")["maxCostDollars"] is None
    house.ask("PATCH", f"tasks/{film.id}", {"maxCostDollars": 1})
    house.ask("POST", f"cancel/{film.id}", {}, 202)
    said = house.ask("POST", f"retry/{film.id}", {"maxCostDollars": None}, 422)
    assert said["errors"][0]["pointer"] == "/maxCostDollars"
    assert house.ask("POST", f"retry/{film.id}", {}, 202)["maxCostDollars"] == 1
    house.ask("POST", f"cancel/{film.id}", {}, 202)
    assert house.ask("POST", f"retry/{film.id}", {"maxCostDollars": 2}, 202)["maxCostDollars"] == 2


def test_a_request_that_is_repeated_is_the_same_only_with_the_same_ceiling(house: House) -> None:
    def ask(key: str, raw: str) -> Any:
        return send(house, "POST", "create-video", '{"userId": "u1", "message": "x"' + raw + "}",
                    {**JSON, "Idempotency-Key": key})

    first = ask("a", ', "maxCostDollars": 2.5')
    assert first.status_code == 202
    for same in (', "maxCostDollars": 2.50', ', "maxCostDollars": "2.5"', ', "maxCostDollars": 25e-1'):
        assert ask("a", same).get_json(force=True)["taskId"] == first.get_json(force=True)["taskId"]
    for other in ("", ', "maxCostDollars": 2', ', "maxCostDollars": null', ', "maxCostDollars": 0'):
        assert ask("a", other).status_code in (409, 422), other
    plain = ask("b", "")
    again = ask("b", ', "maxCostDollars": null')
    assert (again.headers["Idempotent-Replayed"], again.get_json(force=True)["taskId"]) == (
        "true", plain.get_json(force=True)["taskId"])


def test_a_film_at_its_ceiling_says_what_the_next_step_would_cost_and_goes_on_after_a_raise(house: House) -> None:
    film = house.create(maxCostDollars=0.001)
    assert runner.run(priced(house), Stage.CONTEXT, film.id).word != runner.GO_ON
    told = house.ask("GET", f"status/{film.id}")
    assert (told["waitingFor"], told["status"], told["maxCostDollars"]) == ("budget", "processing", 0.001)
    assert told["hold"]["code"] == "budget_reached"
    assert told["hold"]["stepDollars"] > 0.001
    assert {**told["hold"]["ceiling"], "spent": 0} == {
        "scope": "film", "subject": film.id, "period": "total", "dollars": 0.001, "spent": 0, "reserved": 0}
    assert house.ask("GET", "spending")["held"] == {"budget": 1, "spending": 0, "provider": 0}
    house.ask("PATCH", f"tasks/{film.id}", {"maxCostDollars": 5})
    assert held.let_go(house.services).rings == [(film.id, Stage.CONTEXT)]
    assert house.ask("GET", f"status/{film.id}")["hold"] is None


def test_the_switch_stops_everything_and_starts_it_again(house: House) -> None:
    going = {"stopped": False, "since": None, "reason": None, "held": {"budget": 0, "spending": 0, "provider": 0},
             "pausedProviders": []}
    assert house.ask("GET", "spending") == going
    assert house.ask("PUT", "spending", {"stopped": False}) == going
    stopped = house.ask("PUT", "spending", {"stopped": True, "reason": "the bill is too high"})
    assert (stopped["stopped"], stopped["reason"]) == (True, "the bill is too high")
    film = house.create()
    assert runner.run(house.services, Stage.CONTEXT, film.id).word != runner.GO_ON
    told = house.ask("GET", f"status/{film.id}")
    assert (told["waitingFor"], told["hold"]["until"]) == ("spending", None)
    assert "the bill is too high" in told["hold"]["message"]
    house.clock.advance(60)
    again = house.ask("PUT", "spending", {"stopped": True})
    assert (again["since"], again["reason"], again["held"]["spending"]) == (stopped["since"], "the bill is too high", 1)
    assert house.ask("PUT", "spending", {"stopped": True, "reason": "checked"})["reason"] == "checked"
    assert house.ask("PUT", "spending", {"stopped": False})["stopped"] is False
    assert held.let_go(house.services).rings == [(film.id, Stage.CONTEXT)]
    assert house.ask("GET", "spending") == going


def test_a_provider_whose_account_is_empty_is_named(house: House) -> None:
    with house.database.transaction() as tx:
        holds.pause(tx, "fal", "the account has no credit", house.clock())
    assert house.ask("GET", "spending")["pausedProviders"] == [
        {"provider": "fal", "since": house.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
         "message": "the account has no credit"}]


@pytest.mark.parametrize("body", [
    {"stopped": "true"}, {"stopped": 1}, {"stopped": None}, {"reason": "x"}, {"stopped": True, "reason": " "},
    {"stopped": True, "reason": "a\nb"}, {"stopped": True, "reason": "x" * 501}, {"stopped": False, "reason": "x"}])
def test_a_switch_that_is_not_plainly_thrown_is_not_thrown(house: House, body: dict[str, Any]) -> None:
    assert house.ask("PUT", "spending", body, 422)["code"] == "invalid_value"
    house.ask("GET", "spending?now=1", expected=422)
    assert house.ask("GET", "spending")["stopped"] is False

"""`aida budgets`, ceilings of films and what is said of a film that waits for money, against a small HTTP server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator.cli import main

BUDGETS, STATUS = "/api/orchestrator/budgets", "/api/orchestrator/status/task_1"
DAY = {"scope": "user", "subject": "anna", "period": "day", "dollars": 50, "spent": 2.123456, "reserved": 0.35,
       "left": 47.526544, "periodBegan": "2026-12-01T00:00:00.000Z", "resetsAt": "2026-12-02T00:00:00.000Z"}
ALL = {**DAY, "scope": "tenant", "subject": "", "period": "total", "dollars": 1000, "periodBegan": None, "resetsAt": None}
EACH = {**DAY, "subject": "*", "dollars": 5, "spent": None, "reserved": None, "left": None}
ONE = {**DAY, "subject": "bea", "inherited": True}
FILM = {"taskId": "task_1", "projectId": "proj_1", "status": "processing", "progress": 40, "videoUrl": None,
        "maxCostDollars": 0.5, "cost": {"tokens": 10, "dollars": 0.48, "reserved": 0.04}}
HELD = {**FILM, "waitingFor": "budget", "hold": {
    "for": "budget", "code": "budget_reached", "message": "the next step (a picture by Midjourney) would cost $0.04",
    "nextStep": "Raise the ceiling.", "stepDollars": 0.04, "until": "2026-12-03T12:00:00.000Z"}}
DONE = {**FILM, "status": "completed", "progress": 100, "videoUrl": "/media/film.mp4", "hold": None}


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("AIDA_URL", httpserver.url_for(""))
    return httpserver


def sent(service: HTTPServer) -> Any:
    """The body of the last request."""
    return json.loads(service.log[-1][0].get_data())


def test_budgets_are_a_table(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(BUDGETS, query_string={"scope": "user", "subject": "anna"}).respond_with_json(
        {"budgets": [ALL, DAY, EACH, ONE], "more": True})
    assert main(["budgets", "--scope", "user", "--subject", "anna"]) == 0
    shown = capsys.readouterr()
    head, whole, day, each, one = shown.out.splitlines()
    assert each.split() == ["user", "*", "day", "5.00", "-", "-", "-", "2026-12-02", "UTC"]
    assert one.split()[:5] == ["user", "bea", "(as", "each)", "day"]
    assert head.split() == ["SCOPE", "SUBJECT", "PERIOD", "DOLLARS", "SPENT", "RESERVED", "LEFT", "BEGINS", "ANEW"]
    assert whole.split() == ["tenant", "-", "total", "1000.00", "2.123456", "0.35", "47.526544", "-"]
    assert day.split() == ["user", "anna", "day", "50.00", "2.123456", "0.35", "47.526544", "2026-12-02", "UTC"]
    assert head.index("DOLLARS") + len("DOLLARS") == whole.index("1000.00") + len("1000.00")
    assert "there are more" in shown.err


def test_no_budget_is_said_beside_an_empty_output(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(BUDGETS).respond_with_json({"budgets": [], "more": False})
    assert main(["budgets"]) == 0
    assert capsys.readouterr() == ("", "no budget is set\n")
    assert main(["budgets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"budgets": [], "more": False}


@pytest.mark.parametrize(("words", "path"), [
    (["tenant", "day"], "/tenant/day"), (["user", "*", "day"], "/user/*/day"),
    (["user", "a b/ü", "month"], "/user/a b/ü/month"),
    (["campaign", "camp_1", "total"], "/campaign/camp_1/total")])
def test_a_ceiling_is_set_and_removed(
    service: HTTPServer, capsys: pytest.CaptureFixture[str], words: list[str], path: str,
) -> None:
    service.expect_request(BUDGETS + path, method="PUT", json={"dollars": 2.5}).respond_with_json(DAY, status=201)
    service.expect_request(BUDGETS + path, method="DELETE").respond_with_json({"removed": True})
    assert main(["budgets", "set", *words, "2.50"]) == 0
    assert "47.526544" in capsys.readouterr().out
    assert main(["budgets", "remove", *words]) == 0
    assert capsys.readouterr().out == f"removed: {' '.join(words)}\n"


def test_the_ceiling_of_one_film_is_set_and_removed(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request("/api/orchestrator/tasks/task_1", method="PATCH").respond_with_json(FILM)
    assert main(["budgets", "set", "film", "task_1", "0.5"]) == 0
    assert sent(service) == {"maxCostDollars": 0.5}
    assert capsys.readouterr().out == "task_1: at most 0.50; 0.48 spent, 0.04 reserved\n"
    assert main(["budgets", "remove", "film", "task_1"]) == 0
    assert sent(service) == {"maxCostDollars": None}


@pytest.mark.parametrize("words", [
    ["set", "tenant", "week", "5"], ["set", "tenant", "day"], ["set", "tenant", "day", "much"],
    ["set", "tenant", "day", "-1"], ["set", "tenant", "day", "nan"], ["set", "tenant", "day", "1e2"],
    ["set", "tenant", "day", "0.1234567"], ["set", "tenant", "day", "123456789"], ["set", "user", "day", "5"],
    ["set", "planet", "day", "5"], ["remove", "tenant"], ["set"]])
def test_words_that_name_no_ceiling_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["budgets", *words])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_film_is_asked_for_refined_and_retried_with_a_ceiling(service: HTTPServer) -> None:
    service.expect_request("/api/orchestrator/create-video").respond_with_json(FILM, status=202)
    service.expect_request("/api/orchestrator/refine/proj_1").respond_with_json(FILM, status=202)
    service.expect_request("/api/orchestrator/retry/task_1").respond_with_json(FILM, status=202)
    for words in (["create", "x"], ["refine", "proj_1", "--aspect", "all", "x"], ["retry", "task_1"]):
        assert main([*words, "--no-wait", "--max-dollars", "2.50"]) == 0
        assert sent(service)["maxCostDollars"] == 2.5
        assert main([*words, "--no-wait"]) == 0
        assert "maxCostDollars" not in sent(service)


def test_a_film_that_waits_for_money_is_told_once_and_that_it_goes_on(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_ordered_request("/api/orchestrator/create-video").respond_with_json(FILM, status=202)
    for state in (HELD, HELD, FILM, DONE):
        service.expect_ordered_request(STATUS).respond_with_json(state)
    assert main(["create", "x", "--max-dollars", "0.5"]) == 0
    said = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert said[:3] == [
        "waits (budget, until 2026-12-03 12:00 UTC): the next step (a picture by Midjourney) would cost $0.04",
        "Raise the ceiling.", "goes on"]
    assert "cost: 10 tokens, 0.48 dollars, 0.04 reserved" in said


def test_a_film_that_ended_while_it_waited_does_not_go_on(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_ordered_request("/api/orchestrator/create-video").respond_with_json(FILM, status=202)
    for state in (HELD, {**FILM, "status": "failed", "hold": None}):
        service.expect_ordered_request(STATUS).respond_with_json(state)
    assert main(["create", "x"]) == 1
    said = capsys.readouterr().err
    assert "waits (budget" in said
    assert "goes on" not in said


def test_the_status_says_why_a_film_waits_and_what_the_next_step_would_cost(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    stop = {"for": "spending", "message": "the operator has stopped all spending (\x1b[31mlate)", "stepDollars": 0.42,
            "until": None, "nextStep": "The operator must start it again."}
    service.expect_ordered_request(STATUS).respond_with_json(HELD)
    service.expect_ordered_request(STATUS).respond_with_json({**HELD, "hold": stop, "maxCostDollars": None})
    assert main(["status", "task_1"]) == 0
    shown = capsys.readouterr().out
    assert "ceiling: 0.50 dollars" in shown
    assert "waits (budget, until 2026-12-03 12:00 UTC): the next step (a picture by Midjourney) would cost $0.04\n" in shown
    assert main(["status", "task_1"]) == 0
    shown = capsys.readouterr().out
    assert "waits (spending): the operator has stopped all spending ( [31mlate)" in shown
    assert "; the next step would cost 0.42 dollars" in shown
    assert "ceiling" not in shown

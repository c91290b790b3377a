"""`aida logs`: what is asked of the API, and what a person reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator.cli import main

EVENTS = "/api/orchestrator/tasks/task_1/events"
ERROR = {"code": "provider_balance", "message": "top it up", "retryable": True, "whoMustAct": "operator",
         "component": "midjourney", "provider": "kie", "nextStep": "The operator must top up the account."}


def event(number: int, seconds: float, kind: str, message: str, **more: Any) -> dict[str, Any]:
    """One event so many seconds after the film was asked for."""
    return {"number": number, "at": f"2026-12-01T12:00:{seconds:06.3f}Z", "stage": "visual", "kind": kind,
            "message": message, "shot": None, "jobId": None, "dollars": None, "priceUnknown": False, "costSoFar": 0.04,
            "error": None, **more}


PAID = event(1, 1.5, "paid", "Midjourney took the order for the picture of shot 2.", dollars=0.04)
FAILED = event(2, 12.25, "task_failed", "The film failed: top it up.\x1b[31m", error=ERROR)


def page(events: list[dict[str, Any]], following: str, *, more: bool = False, status: str = "failed") -> dict[str, Any]:
    """An answer of the API."""
    return {"taskId": "task_1", "projectId": "proj_1", "kind": "create", "status": status, "requestId": "req_1",
            "createdAt": "2026-12-01T12:00:00.000Z", "finishedAt": None, "events": events, "next": following, "more": more}


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("AIDA_URL", httpserver.url_for(""))
    return httpserver


def test_each_event_is_one_line_with_its_time_and_money_and_a_failure_says_what_to_do(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_request(EVENTS, query_string={"limit": "200"}).respond_with_json(page([PAID], "0.1.1", more=True))
    service.expect_request(EVENTS, query_string={"limit": "200", "after": "0.1.1"}).respond_with_json(
        page([FAILED], "1.1.2"))
    assert main(["logs", "task_1"]) == 0
    shown = capsys.readouterr()
    paid, failed, todo = shown.out.splitlines()
    assert paid == "      1.5 s   visual      Midjourney took the order for the picture of shot 2.  $0.0400, so far $0.0400"
    assert failed.startswith("     12.2 s ! visual      The film failed: top it up. [31m [provider_balance]")
    assert todo.strip() == "→ operator: The operator must top up the account."
    assert "task_1  create  failed  project proj_1, request req_1" in shown.err


def test_json_is_one_object_a_line(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(EVENTS).respond_with_json(page([PAID, FAILED], "1.1.2"))
    assert main(["logs", "task_1", "--json"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [PAID, FAILED]


def test_following_ends_with_the_film(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_ordered_request(EVENTS).respond_with_json(page([PAID], "0.1.1", status="processing"))
    service.expect_ordered_request(EVENTS, query_string={"limit": "200", "after": "0.1.1"}).respond_with_json(
        page([FAILED], "1.1.2"))
    assert main(["logs", "task_1", "--follow"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_without_following_a_film_that_goes_on_is_told_as_far_as_it_is(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_request(EVENTS).respond_with_json(page([PAID], "0.1.1", status="processing"))
    assert main(["logs", "task_1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_price_that_is_not_known_is_said(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(EVENTS).respond_with_json(page([{**PAID, "dollars": None, "priceUnknown": True}], "0.1.1"))
    assert main(["logs", "task_1"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("(price unknown)")

"""fal's list of past requests: pages, items that prove nothing, and keys that may not read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Response

from aida_orchestrator.errors import ProviderAuthError, ProviderError, ProviderRefused, ProviderUnavailable
from aida_orchestrator.providers.fal_history import FalHistory, Past

from .conftest import KEY

ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
PATH = "/v1/models/requests/by-endpoint"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ASKED = {"endpoint_id": ENDPOINT, "start": "2026-11-22T12:00:00Z", "expand": "payloads", "limit": "100"}


@pytest.fixture
def history(httpserver: HTTPServer, key: SecretStr) -> FalHistory:
    return FalHistory(key, httpserver.url_for(""), 5)


def item(number: int, **changes: Any) -> dict[str, Any]:
    """As the platform's page shows one."""
    return {"request_id": f"r{number}", "endpoint_id": ENDPOINT, "sent_at": f"2026-11-22T12:00:{number:02}Z",
            "started_at": "2026-11-22T12:00:30Z", "ended_at": "2026-11-22T12:01:00Z", "status_code": 200, "duration": 7.8,
            "json_input": {"prompt": f"p{number}", "duration": "5"}, "json_output": {"video": {}}, **changes}


def test_requests_come_with_their_input_the_earliest_first(httpserver: HTTPServer, history: FalHistory) -> None:
    httpserver.expect_request(PATH, query_string=ASKED, headers={"Authorization": f"Key {KEY}"}).respond_with_json(
        {"items": [item(2), item(1)], "next_cursor": None, "has_more": False})
    assert history.list_sent(f"/{ENDPOINT}", NOON.astimezone()) == [
        Past("r1", NOON + timedelta(seconds=1), {"prompt": "p1", "duration": "5"}),
        Past("r2", NOON + timedelta(seconds=2), {"prompt": "p2", "duration": "5"})]


def test_every_page_is_read_up_to_a_bound(httpserver: HTTPServer, history: FalHistory) -> None:
    httpserver.expect_ordered_request(PATH, query_string=ASKED).respond_with_json(
        {"items": [item(1)], "next_cursor": "Mg==", "has_more": True})
    httpserver.expect_ordered_request(PATH, query_string={**ASKED, "cursor": "Mg=="}).respond_with_json(
        {"items": [item(1), item(2)], "next_cursor": "Mw==", "has_more": False})
    assert [past.request_id for past in history.list_sent(ENDPOINT, NOON)] == ["r1", "r2"]
    httpserver.clear()
    count = iter(range(100))
    httpserver.expect_request(PATH).respond_with_handler(lambda _: _json_page(next(count)))
    assert len(history.list_sent(ENDPOINT, NOON)) == 10
    httpserver.clear()
    httpserver.expect_request(PATH).respond_with_json({"items": [item(1)], "next_cursor": "same", "has_more": True})
    assert len(history.list_sent(ENDPOINT, NOON)) == 1
    assert len(httpserver.log) == 2, "a cursor that leads nowhere is not followed for ever"


def test_one_request_can_be_asked_for(httpserver: HTTPServer, history: FalHistory) -> None:
    one = httpserver.expect_request(PATH, query_string={**ASKED, "request_id": "r2"})
    one.respond_with_json({"items": [item(1), item(2)]})
    assert [past.request_id for past in history.list_sent(ENDPOINT, NOON, "r2")] == ["r2"]


def test_items_that_prove_nothing_are_left_out(httpserver: HTTPServer, history: FalHistory) -> None:
    httpserver.expect_request(PATH).respond_with_json({"items": [
        item(1, json_input=None), item(2, sent_at=None), item(3, sent_at="yesterday"), item(4, request_id=""), "x", None,
        item(5, sent_at="2026-11-22T12:00:05"), {}]})
    assert history.list_sent(ENDPOINT, NOON) == [Past("r5", NOON + timedelta(seconds=5), {"prompt": "p5", "duration": "5"})]


@pytest.mark.parametrize(("status", "kind"), [
    (401, ProviderAuthError), (403, ProviderAuthError), (404, ProviderRefused), (429, ProviderUnavailable),
    (500, ProviderUnavailable), (302, ProviderRefused)])
def test_a_history_that_may_not_or_cannot_be_read_says_so(
    httpserver: HTTPServer, history: FalHistory, status: int, kind: type[ProviderError],
) -> None:
    httpserver.expect_request(PATH).respond_with_json(
        {"error": {"type": "x", "message": f"not with {KEY}"}}, status=status, headers={"Location": "http://elsewhere"})
    with pytest.raises(kind) as raised:
        history.list_sent(ENDPOINT, NOON)
    assert raised.value.status == status
    assert KEY not in f"{raised.value} {raised.value.body}"


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"items": {}}'])
def test_an_answer_of_another_form_is_passing_trouble(httpserver: HTTPServer, history: FalHistory, body: str) -> None:
    httpserver.expect_request(PATH).respond_with_data(body, content_type="application/json")
    with pytest.raises(ProviderUnavailable, match="FAL_API_URL"):
        history.list_sent(ENDPOINT, NOON)


def _json_page(number: int) -> Response:
    body = {"items": [item(number)], "next_cursor": str(number), "has_more": True}
    return Response(json.dumps(body), content_type="application/json")

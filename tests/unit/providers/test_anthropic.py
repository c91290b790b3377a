"""Claude over real HTTP: what is sent, blocks that go back as they came, usage, and every refusal."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from aida_orchestrator.errors import (
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from aida_orchestrator.model import ClaudeRequest
from aida_orchestrator.providers.anthropic import Claude
from aida_orchestrator.providers.base import RetryPolicy

from .conftest import KEY
from .sockets import RawServer, reset

Make = Callable[..., RawServer]
PATH = "/claude/v1/messages"
USAGE = {"input_tokens": 12, "output_tokens": 34, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 1000,
         "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}}
QUESTION = ClaudeRequest(system=({"type": "text", "text": "be brief"},), messages=({"role": "user", "content": "hi"},))


def message(*blocks: dict[str, Any], stop: str = "end_turn", **more: Any) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": list(blocks),
            "stop_reason": stop, "stop_sequence": None, "usage": USAGE, **more}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def make_claude(url: str, policy: RetryPolicy, timeout: float = 2) -> Claude:
    return Claude(SecretStr(KEY), url, "claude-sonnet-5-5", timeout, policy)


@pytest.fixture
def claude(httpserver: HTTPServer, policy: RetryPolicy) -> Claude:
    return make_claude(httpserver.url_for("/claude"), policy)


def sent(httpserver: HTTPServer) -> list[dict[str, Any]]:
    return [request.get_json() for request, _ in httpserver.log]


def test_a_bare_question_sends_nothing_the_model_refuses(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        PATH, "POST", headers={"Authorization": f"Bearer {KEY}"}).respond_with_json(message(text("ok")))
    claude.ask(QUESTION)
    assert sent(httpserver) == [{
        "model": "claude-sonnet-5-5", "max_tokens": 8000, "messages": [{"role": "user", "content": "hi"}],
        "system": [{"type": "text", "text": "be brief"}], "output_config": {"effort": "low"}}]


def test_a_schema_tools_and_effort_are_sent_as_the_api_wants_them(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(message(text("{}")))
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    tool = {"name": "look", "description": "d", "input_schema": schema, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    claude.ask(ClaudeRequest(
        system=(), messages=QUESTION.messages, tools=(tool,), schema=schema, max_tokens=50_000, effort=""))
    body = sent(httpserver)[0]
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert body["tools"] == [tool]
    assert body["tool_choice"] == {"type": "auto"}
    assert "system" not in body


def test_without_effort_and_schema_there_is_no_output_config(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(message(text("ok")))
    claude.ask(ClaudeRequest(system=(), messages=QUESTION.messages, effort=""))
    assert "output_config" not in sent(httpserver)[0]


def test_blocks_of_a_tool_loop_go_back_exactly_as_they_came(claude: Claude, httpserver: HTTPServer) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "", "signature": "sig+/="},
        {"type": "redacted_thinking", "data": "opaque"},
        {"type": "text", "text": "let me look", "citations": None},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"b": 1, "a": {"x": None}},
         "caller": {"type": "direct"}},
        {"type": "of_the_future", "payload": [1, 2.5, "ü"]},
    ]
    raw: list[str] = []

    def answer(request: Request) -> Response:
        raw.append(request.get_data(as_text=True))
        body = message(*blocks, stop="tool_use") if len(raw) == 1 else message(text("done"))
        return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")

    httpserver.expect_request(PATH).respond_with_handler(answer)
    first = claude.ask(QUESTION)
    assert first.stop_reason == "tool_use"
    assert [use["id"] for use in first.tool_uses] == ["toolu_1"]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "found"}]}
    second = claude.ask(ClaudeRequest(
        system=QUESTION.system,
        messages=(*QUESTION.messages, {"role": "assistant", "content": list(first.blocks)}, result)))
    assert second.text == "done"
    assert json.loads(raw[1])["messages"] == [*QUESTION.messages, {"role": "assistant", "content": blocks}, result]
    again = json.loads(raw[1])["messages"][1]["content"]
    assert json.dumps(again) == json.dumps(blocks), "even the order of the keys is kept"


def test_usage_is_split_by_what_it_costs(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(message(text("ok")))
    usage = claude.ask(QUESTION).usage
    assert (usage.provider, usage.model, usage.tokens) == ("anthropic", "claude-sonnet-5-5", 1346)
    assert dict(usage.units) == {"input_tokens": 12, "cache_write_5m_tokens": 100, "cache_write_1h_tokens": 200,
                                 "cache_read_tokens": 1000, "output_tokens": 34}


@pytest.mark.parametrize(("counts", "five"), [
    ({"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": 7, "cache_creation": None}, 7),
    ({"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": None, "cache_read_input_tokens": None}, 0),
])
def test_usage_without_a_breakdown_counts_writes_as_short_ones(
    claude: Claude, httpserver: HTTPServer, counts: dict[str, Any], five: int
) -> None:
    httpserver.expect_request(PATH).respond_with_json(message(text("ok")) | {"usage": counts})
    assert dict(claude.ask(QUESTION).usage.units) == {
        "input_tokens": 5, "cache_write_5m_tokens": five, "cache_write_1h_tokens": 0, "cache_read_tokens": 0,
        "output_tokens": 1}


@pytest.mark.parametrize("stop", ["refusal", "max_tokens", "pause_turn"])
def test_a_stop_reason_is_handed_on_and_not_judged(claude: Claude, httpserver: HTTPServer, stop: str) -> None:
    httpserver.expect_request(PATH).respond_with_json(message(stop=stop))
    answer = claude.ask(QUESTION)
    assert (answer.stop_reason, answer.blocks, answer.text) == (stop, (), "")


def error(kind: str, words: str, code: str | None = None) -> dict[str, Any]:
    details = {"details": {"error_code": code}} if code else {}
    return {"type": "error", "error": {"type": kind, "message": words, **details}, "request_id": "req_1"}


@pytest.mark.parametrize(("status", "body", "kind"), [
    (400, error("invalid_request_error", "messages: wrong"), ProviderRefused),
    (400, error("invalid_request_error", "Your credit balance is too low to access the API."), ProviderBalanceError),
    (400, error("invalid_request_error", "You have reached your specified API usage limits."), ProviderBalanceError),
    (400, error("invalid_request_error", "hold", "organization_on_hold"), ProviderAuthError),
    (401, error("authentication_error", "invalid key"), ProviderAuthError),
    (402, error("billing_error", "pay"), ProviderBalanceError),
    (403, error("permission_error", "no"), ProviderAuthError),
    (404, error("not_found_error", "model: gone"), ProviderRefused),
    (413, error("request_too_large", "big"), ProviderRefused),
    (422, error("x", "y"), ProviderRefused),
    (429, error("rate_limit_error", "cap", "enforced_spend_limit_reached"), ProviderBalanceError),
    (429, error("rate_limit_error", "cap", "contract_spend_limit_reached"), ProviderBalanceError),
    (499, error("x", "y"), ProviderRefused),
    (501, error("x", "y"), ProviderRefused),
])
def test_what_waiting_cannot_mend_is_asked_once(
    claude: Claude, httpserver: HTTPServer, status: int, body: object, kind: type[ProviderError]
) -> None:
    httpserver.expect_request(PATH).respond_with_json(body, status=status)
    with pytest.raises(kind) as caught:
        claude.ask(QUESTION)
    assert type(caught.value) is kind
    assert (caught.value.provider, caught.value.status) == ("anthropic", status)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(("status", "body"), [
    (408, error("x", "y")), (409, error("conflict_error", "y")), (429, error("rate_limit_error", "many")),
    (429, error("rate_limit_error", "grew", "ramp_limit_exceeded")), (500, error("api_error", "x")), (502, "<html>"),
    (503, ""), (504, error("timeout_error", "x")), (529, error("overloaded_error", "x")),
])
def test_passing_trouble_is_asked_four_times(claude: Claude, httpserver: HTTPServer, status: int, body: object) -> None:
    payload = body if isinstance(body, str) else json.dumps(body)
    httpserver.expect_request(PATH).respond_with_data(payload, status)
    with pytest.raises(ProviderUnavailable) as caught:
        claude.ask(QUESTION)
    assert caught.value.status == status
    assert len(httpserver.log) == 4


def test_passing_trouble_that_passes_is_not_noticed(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request(PATH).respond_with_json(error("overloaded_error", "x"), status=529)
    httpserver.expect_ordered_request(PATH).respond_with_json(error("rate_limit_error", "x"), 429, {"retry-after": "0"})
    httpserver.expect_ordered_request(PATH).respond_with_json(message(text("ok")))
    assert claude.ask(QUESTION).text == "ok"


def test_a_long_retry_after_is_not_slept_through(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(error("rate_limit_error", "x"), 429, {"retry-after": "3600"})
    with pytest.raises(ProviderUnavailable) as caught:
        claude.ask(QUESTION)
    assert caught.value.retry_after == 3600
    assert len(httpserver.log) == 1


def test_resets_and_silence_are_passing_trouble(raw_server: Make, policy: RetryPolicy, closed_port_url: str) -> None:
    resetting = raw_server(reset)
    with pytest.raises(ProviderUnavailable):
        make_claude(resetting.url, policy).ask(QUESTION)
    assert len(resetting.requests) == 4

    def stay_silent(client: socket.socket, _: bytes) -> None:
        client.settimeout(1)
        client.recv(1)

    silent = raw_server(stay_silent)
    with pytest.raises(ProviderUnavailable):
        make_claude(silent.url, RetryPolicy(delays=(0.01,)), timeout=0.2).ask(QUESTION)
    assert len(silent.requests) == 2
    with pytest.raises(ProviderUnavailable):
        make_claude(closed_port_url, policy).ask(QUESTION)


@pytest.mark.parametrize(("body", "content_type"), [
    ("<html>", "text/html"), ("{not json", "application/json"), ("[]", "application/json"),
    ('{"content":[{"type":"text"}]}', "application/json"), ('{"content":"hi","usage":{}}', "application/json"),
])
def test_a_success_that_is_not_claudes_is_passing_trouble(
    claude: Claude, httpserver: HTTPServer, body: str, content_type: str
) -> None:
    httpserver.expect_request(PATH).respond_with_data(body, content_type=content_type)
    with pytest.raises(ProviderUnavailable, match="ANTHROPIC_BASE_URL"):
        claude.ask(QUESTION)


def test_a_redirect_is_not_followed(claude: Claude, httpserver: HTTPServer, raw_server: Make) -> None:
    elsewhere = raw_server(reset)
    httpserver.expect_request(PATH).respond_with_data("", 307, {"Location": elsewhere.url + "/v1/messages"})
    with pytest.raises(ProviderRefused, match="redirect"):
        claude.ask(QUESTION)
    assert elsewhere.requests == []


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_a_missing_key_is_named(httpserver: HTTPServer, policy: RetryPolicy, key: SecretStr | None) -> None:
    with pytest.raises(ProviderAuthError, match="ANTHROPIC_API_KEY"):
        Claude(key, httpserver.url_for("/claude"), "claude-sonnet-5-5", 2, policy).ask(QUESTION)
    assert httpserver.log == []


def test_a_key_of_another_kind_in_the_environment_is_not_used(
    claude: Claude, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another-token")
    httpserver.expect_request(PATH).respond_with_json(message(text("ok")))
    claude.ask(QUESTION)
    assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {KEY}"


def test_a_refusal_that_repeats_the_key_is_cleaned(claude: Claude, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(error("authentication_error", f"bad key {KEY}"), status=401)
    with pytest.raises(ProviderAuthError) as caught:
        claude.ask(QUESTION)
    assert KEY not in f"{claude!r} {vars(claude)!r} {caught.value!r} {vars(caught.value)!r}"
    assert "bad key ***" in str(caught.value.body)
    assert caught.value.__suppress_context__, "the library's own error repeats the body"


def test_a_question_that_must_be_answered_soon_is_not_waited_for_nor_asked_again_later(
    raw_server: Make, policy: RetryPolicy
) -> None:
    server = raw_server(lambda client, request: time.sleep(1.5))
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        make_claude(server.url, policy, timeout=30).ask(replace(QUESTION, timeout=0.4))
    assert time.monotonic() - began < 1.2


def test_a_wait_that_the_provider_asks_for_is_not_begun_when_it_ends_too_late(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json(error("rate_limit_error", "many"), 429, {"retry-after": "3"})
    claude = make_claude(httpserver.url_for("/claude"), RetryPolicy(delays=(0.01,)))
    with pytest.raises(ProviderUnavailable):
        claude.ask(replace(QUESTION, timeout=1))
    assert len(httpserver.log) == 1

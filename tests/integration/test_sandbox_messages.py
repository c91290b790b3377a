"""The Messages API of the sandbox: the bill of its cache, what it refuses, and how it fails on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest
import requests

from aida_orchestrator.sandbox.prompt_cache import PromptCache
from aida_orchestrator.sandbox.server import Server

from .sandbox_claude import SCRIPT, STRING, TOOL, client_of, closed, read, say


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(Path(tmp_path_factory.mktemp("sandbox")), latency={"anthropic": 0.0}).start()
    yield server
    server.close()


@pytest.fixture
def claude(sandbox: Server) -> Iterator[anthropic.Anthropic]:
    with client_of(sandbox) as client:
        yield client


def cached(text: str, ttl: str = "1h") -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": ttl}}


def test_cache_is_written_once_then_read_and_shared_by_its_prefix_alone(claude: anthropic.Anthropic) -> None:
    rules, anna, luca = "rules " * 500, "Anna likes wine. " * 200, "Luca likes beer. " * 200
    one = say(claude, "hello", system=[cached(rules), cached(anna, "5m")]).usage
    two = say(claude, "hello again", system=[cached(rules), cached(anna, "5m")]).usage
    three = say(claude, "hello", system=[cached(rules), cached(luca, "5m")]).usage
    assert one.cache_creation is not None
    assert two.cache_creation is not None
    assert three.cache_creation is not None
    assert one.cache_read_input_tokens == 0
    assert (one.cache_creation.ephemeral_1h_input_tokens, one.cache_creation.ephemeral_5m_input_tokens) == (750, 850)
    assert (two.cache_read_input_tokens, two.cache_creation_input_tokens) == (1600, 0)
    assert (three.cache_read_input_tokens, three.cache_creation_input_tokens) == (750, 850)
    assert one.input_tokens == 2
    short = say(claude, "hello", system=[cached("too short to keep")]).usage
    assert short.cache_creation_input_tokens == short.cache_read_input_tokens == 0
    other = say(claude, "hello", system=[cached(rules)], model="claude-sonnet-5").usage
    assert other.cache_read_input_tokens == 0


def test_cache_entry_waits_for_its_answer_and_dies_unless_it_is_read() -> None:
    now = [0.0]
    cache = PromptCache(lambda: now[0])
    asked = {"model": "claude-sonnet-5-5", "system": [cached("x" * 4000, "5m")],
             "messages": [{"role": "user", "content": "hi"}]}
    first, keys = cache.count(asked)
    assert (first.written_5m, cache.count(asked)[0].read) == (1000, 0)
    cache.open(keys)
    for now[0] in (299.0, 598.0):
        assert cache.count(asked)[0].read == 1000
    now[0] = 900.0
    assert cache.count(asked)[0].read == 0


USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": TOOL["name"], "input": {}}]}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "{}"}
HI: dict[str, Any] = {"role": "user", "content": "hi"}


def answer_format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize(("asked", "says"), [
    ({"extra_body": {"temperature": 0.2}}, "temperature"),
    ({"extra_body": {"seed": 1}}, "Extra inputs are not permitted"),
    ({"extra_body": {"stream": True}}, "does not stream"),
    ({"tools": [TOOL], "tool_choice": {"type": "any"}}, 'tool_choice: type "tool" and "any" are not supported'),
    ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": TOOL["name"]}}, "not supported for this model."),
    ({"messages": [HI, {"role": "assistant", "content": "{"}]}, "prefill"),
    ({"thinking": {"type": "disabled"}}, "thinking"),
    ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "thinking"),
    ({"system": [cached(letter) for letter in "abcde"]}, "maximum of 4"),
    ({"system": [cached("a", "5m"), cached("b", "1h")]}, "ttl='1h'"),
    ({"system": [cached("")]}, "empty text"),
    ({"messages": [HI, USE, HI]}, "without `tool_result` blocks"),
    ({"messages": [HI, USE, {"role": "user", "content": [{"type": "text", "text": "so:"}, RESULT]}]}, "before any"),
    ({"messages": [{"role": "user", "content": [RESULT]}]}, "unexpected `tool_use_id`"),
    (answer_format({"type": "object", "properties": {}}), "additionalProperties"),
    (answer_format(closed(many={"type": "array", "items": closed(n={"type": "integer", "minimum": 1})})), "minimum"),
    (answer_format(closed(short={"type": "string", "maxLength": 5})), "maxLength"),
    (answer_format(closed(two={"type": "array", "items": STRING, "minItems": 2})), "minItems"),
])
def test_what_the_api_refuses_is_refused(claude: anthropic.Anthropic, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        say(claude, "hi", **asked)
    assert says in refused.value.message
    assert refused.value.type == "invalid_request_error"
    assert (refused.value.request_id or "").startswith("req_")


def test_retired_model_and_missing_key_have_their_own_errors(sandbox: Server, claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        say(claude, "hi", model="claude-gone-1")
    for door, error in (("anthropic/v1/messages", "authentication_error"), ("openai/v1/embeddings", "invalid_api_key")):
        answer = requests.post(f"{sandbox.url}/{door}", json={"model": "x"}, timeout=10)
        assert answer.status_code == 401
        assert error in answer.text


def test_claude_fails_on_request_in_the_api_s_own_ways(sandbox: Server, claude: anthropic.Anthropic) -> None:
    def wish(**fields: Any) -> None:
        sandbox.sandbox.faults.add({"provider": "anthropic", "operation": "messages", **fields})

    wish(fault="status", status=529)
    with pytest.raises(anthropic.OverloadedError):
        say(claude, "hi")
    wish(fault="balance")
    with pytest.raises(anthropic.BadRequestError, match="credit balance is too low"):
        say(claude, "hi")
    for kind in ("reset", "reset_after"):
        wish(fault=kind)
        with pytest.raises(anthropic.APIConnectionError):
            say(claude, "hi")
    wish(fault="refusal", match="olive")
    assert say(claude, "hi").stop_reason == "end_turn"
    assert say(claude, "olive oil").stop_reason == "refusal"
    wish(fault="max_tokens")
    assert say(claude, "hi", SCRIPT).stop_reason == "max_tokens"
    wish(fault="malformed")
    assert set(read(say(claude, "hi", SCRIPT))) == {"unexpected"}
    wish(fault="says", body={"title": "as told"})
    told = say(claude, "hi", SCRIPT)
    assert (read(told), told.stop_reason, told.usage.output_tokens > 0) == ({"title": "as told"}, "end_turn", True)
    assert set(read(say(claude, "hi", SCRIPT))) == set(SCRIPT["properties"])


def test_a_lost_answer_was_still_sold(sandbox: Server, claude: anthropic.Anthropic) -> None:
    before = len(sandbox.sandbox.state.list_sold("anthropic"))
    sandbox.sandbox.faults.add({"provider": "anthropic", "fault": "reset_after"})
    with pytest.raises(anthropic.APIConnectionError):
        say(claude, "hi")
    assert len(sandbox.sandbox.state.list_sold("anthropic")) == before + 1

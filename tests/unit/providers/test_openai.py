"""Embeddings over real HTTP: order, width, usage and the two families of 429."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import (
    AnswerUnusable,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from aida_orchestrator.providers.base import RetryPolicy
from aida_orchestrator.providers.openai import Embedder

from .conftest import KEY
from .sockets import RawServer, reset

Make = Callable[..., RawServer]
PATH = "/v1/embeddings"


def make_embedder(url: str, policy: RetryPolicy, model: str = "text-embedding-3-small") -> Embedder:
    return Embedder(SecretStr(KEY), url, model, 2, policy)


@pytest.fixture
def embedder(httpserver: HTTPServer, policy: RetryPolicy) -> Embedder:
    return make_embedder(httpserver.url_for("/v1"), policy)


def vector(first: float, width: int = 1536) -> list[float]:
    return [first] + [0.0] * (width - 1)


def answer(*items: tuple[int, Any]) -> dict[str, Any]:
    return {"object": "list", "model": "text-embedding-3-small", "usage": {"prompt_tokens": 5, "total_tokens": 5},
            "data": [{"object": "embedding", "index": index, "embedding": value} for index, value in items]}


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, "POST", headers={"Authorization": f"Bearer {KEY}"}).respond_with_json(
        answer((1, vector(0.5)), (0, vector(0.25))))
    vectors, usage = embedder.embed(["a", "b"])
    assert [one[0] for one in vectors] == [0.25, 0.5]
    assert (usage.provider, usage.model, dict(usage.units)) == ("openai", "text-embedding-3-small", {"input_tokens": 5})
    body = httpserver.log[0][0].get_json()
    assert (body["model"], body["input"]) == ("text-embedding-3-small", ["a", "b"])
    assert "dimensions" not in body


def test_packed_vectors_are_unpacked(embedder: Embedder, httpserver: HTTPServer) -> None:
    packed = base64.b64encode(struct.pack("<1536f", *vector(0.75))).decode()
    httpserver.expect_request(PATH).respond_with_json(answer((0, packed)))
    assert embedder.embed(["a"])[0][0][0] == 0.75


def test_a_wider_model_is_asked_for_our_width(httpserver: HTTPServer, policy: RetryPolicy) -> None:
    httpserver.expect_request(PATH).respond_with_json(answer((0, vector(1))))
    make_embedder(httpserver.url_for("/v1"), policy, "text-embedding-3-large").embed(["a"])
    assert httpserver.log[0][0].get_json()["dimensions"] == 1536


def test_no_texts_cost_no_call_and_an_empty_one_is_sent_as_a_space(embedder: Embedder, httpserver: HTTPServer) -> None:
    assert embedder.embed([])[0] == []
    assert httpserver.log == []
    httpserver.expect_request(PATH).respond_with_json(answer((0, vector(1))))
    embedder.embed([""])
    assert httpserver.log[0][0].get_json()["input"] == [" "]


@pytest.mark.parametrize("items", [
    [(0, vector(1, 1535))], [(0, vector(1, 3072))], [(1, vector(1))], [], [(0, vector(1)), (0, vector(2))],
    [(0, [None] * 1536)], [(0, [float("nan")] * 1536)], [(0, None)],
])
def test_vectors_that_do_not_fit_are_unusable_and_not_asked_for_again(
    embedder: Embedder, httpserver: HTTPServer, items: list[tuple[int, Any]]
) -> None:
    httpserver.expect_request(PATH).respond_with_data(json.dumps(answer(*items)), content_type="application/json")
    with pytest.raises((AnswerUnusable, ProviderUnavailable)):
        embedder.embed(["a"])
    if items:
        assert len(httpserver.log) == 1


def error(kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": f"told {KEY}", "type": kind, "param": None, "code": code}}


@pytest.mark.parametrize(("status", "body", "kind", "calls"), [
    (400, error("invalid_request_error", None), ProviderRefused, 1),
    (401, error("invalid_request_error", "invalid_api_key"), ProviderAuthError, 1),
    (402, error("billing", None), ProviderBalanceError, 1),
    (403, error("x", "unsupported_country"), ProviderAuthError, 1),
    (404, error("x", "model_not_found"), ProviderRefused, 1),
    (408, error("x", None), ProviderUnavailable, 4),
    (409, error("x", None), ProviderUnavailable, 4),
    (422, error("x", None), ProviderRefused, 1),
    (429, error("tokens", "rate_limit_exceeded"), ProviderUnavailable, 4),
    (429, error("insufficient_quota", "insufficient_quota"), ProviderBalanceError, 1),
    (429, error("x", "credit_balance_exhausted"), ProviderBalanceError, 1),
    (429, error("x", "project_spend_limit_exceeded"), ProviderBalanceError, 1),
    (429, error("x", "organization_spend_limit_exceeded"), ProviderBalanceError, 1),
    (429, error("x", "organization_usage_limit_exceeded"), ProviderBalanceError, 1),
    (500, error("server_error", None), ProviderUnavailable, 4),
    (503, "<html>", ProviderUnavailable, 4),
    (302, "", ProviderRefused, 1),
])
def test_each_refusal_has_its_error_and_its_number_of_calls(
    embedder: Embedder, httpserver: HTTPServer, status: int, body: Any, kind: type[ProviderError], calls: int
) -> None:
    payload = body if isinstance(body, str) else json.dumps(body)
    httpserver.expect_request(PATH).respond_with_data(payload, status, content_type="application/json")
    with pytest.raises(kind) as caught:
        embedder.embed(["a"])
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(httpserver.log) == calls
    assert KEY not in f"{caught.value!r} {vars(caught.value)!r} {embedder!r} {vars(embedder)!r}"


@pytest.mark.parametrize(("body", "content_type"), [
    ("<html>", "text/html"), ("{broken", "application/json"), ("[]", "application/json"), ("{}", "application/json"),
    ('{"data":[7]}', "application/json"), ('{"data":[{"index":0,"embedding":"??"}]}', "application/json"),
])
def test_a_success_of_another_shape_is_one_of_our_errors(
    embedder: Embedder, httpserver: HTTPServer, body: str, content_type: str
) -> None:
    httpserver.expect_request(PATH).respond_with_data(body, content_type=content_type)
    with pytest.raises((ProviderUnavailable, AnswerUnusable)):
        embedder.embed(["a"])


def test_resets_are_tried_again(raw_server: Make, policy: RetryPolicy) -> None:
    server = raw_server(reset)
    with pytest.raises(ProviderUnavailable):
        make_embedder(server.url, policy).embed(["a"])
    assert len(server.requests) == 4


def test_a_missing_key_is_named(httpserver: HTTPServer, policy: RetryPolicy) -> None:
    with pytest.raises(ProviderAuthError, match="OPENAI_API_KEY"):
        Embedder(None, httpserver.url_for("/v1"), "m", 2, policy).embed(["a"])

"""What callers may send, and what they are told when it is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from aida_orchestrator.api import problems
from aida_orchestrator.api.schemas import CreateVideo, Refine, Retry, idempotency_key, parse
from aida_orchestrator.errors import ProviderUnavailable

GOOD = {"userId": "u1", "message": "A film about bread"}


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    problems.register(app)

    @app.post("/create")
    def create() -> dict[str, Any]:
        return {**parse(CreateVideo).wire(), "key": idempotency_key()}

    @app.post("/refine")
    def refine() -> dict[str, Any]:
        return parse(Refine).wire()

    @app.post("/retry")
    def retry() -> dict[str, Any]:
        return parse(Retry, may_be_empty=True).wire()

    @app.get("/fault")
    def fault() -> Response:
        if request.args:
            raise ProviderUnavailable("kie", "internal words")
        raise KeyError("secret")

    return app.test_client()


def test_a_good_body_is_read_and_stripped(client: FlaskClient) -> None:
    answer = client.post("/create", json={**GOOD, "message": "  hello \n"})
    assert answer.get_json() == {"userId": "u1", "message": "hello", "projectId": None, "campaignId": None, "key": None}


def test_a_reference_file_may_be_its_id_alone(client: FlaskClient) -> None:
    short = client.post("/create", json={**GOOD, "referenceFiles": ["file_1", "file_2"]}).get_json()
    assert short["referenceFiles"] == [{"fileId": "file_1", "as": "style"}, {"fileId": "file_2", "as": "style"}]
    assert client.post("/create", json={**GOOD, "referenceFiles": [7]}).status_code == 422
    assert client.post("/create", json={**GOOD, "referenceFiles": "file_1"}).status_code == 422


@pytest.mark.parametrize(("body", "pointer"), [
    ({"message": "x"}, "/userId"), ({**GOOD, "userId": ""}, "/userId"), ({**GOOD, "userId": 7}, "/userId"),
    ({**GOOD, "userId": "a b"}, "/userId"), ({**GOOD, "userId": "a" * 201}, "/userId"),
    ({**GOOD, "message": "  "}, "/message"), ({**GOOD, "message": "a\0b"}, "/message"),
    ({**GOOD, "message": "a" * 10_001}, "/message"),
    ({**GOOD, "user_id": "u1"}, "/user_id"), ({**GOOD, "more": 1}, "/more"), ({**GOOD, "projectId": []}, "/projectId")])
def test_a_wrong_value_is_pointed_at(client: FlaskClient, body: dict[str, Any], pointer: str) -> None:
    answer = client.post("/create", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    problem = answer.get_json(force=True)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert (problem["status"], problem["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b'{"userId": }', b"[" * 100_000])
def test_broken_json_is_a_400(client: FlaskClient, raw: bytes) -> None:
    answer = client.post("/create", data=raw, content_type="application/json")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "broken_json")


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"text"', b"1"])
def test_json_that_is_no_object_is_a_422(client: FlaskClient, raw: bytes) -> None:
    assert client.post("/create", data=raw, content_type="application/json").status_code == 422


def test_a_body_that_is_not_declared_as_json_is_a_415(client: FlaskClient) -> None:
    assert client.post("/create", data=b"{}", content_type="text/plain").status_code == 415


def test_an_aspect_is_taken_in_any_case_and_is_all_when_left_out(client: FlaskClient) -> None:
    body = {"userId": "u1", "feedback": "more"}
    assert client.post("/refine", json={**body, "aspectToRefine": "Style"}).get_json()["aspectToRefine"] == "style"
    assert client.post("/refine", json=body).get_json()["aspectToRefine"] == "all"
    assert client.post("/refine", json={**body, "aspectToRefine": "music"}).status_code == 422


def test_a_retry_needs_no_body(client: FlaskClient) -> None:
    assert client.post("/retry").get_json() == {"resendUnknown": False, "maxCostDollars": None}
    assert client.post("/retry", json={"resendUnknown": True}).get_json() == {"resendUnknown": True, "maxCostDollars": None}
    assert client.post("/retry", json={"resendUnknown": "maybe"}).status_code == 422


@pytest.mark.parametrize(("key", "status"), [("k1", 200), ("k" * 255, 200), ("k" * 256, 422), ("", 422)])
def test_an_idempotency_key_is_bounded(client: FlaskClient, key: str, status: int) -> None:
    assert client.post("/create", json=GOOD, headers={"Idempotency-Key": key}).status_code == status


def test_a_fault_of_ours_tells_nothing_of_its_inside(client: FlaskClient) -> None:
    answer = client.get("/fault")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
    away = client.get("/fault?provider=1")
    assert (away.status_code, away.get_json(force=True)["retryable"]) == (503, True)
    assert "internal words" not in away.get_data(as_text=True)


def test_a_problem_says_who_must_act_and_what_to_do(client: FlaskClient) -> None:
    fault, away = (client.get(address).get_json(force=True) for address in ("/fault", "/fault?provider=1"))
    assert (fault["whoMustAct"], fault["component"], "requestId" in fault["nextStep"]) == ("operator", "service", True)
    assert (away["whoMustAct"], away["provider"], away["retryable"]) == ("provider", away["provider"], True)
    wrong = client.post("/create", json={}).get_json(force=True)
    assert (wrong["whoMustAct"], wrong["component"], wrong["retryable"]) == ("you", "api", False)


def test_unknown_addresses_and_methods_are_problems_too(client: FlaskClient) -> None:
    assert client.get("/nowhere").get_json(force=True)["code"] == "http_404"
    wrong = client.get("/create")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "OPTIONS, POST")

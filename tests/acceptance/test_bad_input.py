"""Whatever is sent, the answer says what is wrong with it and is never a fault of ours."""

from __future__ import annotations

import http.client
import json
import random
from typing import Any

import pytest

from ..harness import Sandbox, Service, fetch
from .conftest import cancel_open_tasks
from .looking import no_pictures

CREATE = "/api/orchestrator/create-video"
REFINE = "/api/orchestrator/refine/proj_none"
GOOD: dict[str, Any] = {"userId": "u1", "message": "Voglio un video di 5 secondi sul mare"}
WRONG_VALUES = [
    ({**GOOD, "message": 7}, "/message"), ({**GOOD, "message": None}, "/message"), ({**GOOD, "message": ["a"]}, "/message"),
    ({**GOOD, "message": ""}, "/message"), ({**GOOD, "message": " \n\t "}, "/message"),
    ({**GOOD, "message": "m" * 10_001}, "/message"), ({**GOOD, "message": "ma\x00re"}, "/message"),
    ({"userId": "u1"}, "/message"), ({"message": "mare"}, "/userId"), ({**GOOD, "userId": ""}, "/userId"),
    ({**GOOD, "userId": "a b"}, "/userId"), ({**GOOD, "userId": "u" * 201}, "/userId"),
    ({**GOOD, "userId": True}, "/userId"), ({**GOOD, "userId": "u\x00"}, "/userId"),
    ({**GOOD, "projectId": 5}, "/projectId"), ({**GOOD, "campaignId": {}}, "/campaignId"),
    ({**GOOD, "colour": "red"}, "/colour"), ({**GOOD, "a/b~c": 1}, "/a~1b~0c"), ([], ""), ("mare", ""), (None, ""), (17, ""),
]


@pytest.fixture(autouse=True)
def cheap(shared: Service, sandbox: Sandbox) -> None:
    """A body that turns out to be right costs no pictures."""
    no_pictures(sandbox)


def refused(answer: tuple[int, dict[str, str], bytes], status: int) -> dict[str, Any]:
    """The problem document of an answer, which must have this status."""
    code, headers, raw = answer
    assert code == status, raw
    assert headers["Content-Type"] == "application/problem+json"
    problem = json.loads(raw)
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["code"]
    assert problem["requestId"] == headers["X-Request-Id"]
    return dict(problem)


@pytest.mark.parametrize("raw", [
    b"{", b"", b'{"userId": "u1", "message": }', b'{"userId": "u1" "message": "x"}', b"\xff\xfe{}", b'{"message": "\xe9"}',
    b"[" * 50_000, b'{"a":' * 50_000,
    b'{"userId": "u1", "message": "a\nb"}', b'{"userId": "u1", "message": "mare"} {}',
], ids=range(10))
def test_a_body_that_is_not_json_is_a_bad_request(shared: Service, raw: bytes) -> None:
    problem = refused(fetch("POST", shared.url + CREATE, raw), 400)
    assert "JSON" in problem["detail"]


@pytest.mark.parametrize(("body", "pointer"), WRONG_VALUES, ids=range(len(WRONG_VALUES)))
def test_a_wrong_value_is_named_by_its_pointer(shared: Service, body: Any, pointer: str) -> None:
    problem = refused(fetch("POST", shared.url + CREATE, json.dumps(body).encode()), 422)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert all(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1" * 5000])
def test_a_number_that_is_none_is_refused(shared: Service, number: str) -> None:
    raw = json.dumps({**GOOD, "message": 0}).replace(": 0", f": {number}").encode()
    assert fetch("POST", shared.url + CREATE, raw)[0] in (400, 422)


@pytest.mark.parametrize("field", ["userId", "message"])
def test_half_of_a_character_is_refused(shared: Service, field: str) -> None:
    # A lone surrogate is JSON, but no text: neither the database nor a provider could take it.
    raw = json.dumps({**GOOD, field: "VALUE"}).replace("VALUE", "mare\\ud83d").encode()
    code, _, answer = fetch("POST", shared.url + CREATE, raw)
    assert code in (400, 422), answer


@pytest.mark.parametrize(("body", "pointer"), [
    ({"userId": "u1", "feedback": "x", "aspectToRefine": "music"}, "/aspectToRefine"),
    ({"userId": "u1", "feedback": "x", "aspectToRefine": 3}, "/aspectToRefine"),
    ({"userId": "u1", "aspectToRefine": "all"}, "/feedback"), ({"feedback": "x", "aspectToRefine": "all"}, "/userId"),
])
def test_refine_says_what_is_wrong_too(shared: Service, body: Any, pointer: str) -> None:
    problem = refused(fetch("POST", shared.url + REFINE, body), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_refine_knows_no_project_with_a_nul_in_its_name(shared: Service) -> None:
    body = {"userId": "u1", "feedback": "x", "aspectToRefine": "all"}
    refused(fetch("POST", f"{shared.url}/api/orchestrator/refine/%00", body), 404)


def test_several_wrong_values_are_all_named(shared: Service) -> None:
    problem = refused(fetch("POST", shared.url + CREATE, {"userId": 1, "message": 2, "more": 3}), 422)
    assert {error["pointer"] for error in problem["errors"]} == {"/userId", "/message", "/more"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_body_that_is_not_declared_as_json_is_refused(shared: Service, kind: str) -> None:
    refused(fetch("POST", shared.url + CREATE, json.dumps(GOOD).encode(), {"Content-Type": kind}), 415)


def test_a_body_of_more_than_a_megabyte_is_refused(shared: Service) -> None:
    # Spoken without a client's help: the answer may come before all of the body was sent.
    talk = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=30)
    talk.putrequest("POST", CREATE)
    talk.putheader("Content-Type", "application/json")
    talk.putheader("Content-Length", "20000000")
    talk.endheaders()
    answer = talk.getresponse()
    refused((answer.status, dict(answer.headers), answer.read()), 413)
    talk.close()


@pytest.mark.parametrize(("method", "address"), [
    ("GET", "/api/orchestrator/status/task_none"), ("GET", "/api/orchestrator/status/%00"),
    ("GET", "/api/orchestrator/status/%ff%fe"), ("GET", "/api/orchestrator/status/" + "x" * 3000),
    ("POST", "/api/orchestrator/cancel/%00"), ("POST", "/api/orchestrator/retry/a%00b"),
    ("POST", "/api/orchestrator/cancel/task_none"), ("POST", "/api/orchestrator/retry/task_none"),
    ("POST", "/api/orchestrator/callbacks/kie/none"), ("POST", "/api/orchestrator/callbacks/fal/%00"),
    ("GET", "/media/proj_x/none.mp4"), ("GET", "/media/..%2f..%2fetc%2fpasswd"), ("GET", "/media/%00"),
    ("GET", "/media/" + "x" * 3000), ("GET", "/nothing/here"),
])
def test_what_is_not_there_is_not_found(shared: Service, method: str, address: str) -> None:
    refused(fetch(method, shared.url + address, b"" if method == "POST" else None), 404)


@pytest.mark.parametrize(("method", "address", "allowed"), [
    ("GET", CREATE, "POST"), ("DELETE", "/api/orchestrator/status/task_none", "GET"), ("PUT", REFINE, "POST"),
    ("POST", "/media/x.mp4", "GET"),
])
def test_the_wrong_method_is_told_the_right_one(shared: Service, method: str, address: str, allowed: str) -> None:
    code, headers, raw = fetch(method, shared.url + address, None if method == "GET" else b"{}")
    refused((code, headers, raw), 405)
    assert allowed in headers["Allow"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_must_be_of_a_sensible_length(shared: Service, key: str) -> None:
    refused(fetch("POST", shared.url + CREATE, GOOD, {"Idempotency-Key": key}), 422)


@pytest.mark.parametrize("prefer", ["wait", "wait=", "wait=-1", "wait=x", "wait=99999999999", "wait=0", ";;,="])
def test_a_preference_that_means_nothing_is_ignored(shared: Service, prefer: str) -> None:
    assert fetch("POST", shared.url + CREATE, GOOD, {"Prefer": prefer})[0] == 202


def test_no_mutation_of_a_body_is_ever_a_fault_of_ours(shared: Service) -> None:
    chance = random.Random(2026)
    answers: dict[int, int] = {}
    for number in range(400):
        address, body = chance.choice([(CREATE, GOOD), (REFINE, {"userId": "u1", "feedback": "x", "aspectToRefine": "all"})])
        raw = mutated(chance, dict(body))
        code, headers, answer = fetch("POST", shared.url + address, raw)
        assert code < 500, (number, raw[:500], answer)
        assert code == 202 or headers["Content-Type"] == "application/problem+json", (number, raw[:500])
        answers[code] = answers.get(code, 0) + 1
        if code == 202:
            cancel_open_tasks(shared)
    assert {400, 404, 422} <= set(answers), answers


ODD_VALUES: list[Any] = [
    None, True, -1, 10**400, 1.5e308, "", " ", "\x00", "\x7f", "\u202e", "\U0001f355" * 50, "ẞ" * 9000, [], {}, [[]],
    {"a": {"b": [1]}}, "'; DROP TABLE tasks; --", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd", "\r\nX: y", "%s%n%00",
    "<script>", "proj_", "</message><brief>", "--sref 1", "\ufeff", "\ufffe", "NaN", "a" * 10_000, "all", "STYLE",
]


def mutated(chance: random.Random, body: dict[str, Any]) -> bytes:
    """A body with odd values, odd names, or bytes changed, cut or doubled."""
    for _ in range(chance.randint(1, 3)):
        place = chance.choice([*body, "projectId", "campaignId", "extra", "", "__proto__", "user_id"])
        change = chance.random()
        if change < 0.6:
            body[place] = chance.choice(ODD_VALUES)
        elif change < 0.8:
            body.pop(place, None)
        else:
            body = {"nested": body} if chance.random() < 0.3 else {**body, place.upper(): chance.choice(ODD_VALUES)}
    raw = bytearray(json.dumps(body, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))
    if chance.random() < 0.4 and raw:
        at = chance.randrange(len(raw))
        spoil = chance.choice(["flip", "cut", "double", "insert"])
        if spoil == "flip":
            raw[at] = chance.randrange(256)
        elif spoil == "cut":
            del raw[at:]
        elif spoil == "double":
            raw += raw[at:]
        else:
            raw[at:at] = chance.choice([b"\x00", b"\\ud800", b"\xc3\x28", b'"', b"[[[[", b"1e999", b"\xef\xbb\xbf"])
    return bytes(raw)

"""Kling through fal's queue: one POST, addresses of our origin, and how each state and refusal is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import (
    AnswerUnusable,
    OutcomeUnknown,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from aida_orchestrator.providers.fal import RESULT_WITHHELD, Fal

from .conftest import KEY
from .sockets import RawServer, hang_up, reset, say

Make = Callable[..., RawServer]
ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
REQUESTS = "/fal/fal-ai/kling-video/requests/r-1"
LOCKED = {"detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."}
INVALID = {"detail": [{"loc": ["body", "image_url"], "msg": "Cannot fetch", "type": "file_download_error",
                       "input": {"prompt": "PRIVATE"}, "url": "https://private.example"}]}
VIDEO = {"video": {"url": "https://v3.fal.media/files/a.mp4", "content_type": "video/mp4"}}


def make_fal(url: str) -> Fal:
    return Fal(SecretStr(KEY), url, "http://127.0.0.1:9/jwks", 2)


@pytest.fixture
def fal(httpserver: HTTPServer) -> Fal:
    return make_fal(httpserver.url_for("/fal"))


def test_a_submission_is_one_post_with_the_key_and_the_webhook(fal: Fal, httpserver: HTTPServer) -> None:
    hook = "https://us.example/hooks/fal?job=1&x=ü"
    httpserver.expect_request(
        f"/fal/{ENDPOINT}", "POST", headers={"Authorization": f"Key {KEY}"}, query_string={"fal_webhook": hook},
        json={"prompt": "x", "duration": "5"},
    ).respond_with_json({"request_id": "r-1", "status": "IN_QUEUE"})
    assert fal.submit(ENDPOINT, {"prompt": "x", "duration": "5"}, hook).provider_id == "r-1"
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
def test_addresses_of_our_origin_are_kept_as_given(fal: Fal, httpserver: HTTPServer, status: int) -> None:
    given = {name: httpserver.url_for(f"/other/{name}") for name in ("status_url", "response_url", "cancel_url")}
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json({"request_id": "r-1", **given}, status=status)
    assert dict(fal.submit(ENDPOINT, {}, None).handles) == given


@pytest.mark.parametrize("given", [
    {}, {"status_url": None, "response_url": 7},
    {"status_url": "https://evil.example/s", "response_url": "http://localhost.evil/r", "cancel_url": "//evil/c"},
])
def test_other_addresses_are_rebuilt_from_owner_and_alias(
    fal: Fal, httpserver: HTTPServer, given: dict[str, Any]
) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json({"request_id": "r-1", **given})
    base = httpserver.url_for(REQUESTS)
    assert dict(fal.submit(ENDPOINT, {}, None).handles) == {
        "status_url": f"{base}/status", "response_url": base, "cancel_url": f"{base}/cancel"}


def test_another_owners_endpoint_has_its_own_addresses(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fal/kling/v4/image-to-video").respond_with_json({"request_id": "r/1"})
    handles = fal.submit("kling/v4/image-to-video", {}, None).handles
    assert handles["status_url"] == httpserver.url_for("/fal/kling/v4/requests/r%2F1/status")


@pytest.mark.parametrize(("status", "body", "kind"), [
    (400, {"detail": "bad", "error_type": "bad_request"}, ProviderRefused),
    (400, {"detail": "x", "error_type": "downstream_service_error"}, ProviderUnavailable),
    (401, {"detail": "no key"}, ProviderAuthError), (402, {"detail": "pay"}, ProviderBalanceError),
    (403, LOCKED, ProviderBalanceError), (403, {"detail": "forbidden"}, ProviderAuthError),
    (404, {"detail": "no such app"}, ProviderRefused), (408, {"detail": "slow"}, ProviderUnavailable),
    (409, {"detail": "again"}, ProviderUnavailable), (413, {"detail": "big"}, ProviderRefused),
    (422, INVALID, ProviderRefused), (429, {"detail": "many"}, ProviderUnavailable),
    (499, {"detail": "gone"}, ProviderRefused), (500, {"detail": "x"}, ProviderUnavailable),
    (503, {"detail": "x"}, ProviderUnavailable), (501, {"detail": "x"}, ProviderRefused),
])
def test_a_refused_submission_bought_nothing_and_says_why(
    fal: Fal, httpserver: HTTPServer, status: int, body: object, kind: type[ProviderError]
) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json(body, status=status)
    with pytest.raises(kind) as caught:
        fal.submit(ENDPOINT, {}, None)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(httpserver.log) == 1


def test_a_validation_error_names_the_field_for_operators_without_our_input(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json(INVALID, status=422)
    with pytest.raises(ProviderRefused) as caught:
        fal.submit(ENDPOINT, {}, None)
    assert caught.value.body == "body.image_url: Cannot fetch (file_download_error)"
    assert caught.value.message == "fal.ai refused the request (422)"
    assert "PRIVATE" not in f"{vars(caught.value)}"


def test_the_wait_a_refusal_asks_for_is_kept(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json({"detail": "x"}, 429, {"Retry-After": "7"})
    with pytest.raises(ProviderUnavailable) as caught:
        fal.submit(ENDPOINT, {}, None)
    assert caught.value.retry_after == 7


def test_a_limit_that_is_reached_is_no_purchase_also_without_a_word(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_data("", 429, {"Retry-After": "7"})
    with pytest.raises(ProviderUnavailable) as caught:
        fal.submit(ENDPOINT, {}, None)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("status", "body"), [
    (200, "{}"), (200, "<html>"), (200, ""), (202, '{"request_id":""}'), (200, '{"request_id":5}'), (204, ""),
    (500, "<html>"), (503, ""), (502, '{"detail":"x"}'), (504, '{"detail":"x","error_type":"request_timeout"}'),
    (500, '{"message":"x"}'), (520, "error"), (400, ""), (303, ""),
])
def test_an_answer_that_settles_nothing_leaves_the_outcome_open(
    fal: Fal, httpserver: HTTPServer, status: int, body: str
) -> None:
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_data(body, status)
    with pytest.raises(OutcomeUnknown):
        fal.submit(ENDPOINT, {}, None)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("behaviour", [reset, hang_up, say(b"HTTP/1.1 200 OK\r\nContent-Le")])
def test_a_lost_answer_is_posted_once_and_left_open(raw_server: Make, behaviour: object) -> None:
    server = raw_server(behaviour)
    with pytest.raises(OutcomeUnknown):
        make_fal(server.url).submit(ENDPOINT, {}, "https://us.example/hook")
    assert len(server.requests) == 1


def test_a_fal_that_cannot_be_reached_was_sent_nothing(closed_port_url: str) -> None:
    with pytest.raises(ProviderUnavailable):
        make_fal(closed_port_url).submit(ENDPOINT, {}, None)


@pytest.mark.parametrize(("body", "status"), [
    ({"status": "IN_QUEUE", "queue_position": 2}, 202), ({"status": "IN_PROGRESS", "logs": None}, 200),
    ({"status": "PONDERING"}, 200),
])
def test_a_clip_in_the_making_is_still_going(fal: Fal, httpserver: HTTPServer, body: object, status: int) -> None:
    httpserver.expect_request(f"{REQUESTS}/status", "GET").respond_with_json(body, status=status)
    rendering = fal.poll(ENDPOINT, "r-1", {})
    assert (rendering.done, rendering.error) == (False, None)


def completed(httpserver: HTTPServer, **more: object) -> None:
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_json({"status": "COMPLETED", **more})


def test_a_finished_clip_gives_its_address(fal: Fal, httpserver: HTTPServer) -> None:
    completed(httpserver)
    httpserver.expect_request(REQUESTS, "GET", headers={"Authorization": f"Key {KEY}"}).respond_with_json(VIDEO)
    rendering = fal.poll(ENDPOINT, "r-1", {})
    assert (rendering.done, rendering.urls, rendering.error) == (True, ("https://v3.fal.media/files/a.mp4",), None)


def test_the_addresses_given_at_submission_are_used(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/s").respond_with_json({"status": "COMPLETED"})
    httpserver.expect_request("/r").respond_with_json(VIDEO)
    handles = {"status_url": httpserver.url_for("/s"), "response_url": httpserver.url_for("/r")}
    assert fal.poll(ENDPOINT, "r-1", handles).done


def test_an_address_of_an_earlier_origin_is_not_given_the_key(fal: Fal, httpserver: HTTPServer, raw_server: Make) -> None:
    elsewhere = raw_server(reset)
    completed(httpserver)
    httpserver.expect_request(REQUESTS).respond_with_json(VIDEO)
    handles = {"status_url": elsewhere.url + "/s", "response_url": elsewhere.url + "/r"}
    assert fal.poll(ENDPOINT, "r-1", handles).done
    assert elsewhere.requests == []


@pytest.mark.parametrize(("kind", "transient"), [
    ("runner_disconnected", True), ("startup_timeout", True), ("downstream_service_error", True),
    ("content_policy_violation", False), ("", False), ("something_new", False),
])
def test_a_completed_error_is_a_failure_and_fals_own_trouble_is_marked(
    fal: Fal, httpserver: HTTPServer, kind: str, transient: bool
) -> None:
    completed(httpserver, error="it went wrong", error_type=kind)
    rendering = fal.poll(ENDPOINT, "r-1", {})
    assert isinstance(rendering.error, ProviderError)
    assert rendering.error.transient is transient
    assert not rendering.done
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(("status", "body", "transient"), [
    (422, INVALID, False), (400, {"detail": "x", "error_type": "downstream_service_error"}, True),
    (422, {"detail": [{"type": "content_policy_violation"}]}, False),
])
def test_a_result_refused_by_fal_is_a_failed_clip(
    fal: Fal, httpserver: HTTPServer, status: int, body: object, transient: bool
) -> None:
    completed(httpserver)
    httpserver.expect_request(REQUESTS).respond_with_json(body, status=status)
    error = fal.poll(ENDPOINT, "r-1", {}).error
    assert isinstance(error, ProviderError)
    assert error.transient is transient


@pytest.mark.parametrize(("status", "body", "kind"), [
    (500, '{"detail":"x"}', ProviderUnavailable), (502, "<html>", ProviderUnavailable),
    (503, '{"detail":"x"}', ProviderUnavailable), (501, '{"detail":"x"}', ProviderUnavailable),
    (504, '{"detail":"x","error_type":"generation_timeout"}', ProviderUnavailable),
    (429, '{"detail":"x"}', ProviderUnavailable), (404, "<html>", ProviderUnavailable), (200, "<html>", ProviderUnavailable),
    (302, "", ProviderUnavailable), (401, "", ProviderAuthError),
    (403, '{"detail":"User is locked. Reason: x"}', ProviderBalanceError),
])
def test_a_result_that_cannot_be_fetched_now_is_never_a_failed_clip(
    fal: Fal, httpserver: HTTPServer, status: int, body: str, kind: type[ProviderError]
) -> None:
    completed(httpserver)
    httpserver.expect_request(REQUESTS).respond_with_data(body, status)
    with pytest.raises(kind) as caught:
        fal.poll(ENDPOINT, "r-1", {})
    assert type(caught.value) is kind


@pytest.mark.parametrize(("status", "body"), [
    (404, {"detail": "Request not found"}), (405, {"detail": "Method Not Allowed"}), (410, {"detail": "Gone"}),
    (400, {"detail": "Request is still in progress"}), (500, {"detail": "x", "error_type": "runner_server_error"}),
])
def test_a_result_that_the_queue_calls_finished_and_does_not_give_is_withheld(
    fal: Fal, httpserver: HTTPServer, status: int, body: object
) -> None:
    completed(httpserver)
    httpserver.expect_request(REQUESTS).respond_with_json(body, status=status)
    with pytest.raises(ProviderUnavailable) as caught:
        fal.poll(ENDPOINT, "r-1", {"response_url": httpserver.url_for(REQUESTS)})
    assert caught.value.code == RESULT_WITHHELD


@pytest.mark.parametrize("body", [{"video": None}, {"video": {"url": "file:///etc/passwd"}}, {"images": []}])
def test_a_result_without_a_video_is_unusable(fal: Fal, httpserver: HTTPServer, body: object) -> None:
    completed(httpserver)
    httpserver.expect_request(REQUESTS).respond_with_json(body)
    assert isinstance(fal.poll(ENDPOINT, "r-1", {}).error, AnswerUnusable)


@pytest.mark.parametrize(("status", "body", "kind"), [
    (404, '{"detail":"Request not found"}', ProviderRefused), (404, "<html>", ProviderUnavailable),
    (500, "", ProviderUnavailable), (200, "[]", ProviderUnavailable), (429, "", ProviderUnavailable),
    (401, "", ProviderAuthError),
])
def test_a_status_that_cannot_be_read_is_told_from_an_unknown_request(
    fal: Fal, httpserver: HTTPServer, status: int, body: str, kind: type[ProviderError]
) -> None:
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_data(body, status)
    with pytest.raises(kind) as caught:
        fal.poll(ENDPOINT, "r-1", {})
    assert type(caught.value) is kind
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(("status", "body", "word"), [
    (202, '{"status":"CANCELLATION_REQUESTED"}', "CANCELLATION_REQUESTED"),
    (400, '{"status":"ALREADY_COMPLETED"}', "ALREADY_COMPLETED"), (404, '{"status":"NOT_FOUND"}', "NOT_FOUND"),
    (404, "", "NOT_FOUND"), (200, "", "CANCELLATION_REQUESTED"),
])
def test_cancel_gives_fals_word(fal: Fal, httpserver: HTTPServer, status: int, body: str, word: str) -> None:
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_json({"status": "IN_QUEUE"})
    httpserver.expect_request(f"{REQUESTS}/cancel", "PUT").respond_with_data(body, status)
    assert fal.cancel(ENDPOINT, "r-1", {}) == word


@pytest.mark.parametrize("state", ["IN_PROGRESS", "COMPLETED"])
def test_what_is_being_made_is_not_asked_to_stop(fal: Fal, httpserver: HTTPServer, state: str) -> None:
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_json({"status": state})
    assert fal.cancel(ENDPOINT, "r-1", {}) == state
    assert [request.method for request, _ in httpserver.log] == ["GET"]


def test_cancel_is_one_try_because_somebody_waits(fal: Fal, httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_json({"status": "IN_QUEUE"})
    httpserver.expect_request(f"{REQUESTS}/cancel").respond_with_data("", 503)
    with pytest.raises(ProviderUnavailable):
        fal.cancel(ENDPOINT, "r-1", {})
    assert [request.method for request, _ in httpserver.log] == ["GET", "PUT"]


PLAIN_KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef"
TOLD = f"key {PLAIN_KEY} may not call https://us.example/api/orchestrator/callbacks/fal/t0ken"


@pytest.mark.parametrize(("status", "body"), [
    (422, {"detail": [{"loc": ["query", "fal_webhook"], "msg": TOLD, "type": "value_error"}]}), (422, {"detail": TOLD}),
    (401, {"detail": TOLD}), (500, {"detail": TOLD})])
def test_a_refusal_that_repeats_our_key_or_address_is_kept_without_them(
    httpserver: HTTPServer, status: int, body: dict[str, Any],
) -> None:
    fal = Fal(SecretStr(PLAIN_KEY), httpserver.url_for("/fal"), "http://127.0.0.1:9/jwks", 2)
    httpserver.expect_request(f"/fal/{ENDPOINT}").respond_with_json(body, status=status)
    with pytest.raises(ProviderError) as raised:
        fal.submit(ENDPOINT, {}, None)
    shown = f"{raised.value} {vars(raised.value)}"
    assert "key *** may not call" in shown
    assert PLAIN_KEY not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize("status", [{"status": "COMPLETED", "error": TOLD}, {"status": TOLD},
                                    {"status": "COMPLETED", "error": " ", "error_type": f"{TOLD}"}])
def test_what_is_said_of_a_clip_is_kept_without_our_key_or_address(httpserver: HTTPServer, status: dict[str, str]) -> None:
    fal = Fal(SecretStr(PLAIN_KEY), httpserver.url_for("/fal"), "http://127.0.0.1:9/jwks", 2)
    httpserver.expect_request(f"{REQUESTS}/status").respond_with_json(status)
    found = fal.poll(ENDPOINT, "r-1", {})
    shown = f"{found} {found.error} {vars(found.error) if found.error else ''}"
    assert "key" in shown
    assert PLAIN_KEY not in shown
    assert "t0ken" not in shown


def test_no_secret_is_in_the_repr(fal: Fal) -> None:
    assert KEY not in f"{fal!r} {vars(fal)!r}"

"""Midjourney through KIE: what is sent, how each answer is read, and which callbacks are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from aida_orchestrator.errors import (
    OutcomeUnknown,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from aida_orchestrator.model import PictureRequest, ReferenceUse
from aida_orchestrator.providers.kie import Kie
from aida_orchestrator.providers.kie_upload import upload_address

from .conftest import KEY
from .sockets import RawServer, hang_up, reset

Make = Callable[..., RawServer]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ENDPOINT, RECORD = "/kie/api/v1/mj/generate", "/kie/api/v1/mj/record-info"
UPLOAD = "/kie/api/file-stream-upload"


def make_kie(
    url: str, timeout: float = 2, codes: bool = False, webhook: str | None = None,
) -> Kie:
    return Kie(SecretStr(KEY), url, "Test-Agent/1", "7", "fast", timeout, codes,
               SecretStr(webhook) if webhook is not None else None)


@pytest.fixture
def kie(httpserver: HTTPServer) -> Kie:
    return make_kie(httpserver.url_for("/kie"))


def picture(prompt: str = "a red bowl", sref: str = "", aspect: str = "16:9") -> PictureRequest:
    return PictureRequest(prompt, aspect, sref)


def test_the_fields_are_the_documented_ones(kie: Kie) -> None:
    assert kie.fields(picture()) == {
        "taskType": "mj_txt2img", "prompt": "a red bowl", "speed": "fast", "aspectRatio": "16:9", "version": "7"}


def test_a_reference_picture_makes_a_style_reference_task(kie: Kie) -> None:
    fields = kie.fields(picture(sref="https://img.example/look.png"))
    assert (fields["taskType"], fields["fileUrls"]) == ("mj_style_reference", ["https://img.example/look.png"])
    assert "sref" not in fields["prompt"]


def test_pictures_of_a_look_go_beside_the_styles_own(kie: Kie) -> None:
    asked = replace(picture(sref="https://img.example/look.png"), pictures=("https://u.example/a.png", "https://u.example/b.png"))
    assert kie.fields(asked) == {
        "taskType": "mj_style_reference", "prompt": "a red bowl", "speed": "fast", "aspectRatio": "16:9", "version": "7",
        "fileUrls": ["https://u.example/a.png", "https://u.example/b.png", "https://img.example/look.png"]}


def test_a_picture_of_the_subject_makes_an_omni_task_which_takes_no_speed(kie: Kie) -> None:
    asked = replace(picture(sref="https://img.example/look.png"), use=ReferenceUse.SUBJECT, pictures=("https://u.example/a.png",))
    assert kie.fields(asked) == {
        "taskType": "mj_omni_reference", "prompt": "a red bowl", "aspectRatio": "16:9", "version": "7",
        "fileUrls": ["https://u.example/a.png"]}


def test_a_lent_picture_goes_under_a_name_of_its_own_and_its_address_comes_back(
    kie: Kie, httpserver: HTTPServer, tmp_path: Path,
) -> None:
    for name in ("mine.png", "mine-too.png"):
        (tmp_path / name).write_bytes(b"PNG-DATA")
    httpserver.expect_request(UPLOAD, "POST", headers={"Authorization": f"Bearer {KEY}", "User-Agent": "Test-Agent/1"}
                              ).respond_with_json({"success": True, "code": 200, "data": {"downloadUrl": "https://t.example/x"}})
    assert [kie.lend(tmp_path / name) for name in ("mine.png", "mine-too.png")] == ["https://t.example/x"] * 2
    sent = [request.get_data() for request, _ in httpserver.log]
    assert all(b"PNG-DATA" in body and b'name="uploadPath"' in body and b"mine" not in body for body in sent)
    assert len({re.search(rb'filename="([0-9a-f]{32}\.png)"', body)[1] for body in sent}) == 2  # type: ignore[index]


def test_many_shots_that_go_by_one_picture_lend_it_once(kie: Kie, httpserver: HTTPServer, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"PNG-DATA")
    httpserver.expect_ordered_request(UPLOAD).respond_with_json({"code": 500, "msg": "busy"})
    with pytest.raises(ProviderUnavailable):
        kie.lend(tmp_path / "mine.png")
    assert len(httpserver.log) == 1  # a row waits for the next try, not a worker

    def answer(request: Request) -> Response:
        time.sleep(0.2)
        return Response(json.dumps({"code": 200, "data": {"downloadUrl": "https://t.example/x"}}))

    httpserver.expect_ordered_request(UPLOAD).respond_with_handler(answer)
    with ThreadPoolExecutor(4) as pool:
        lent = list(pool.map(kie.lend, [tmp_path / "mine.png"] * 8))
    assert lent == ["https://t.example/x"] * 8
    assert len(httpserver.log) == 2


def test_those_who_waited_for_a_lending_that_failed_do_not_try_one_after_another(
    kie: Kie, httpserver: HTTPServer, tmp_path: Path,
) -> None:
    (tmp_path / "mine.png").write_bytes(b"PNG-DATA")

    def answer(request: Request) -> Response:
        time.sleep(0.3)
        return Response(json.dumps({"code": 500, "msg": "busy"}))

    httpserver.expect_request(UPLOAD).respond_with_handler(answer)

    def attempt(_: int) -> str:
        with pytest.raises(ProviderUnavailable) as raised:
            kie.lend(tmp_path / "mine.png")
        return str(raised.value)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(attempt, range(4)))) == 1
    assert len(httpserver.log) == 1


PLAIN_KEY = "0123456789abcdef0123456789abcdef"  # KIE's keys have no shape by which they could be told
TOLD = f"Invalid API key {PLAIN_KEY} for https://us.example/api/orchestrator/callbacks/kie/t0ken"


@pytest.mark.parametrize("code", [401, 422, 501])
def test_a_refusal_that_repeats_our_key_or_address_is_kept_without_them(httpserver: HTTPServer, code: int) -> None:
    kie = Kie(SecretStr(PLAIN_KEY), httpserver.url_for("/kie"), "Test-Agent/1", "7", "fast", 2)
    httpserver.expect_request(ENDPOINT).respond_with_json({"code": code, "msg": TOLD})
    with pytest.raises(ProviderError) as raised:
        kie.submit({}, None)
    shown = f"{raised.value} {vars(raised.value)}"
    assert "Invalid API key ***" in shown
    assert PLAIN_KEY not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize("body", [
    {"code": 501, "msg": TOLD}, {"code": 200, "data": {"successFlag": 3, "errorCode": 422, "errorMessage": TOLD}},
    {"code": 200, "data": {"successFlag": 2, "errorCode": 500, "errorMessage": TOLD}},
    {"code": 200, "data": {"successFlag": f"{PLAIN_KEY} t"}},
])
def test_what_is_said_of_a_task_is_kept_without_our_key_or_address(httpserver: HTTPServer, body: dict[str, Any]) -> None:
    kie = Kie(SecretStr(PLAIN_KEY), httpserver.url_for("/kie"), "Test-Agent/1", "7", "fast", 2)
    httpserver.expect_request(RECORD).respond_with_json(body)
    found = kie.poll("t1", {})
    shown = f"{found} {found.error} {vars(found.error) if found.error else ''}"
    assert "***" in shown
    assert PLAIN_KEY not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize(("status", "body", "error"), [
    (401, {"code": 401, "msg": "no"}, ProviderAuthError), (200, {"code": 402, "msg": "empty"}, ProviderBalanceError),
    (404, {}, ProviderRefused), (200, {"code": 200, "data": {}}, ProviderUnavailable), (200, [], ProviderUnavailable),
    (302, {}, ProviderRefused), (200, {"code": 200, "data": {"downloadUrl": "ftp://x"}}, ProviderUnavailable),
])
def test_a_picture_that_cannot_be_lent_says_why(
    httpserver: HTTPServer, tmp_path: Path, status: int, body: Any, error: type[ProviderError],
) -> None:
    (tmp_path / "mine.png").write_bytes(b"PNG-DATA")
    httpserver.expect_request(UPLOAD).respond_with_json(body, status)
    with pytest.raises(error) as raised:
        make_kie(httpserver.url_for("/kie")).lend(tmp_path / "mine.png")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(("given", "api", "used"), [
    (None, "https://api.kie.ai", "https://kieai.redpandaai.co"), (None, "http://127.0.0.1:1/kie", "http://127.0.0.1:1/kie"),
    ("https://files.example", "https://api.kie.ai", "https://files.example"),
])
def test_a_key_for_another_api_never_goes_to_the_vendors_host_of_files(given: str | None, api: str, used: str) -> None:
    assert upload_address(given, api) == used


@pytest.mark.parametrize(("sref", "codes", "prompt"), [
    ("3845918274", True, "a red bowl --sref 3845918274"), ("3845918274", False, "a red bowl"),
    ("warm-film", True, "a red bowl"), ("noir", True, "a red bowl"), ("12 --v 5", True, "a red bowl"),
])
def test_a_style_code_enters_the_prompt_only_when_allowed(sref: str, codes: bool, prompt: str) -> None:
    assert make_kie("http://127.0.0.1:1", codes=codes).fields(picture(sref=sref))["prompt"] == prompt


@pytest.mark.parametrize(("written", "sent"), [
    ("a bowl --ar 1:1 --v 5", "a bowl, ar 1:1, v 5"),
    ("a bowl —ar 1:1", "a bowl, ar 1:1"),
    ("a bowl -\u200b-ar 1:1", "a bowl, ar 1:1"),
    ("a bowl \uff0d\uff0dturbo", "a bowl, turbo"),
    ("--sref 7 a bowl", "sref 7 a bowl"),
    ("a {red, blue} bowl::2", "a (red, blue) bowl:2"),
    ("black-and-white\n\tbowl\x00\x1b", "black-and-white bowl"),
    ("city—at night", "city, at night"),
])
def test_words_of_a_model_cannot_become_parameters(kie: Kie, written: str, sent: str) -> None:
    assert kie.fields(picture(written))["prompt"] == sent


def test_a_long_prompt_is_cut_at_a_word_and_keeps_its_style_code() -> None:
    prompt = make_kie("http://127.0.0.1:1", codes=True).fields(picture("bowl " * 600, sref="77"))["prompt"]
    assert len(prompt) <= 2000
    assert prompt.endswith("bowl --sref 77")


def test_a_submission_is_one_post_with_key_agent_and_callback(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        ENDPOINT, "POST", headers={"Authorization": f"Bearer {KEY}", "User-Agent": "Test-Agent/1"}
    ).respond_with_json({"code": 200, "msg": "success", "data": {"taskId": "mj-1"}})
    fields = kie.fields(picture())
    accepted = kie.submit(fields, "https://us.example/hooks/kie")
    assert (accepted.provider_id, dict(accepted.handles)) == ("mj-1", {})
    assert [request.get_json() for request, _ in httpserver.log] == [
        {**fields, "callBackUrl": "https://us.example/hooks/kie"}]


def test_without_a_callback_address_none_is_sent(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(ENDPOINT).respond_with_json({"code": 200, "data": {"taskId": "mj-1"}})
    kie.submit({"prompt": "x"}, None)
    assert httpserver.log[0][0].get_json() == {"prompt": "x"}


@pytest.mark.parametrize(("code", "kind", "wait"), [
    (400, ProviderRefused, None), (401, ProviderAuthError, None), (402, ProviderBalanceError, None),
    (403, ProviderAuthError, None), (404, ProviderRefused, None), (422, ProviderRefused, None),
    (429, ProviderUnavailable, 10), (433, ProviderBalanceError, None), (455, ProviderUnavailable, 60),
    (500, ProviderUnavailable, None), (501, ProviderRefused, None), (505, ProviderRefused, None),
])
@pytest.mark.parametrize("in_status", [False, True])
def test_each_code_is_read_alike_in_body_and_status(
    kie: Kie, httpserver: HTTPServer, code: int, kind: type[ProviderError], wait: float | None, in_status: bool
) -> None:
    body = {"code": code, "msg": "words of KIE", "data": None}
    httpserver.expect_request(ENDPOINT).respond_with_json(body, status=code if in_status else 200)
    with pytest.raises(kind) as caught:
        kie.submit({"prompt": "x"}, None)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.retry_after) == (code, wait)
    assert "words of KIE" in str(caught.value.body)
    assert len(httpserver.log) == 1


def test_a_longer_retry_after_wins_over_the_ten_seconds(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(ENDPOINT).respond_with_json({"code": 429}, status=429, headers={"Retry-After": "25"})
    with pytest.raises(ProviderUnavailable) as caught:
        kie.submit({"prompt": "x"}, None)
    assert caught.value.retry_after == 25


def test_the_gates_1010_is_called_a_setting_and_not_a_key(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(ENDPOINT).respond_with_data("error code: 1010", 403)
    with pytest.raises(ProviderRefused, match="KIE_USER_AGENT"):
        kie.submit({"prompt": "x"}, None)


@pytest.mark.parametrize(("body", "status"), [
    ('{"code":200,"msg":"success","data":{}}', 200), ('{"code":200,"msg":"success","data":null}', 200),
    ("{}", 200), ("<html>ok</html>", 200), ("", 200), ("[]", 201), ("<html>bad gateway</html>", 502),
    ('{"code":502,"msg":"x"}', 502), ('{"code":504,"msg":"x"}', 200), ("<html>error</html>", 500), ("", 503),
    ("error", 520), ("", 404), ('{"code":200,"data":{"taskId":"a"}}', 500), ("", 303),
])
def test_an_answer_that_settles_nothing_leaves_the_outcome_open(
    kie: Kie, httpserver: HTTPServer, body: str, status: int
) -> None:
    httpserver.expect_request(ENDPOINT).respond_with_data(body, status)
    with pytest.raises(OutcomeUnknown):
        kie.submit({"prompt": "x"}, None)
    assert len(httpserver.log) == 1


def test_a_limit_that_is_reached_is_no_purchase_also_without_a_word(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(ENDPOINT).respond_with_data("", 429)
    with pytest.raises(ProviderUnavailable) as caught:
        kie.submit({"prompt": "x"}, None)
    assert caught.value.retry_after == 10


@pytest.mark.parametrize("behaviour", [reset, hang_up])
def test_a_lost_answer_is_posted_once_and_left_open(raw_server: Make, behaviour: object) -> None:
    server = raw_server(behaviour)
    with pytest.raises(OutcomeUnknown):
        make_kie(server.url).submit({"prompt": "x"}, None)
    assert len(server.requests) == 1


def test_a_kie_that_cannot_be_reached_was_sent_nothing(closed_port_url: str) -> None:
    with pytest.raises(ProviderUnavailable, match="nothing was sent"):
        make_kie(closed_port_url).submit({"prompt": "x"}, None)


def record(**data: Any) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": {"taskId": "mj-1", **data}}


FOUR = [{"resultUrl": f"https://t.example/{number}.jpeg"} for number in range(4)]
FOUR_URLS = tuple(item["resultUrl"] for item in FOUR)


@pytest.mark.parametrize("result", [
    {"resultUrls": FOUR}, json.dumps({"resultUrls": FOUR}), {"resultUrls": list(FOUR_URLS)},
])
def test_a_finished_task_gives_its_four_pictures(kie: Kie, httpserver: HTTPServer, result: object) -> None:
    httpserver.expect_request(RECORD, "GET", query_string={"taskId": "mj-1"}).respond_with_json(
        record(successFlag=1, resultInfoJson=result))
    rendering = kie.poll("mj-1", {})
    assert (rendering.done, rendering.urls, rendering.error) == (True, FOUR_URLS, None)


@pytest.mark.parametrize("body", [
    record(successFlag=0, resultInfoJson=None), record(successFlag=9), record(successFlag=1, resultInfoJson=None),
    record(), {"code": 200, "msg": "success", "data": None}, record(successFlag=1, resultInfoJson="not json"),
    record(successFlag=1, resultInfoJson={"resultUrls": [{"resultUrl": "javascript:x"}]}),
])
def test_a_task_that_is_not_finished_is_still_going(kie: Kie, httpserver: HTTPServer, body: object) -> None:
    httpserver.expect_request(RECORD).respond_with_json(body)
    rendering = kie.poll("mj-1", {})
    assert (rendering.done, rendering.urls, rendering.error) == (False, (), None)


@pytest.mark.parametrize("flag", [2, 3])
@pytest.mark.parametrize(("code", "transient"), [(500, True), ("500", True), (422, False), (None, False)])
def test_a_failed_task_says_why_and_whether_a_new_one_may_help(
    kie: Kie, httpserver: HTTPServer, flag: int, code: object, transient: bool
) -> None:
    httpserver.expect_request(RECORD).respond_with_json(
        record(successFlag=flag, errorCode=code, errorMessage="Banned prompt"))
    error = kie.poll("mj-1", {}).error
    assert isinstance(error, ProviderError)
    assert error.transient is transient
    assert "Banned prompt" in str(error.body)


def test_code_501_on_a_poll_is_a_failed_task(kie: Kie, httpserver: HTTPServer) -> None:
    httpserver.expect_request(RECORD).respond_with_json({"code": 501, "msg": "generation failed"})
    assert isinstance(kie.poll("mj-1", {}).error, ProviderRefused)


@pytest.mark.parametrize(("body", "status", "kind"), [
    ('{"code":404,"msg":"no record"}', 404, ProviderRefused), ('{"code":422,"msg":"record is null"}', 200, ProviderRefused),
    ('{"code":401,"msg":"no"}', 200, ProviderAuthError), ("", 401, ProviderAuthError),
    ('{"code":429}', 429, ProviderUnavailable), ("slow down", 429, ProviderUnavailable),
    ('{"code":500}', 200, ProviderUnavailable), ("<html>", 502, ProviderUnavailable), ("<html>", 200, ProviderUnavailable),
    ("<html>", 404, ProviderUnavailable), ("error code: 1010", 403, ProviderUnavailable), ("", 302, ProviderUnavailable),
    ("", 501, ProviderUnavailable), ('{"code":402,"msg":"credits"}', 200, ProviderBalanceError),
])
def test_a_poll_that_tells_nothing_never_fails_a_paid_picture(
    kie: Kie, httpserver: HTTPServer, body: str, status: int, kind: type[ProviderError]
) -> None:
    httpserver.expect_request(RECORD).respond_with_data(body, status)
    with pytest.raises(kind) as caught:
        kie.poll("mj-1", {})
    assert type(caught.value) is kind
    assert len(httpserver.log) == 1


def signed(task_id: str, stamp: int, webhook_key: str = "hook-key") -> dict[str, str]:
    digest = hmac.new(webhook_key.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": str(stamp), "x-webhook-signature": base64.b64encode(digest).decode()}


def test_a_callback_is_believed_when_signed_and_fresh() -> None:
    kie = make_kie("http://127.0.0.1:1", webhook="hook-key")
    body = b'{"code":200,"data":{"taskId":"mj-1"}}'
    at = int(NOW.timestamp())
    assert kie.verify_callback(signed("mj-1", at), body, NOW) is True
    assert kie.verify_callback(signed("mj-1", at - 300), body, NOW) is True
    assert kie.verify_callback(signed("mj-1", at - 301), body, NOW) is False
    assert kie.verify_callback(signed("mj-1", at + 301), body, NOW) is False
    assert kie.verify_callback(signed("mj-2", at), body, NOW) is False
    assert kie.verify_callback(signed("mj-1", at, "other-key"), body, NOW) is False
    assert kie.verify_callback({}, body, NOW) is False
    assert kie.verify_callback(signed("mj-1", at), b"no json", NOW) is False
    assert kie.verify_callback({**signed("mj-1", at), "x-webhook-signature": "größe"}, body, NOW) is False


def test_without_a_webhook_key_nothing_can_be_said() -> None:
    body = b'{"data":{"taskId":"mj-1"}}'
    assert make_kie("http://127.0.0.1:1").verify_callback(signed("mj-1", 0), body) is None
    assert make_kie("http://127.0.0.1:1", webhook="").verify_callback({}, body) is None


def test_the_callbacks_task_is_found_in_both_spellings() -> None:
    kie = make_kie("http://127.0.0.1:1")
    assert kie.callback_id(b'{"data":{"taskId":"a"}}') == "a"
    assert kie.callback_id({"data": {"task_id": "b"}}) == "b"
    nonsenses: list[Any] = [b"", b"[]", b'{"data":null}', b'{"data":{"taskId":{}}}', b"\xff", {"data": []}]
    for nonsense in nonsenses:
        assert kie.callback_id(nonsense) is None


def test_no_secret_is_in_reprs() -> None:
    kie = make_kie("http://127.0.0.1:1", webhook="hook-key-secret")
    assert KEY not in f"{kie!r} {vars(kie)!r}"
    assert "hook-key-secret" not in f"{kie!r} {vars(kie)!r}"

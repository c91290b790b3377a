"""The sandbox's pictures and clips, its books and its faults, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image, ImageChops

from aida_orchestrator.sandbox.callbacks import sign_kie
from aida_orchestrator.sandbox.server import Server

from .sandbox_helpers import KLING, Caller, LetterBox, frames, probe, seconds_of, wait_for

PACE = {"kie": 0.1, "fal": 0.1, "anthropic": 0.0, "openai": 0.0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sandbox"), latency=PACE).start()
    yield server
    server.close()


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    caller = Caller(server.url)
    yield caller
    caller.call("DELETE", "/faults")
    caller.call("POST", "/latency", json=PACE)


@pytest.fixture
def box() -> Iterator[LetterBox]:
    box = LetterBox()
    yield box
    box.close()


@pytest.fixture(scope="module")
def picture(server: Server) -> str:
    caller = Caller(server.url)
    return caller.pictures(caller.ask_pictures("A sailing boat at sunset")["data"]["taskId"])[0]


def data_uri(width: int, height: int) -> str:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", quality=20)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.mark.parametrize(("aspect", "ratio"), [("16:9", 16 / 9), ("9:16", 9 / 16), ("1:1", 1.0)])
def test_a_picture_task_gives_four_distinct_pictures_of_the_asked_ratio(
        caller: Caller, aspect: str, ratio: float) -> None:
    task = caller.ask_pictures(f"Espresso on a marble counter {aspect} --s 250", aspect)["data"]["taskId"]
    images = [Image.open(io.BytesIO(caller.call("GET", url).content)) for url in caller.pictures(task)]
    assert len(images) == 4
    assert all(abs(image.width / image.height - ratio) < 0.01 for image in images)
    for index, one in enumerate(images):
        for other in images[index + 1:]:
            difference = ImageChops.difference(one.convert("L"), other.convert("L")).resize((1, 1)).getpixel((0, 0))
            assert isinstance(difference, int)
            assert difference > 8


def test_the_same_words_give_the_same_picture(caller: Caller) -> None:
    tasks = [caller.ask_pictures("Olive trees at dawn", "1:1")["data"]["taskId"] for _ in range(2)]
    one, two = (caller.call("GET", caller.pictures(task)[0]).content for task in tasks)
    assert one == two


def test_a_task_in_flight_says_so_and_echoes_what_was_asked(caller: Caller) -> None:
    caller.call("POST", "/latency", json={"kie": 30})
    task = caller.ask_pictures("A lighthouse", callBackUrl="http://127.0.0.1:9/none")["data"]["taskId"]
    record = caller.record(task)["data"]
    assert (record["successFlag"], record["resultInfoJson"]) == (0, None)
    assert json.loads(record["paramJson"])["callBackUrl"] == "http://127.0.0.1:9/none"


@pytest.mark.parametrize("wrong", [
    {"prompt": "x" * 2001}, {"prompt": None}, {"taskType": "mj_paint"}, {"aspectRatio": "21:9"}, {"version": "8"},
    {"sref": "123"}, {"taskType": "mj_style_reference"}, {"variety": 7}, {"stylization": "100"}, {"motion": "high"}])
def test_kie_refuses_what_its_page_does_not_list(caller: Caller, wrong: dict[str, Any]) -> None:
    answer = caller.ask_pictures(**{"prompt": "A cat", **wrong})
    assert answer["code"] == 422
    assert answer["data"] is None


def test_kie_hides_refusals_in_an_http_200(caller: Caller) -> None:
    without_key = requests.post(f"{caller.url}/kie/api/v1/mj/generate", json={"taskType": "mj_txt2img", "prompt": "x"},
                                timeout=5)
    assert (without_key.status_code, without_key.json()["code"]) == (200, 401)
    assert caller.record("nobody")["code"] == 422


def test_kie_takes_twenty_tasks_in_ten_seconds_and_refuses_the_next(server: Server) -> None:
    caller = Caller(server.url)
    caller.call("POST", "/latency", json={"kie": 30})
    caller.fault("kie", "submit", "never_ends", times=None)
    codes = [caller.ask_pictures(f"Wave number {number}", "1:1")["code"] for number in range(21)]
    caller.call("DELETE", "/faults")
    caller.call("POST", "/latency", json=PACE)
    assert codes == [200] * 20 + [429]


def test_a_clip_is_h264_of_the_asked_length_and_moves_without_a_jump(
        caller: Caller, picture: str, tmp_path: Path) -> None:
    submitted = caller.ask_clip(picture, "slow pan right").json()
    assert (submitted["status"], submitted["queue_position"]) == ("IN_QUEUE", 0)
    assert "error" not in caller.ended(submitted)
    video = caller.call("GET", submitted["response_url"]).json()["video"]
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(caller.call("GET", video["url"]).content)
    said = probe(str(clip))
    assert seconds_of(said) == pytest.approx(5.04, abs=0.02)
    assert "h264" in said
    assert "yuv420p" in said
    assert "1280x720" in said
    assert clip.stat().st_size == video["file_size"]
    shots = frames(str(clip))
    assert len(shots) == 121
    steps = [sum(abs(a - b) for a, b in zip(one, two, strict=True)) / len(one)
             for one, two in itertools.pairwise(shots)]
    far = sum(abs(a - b) for a, b in zip(shots[0], shots[-1], strict=True)) / len(shots[0])
    assert far > 2
    assert max(steps) < far / 4


def test_a_clip_keeps_the_start_pictures_own_ratio(caller: Caller) -> None:
    submitted = caller.ask_clip(data_uri(720, 1280), "pull out").json()
    caller.ended(submitted)
    url = caller.call("GET", submitted["response_url"]).json()["video"]["url"]
    assert "720x1280" in probe(url)


def test_media_answers_range_requests_and_counts_downloads(caller: Caller, picture: str) -> None:
    whole = caller.call("GET", picture).content
    part = caller.call("GET", picture, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    task = picture.rsplit("/", 1)[1].split("_")[0]
    assert next(line for line in caller.ledger()["sold"] if line["id"] == task)["mediaFetched"] >= 2


@pytest.mark.parametrize(("endpoint", "body", "kind"), [
    (KLING, {"start_image_url": "http://x/y.png", "prompt": "p"}, "extra_forbidden"),
    (KLING, {"image_url": "http://x/y.png"}, "missing"),
    (KLING, {"image_url": "http://x/y.png", "prompt": "p", "duration": "7"}, "literal_error"),
    (KLING, {"image_url": "http://x/y.png", "prompt": "p", "duration": 5}, "str_type"),
    (KLING, {"image_url": "http://x/y.png", "prompt": "p" * 2501}, "string_too_long"),
    ("fal-ai/kling-video/v2.6/pro/image-to-video", {"image_url": "http://x/y.png", "prompt": "p"}, "missing"),
    ("fal-ai/kling-video/v3/pro/image-to-video",
     {"start_image_url": "http://x/y", "prompt": "p", "multi_prompt": [{"prompt": "q"}]}, "value_error"),
])
def test_fal_complains_about_wrong_fields_as_pydantic_does(
        caller: Caller, endpoint: str, body: dict[str, Any], kind: str) -> None:
    answer = caller.call("POST", f"/fal/{endpoint}", json=body)
    assert answer.status_code == 422
    assert kind in [each["type"] for each in answer.json()["detail"]]


def test_fal_knows_its_keys_its_models_and_its_jobs(caller: Caller, picture: str) -> None:
    assert requests.post(f"{caller.url}/fal/{KLING}", json={}, timeout=5).status_code == 401
    assert caller.call("POST", "/fal/fal-ai/nothing/here", json={}).status_code == 404
    assert caller.call("GET", "/fal/fal-ai/kling-video/requests/none/status").status_code == 404
    assert caller.call("PUT", "/fal/fal-ai/kling-video/requests/none/cancel").json()["status"] == "NOT_FOUND"


@pytest.mark.parametrize(("address", "kind"), [
    ("http://127.0.0.1:9/none.png", "file_download_error"), (data_uri(200, 200), "image_too_small"),
    ("data:text/plain;base64,aGVsbG8=", "image_load_error")])
def test_a_start_picture_that_will_not_do_fails_the_job_at_the_result(caller: Caller, address: str, kind: str) -> None:
    submitted = caller.ask_clip(address).json()
    assert caller.ended(submitted)["error_type"] == kind
    result = caller.call("GET", submitted["response_url"])
    assert (result.status_code, result.json()["detail"][0]["type"]) == (422, kind)


def test_fal_runs_as_many_clips_as_the_key_may_and_queues_the_rest(tmp_path: Path) -> None:
    server = Server(tmp_path, latency={"fal": 30}, concurrency=2).start()
    try:
        caller = Caller(server.url)
        jobs = [caller.ask_clip(data_uri(400, 400), f"push {n}").json() for n in range(4)]
        time.sleep(0.3)
        states = [caller.call("GET", job["status_url"]).json() for job in jobs]
        assert [state["status"] for state in states] == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 2
        assert [state["queue_position"] for state in states[2:]] == [0, 1]
        assert caller.call("PUT", jobs[3]["cancel_url"]).status_code == 202
        assert caller.call("GET", jobs[3]["status_url"]).json()["error_type"] == "client_cancelled"
        assert caller.call("PUT", jobs[3]["cancel_url"]).json() == {"status": "ALREADY_COMPLETED"}
        assert caller.call("GET", jobs[0]["response_url"]).status_code == 400
    finally:
        server.close()


def verify_fal(caller: Caller, headers: dict[str, str], body: bytes) -> None:
    message = "\n".join([headers["x-fal-webhook-request-id"], headers["x-fal-webhook-user-id"],
                         headers["x-fal-webhook-timestamp"], hashlib.sha256(body).hexdigest()]).encode()
    key = caller.call("GET", "/fal/.well-known/jwks.json").json()["keys"][0]["x"]
    raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(headers["x-fal-webhook-signature"]), message)


def test_fals_webhook_verifies_against_its_published_key(caller: Caller, box: LetterBox, picture: str) -> None:
    submitted = caller.ask_clip(picture, "drift", webhook=box.url).json()
    headers, body = box.wait()[0]
    verify_fal(caller, headers, body)
    letter = json.loads(body)
    assert (letter["request_id"], letter["status"]) == (submitted["request_id"], "OK")
    assert letter["payload"] == caller.call("GET", submitted["response_url"]).json()
    with pytest.raises(InvalidSignature):
        verify_fal(caller, headers, body + b" ")


def test_a_webhook_nobody_took_is_brought_again(caller: Caller, box: LetterBox) -> None:
    box.answers = [500]
    caller.ask_clip("http://127.0.0.1:9/none.png", webhook=box.url)
    first, second = (json.loads(body) for _, body in box.wait(2))
    assert first == second
    assert first["status"] == "ERROR"


def test_kies_callback_names_the_task_and_signs_task_and_moment(
        caller: Caller, box: LetterBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_WEBHOOK_KEY", "a-key")
    task = caller.ask_pictures("A red bicycle", "1:1", callBackUrl=box.url)["data"]["taskId"]
    headers, body = box.wait()[0]
    letter = json.loads(body)
    assert letter["data"]["taskId"] == task
    assert letter["data"]["resultUrls"] == caller.pictures(task)
    expected = sign_kie(task, "a-key")
    if expected["X-Webhook-Timestamp"] == headers["x-webhook-timestamp"]:
        assert headers["x-webhook-signature"] == expected["X-Webhook-Signature"]
    assert len(base64.b64decode(headers["x-webhook-signature"])) == 32


@pytest.mark.parametrize(("fault", "letters"), [("drop", 0), ("double", 2)])
def test_callbacks_are_dropped_and_doubled_on_request(caller: Caller, box: LetterBox, fault: str, letters: int) -> None:
    caller.fault("kie", "callback", fault)
    task = caller.ask_pictures(f"A {fault} of water", "1:1", callBackUrl=box.url)["data"]["taskId"]
    caller.pictures(task)
    time.sleep(0.4)
    assert len(box.letters) == letters


def test_a_forged_webhook_does_not_verify(caller: Caller, box: LetterBox) -> None:
    caller.fault("fal", "callback", "forge")
    caller.ask_clip("http://127.0.0.1:9/none.png", webhook=box.url)
    headers, body = box.wait()[0]
    with pytest.raises(InvalidSignature):
        verify_fal(caller, headers, body)


def test_the_ledger_shows_what_was_bought_twice(server: Server, tmp_path: Path) -> None:
    fresh = Server(tmp_path, latency=PACE).start()
    try:
        caller = Caller(fresh.url)
        for callback in ("http://127.0.0.1:9/a", "http://127.0.0.1:9/b"):
            caller.ask_pictures("The same vase", "1:1", callBackUrl=callback)
        caller.ask_pictures("Another vase", "1:1")
        assert caller.ledger()["totals"]["kie"] == {"sold": 3, "duplicates": 1}
        assert caller.call("GET", f"/ledger?since={time.time() + 60}").json()["sold"] == []
    finally:
        fresh.close()


def test_a_lost_answer_leaves_a_sale_and_a_reset_leaves_none(caller: Caller) -> None:
    for fault, prompt, sales in (("reset_after", "A harbour at noon", 1), ("reset", "A harbour at night", 0)):
        caller.fault("kie", "submit", fault, match=prompt)
        with pytest.raises(requests.ConnectionError):
            caller.ask_pictures(prompt, "1:1")
        assert len(caller.sold(prompt)) == sales


def test_a_hanging_submission_is_not_sold(caller: Caller) -> None:
    caller.fault("fal", "submit", "hang", seconds=3)
    with pytest.raises(requests.Timeout):
        caller.call("POST", f"/fal/{KLING}", json={"prompt": "hang here", "image_url": "http://x/y"}, timeout=0.4)
    assert caller.sold("hang here") == []


def test_statuses_come_in_each_providers_own_words_and_only_as_often_as_asked(caller: Caller, picture: str) -> None:
    caller.fault("kie", "submit", "status", status=455)
    caller.fault("fal", "submit", "status", status=503)
    caller.fault("fal", "submit", "balance")
    assert caller.ask_pictures("A tower", "1:1")["code"] == 455
    assert caller.ask_pictures("A tower", "1:1")["code"] == 200
    assert caller.ask_clip(picture).json()["error_type"] == "runner_connection_error"
    locked = caller.ask_clip(picture)
    assert locked.status_code == 403
    assert locked.json()["detail"].startswith("User is locked. Reason: Exhausted balance")
    assert caller.ask_clip(picture).status_code == 200


def test_jobs_fail_stall_and_speak_strangely_on_request(caller: Caller, picture: str) -> None:
    caller.fault("kie", "submit", "fail_job")
    failed = caller.ask_pictures("A broken cup", "1:1")["data"]["taskId"]
    data = wait_for(lambda: (record := caller.record(failed)["data"])["successFlag"] and record)
    assert (data["successFlag"], data["errorCode"], data["resultInfoJson"]) == (3, 501, None)
    caller.fault("fal", "submit", "fail_job", code="content_policy_violation")
    refused = caller.ask_clip(picture, "something rude").json()
    assert caller.ended(refused)["error_type"] == "content_policy_violation"
    caller.fault("fal", "submit", "never_ends")
    stalled = caller.ask_clip(picture, "endless").json()
    time.sleep(0.5)
    caller.fault("fal", "poll", "unknown_state", match=stalled["request_id"])
    states = [caller.call("GET", stalled["status_url"]).json()["status"] for _ in range(2)]
    assert states == ["PAUSED", "IN_PROGRESS"]


def test_media_is_cut_short_garbled_and_expired_on_request(caller: Caller, picture: str) -> None:
    caller.fault("kie", "media", "cut_short")
    with pytest.raises(requests.RequestException):
        caller.call("GET", picture)
    caller.fault("kie", "media", "expired")
    assert caller.call("GET", picture).status_code == 404
    caller.fault("kie", "poll", "malformed")
    task = picture.rsplit("/", 1)[1].split("_")[0]
    with pytest.raises(requests.JSONDecodeError):
        caller.record(task)
    assert caller.call("GET", picture).status_code == 200


def test_a_fault_that_makes_no_sense_is_refused_with_a_reason(caller: Caller) -> None:
    for rule in ('{"provider": "kie", "fault": "explode"}', '{"provider": "me", "fault": "reset"}', '"x"', "no JSON",
                 '{"provider": "kie", "fault": "reset", "match": "("}', '{"provider": "kie", "fault": "slow", "secs": 1}'):
        answer = caller.call("POST", "/faults", data=rule, headers={"Content-Type": "application/json"})
        assert (answer.status_code, bool(answer.json()["error"])) == (422, True), rule
    assert caller.call("GET", "/faults").json()["faults"] == []


def test_after_a_kill_the_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    def start() -> tuple[subprocess.Popen[str], Caller]:
        process = subprocess.Popen(
            [sys.executable, "-m", "aida_orchestrator.sandbox", "--port", "0", "--data", str(tmp_path),
             "--latency", "kie=1,fal=1"], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, Caller(process.stdout.readline().split()[3])

    process, caller = start()
    task = caller.ask_pictures("A rocket above the city", "1:1")["data"]["taskId"]
    clip = caller.ask_clip(data_uri(400, 400), "push in").json()["request_id"]
    process.kill()
    process.wait()
    process, caller = start()
    try:
        assert len(caller.pictures(task)) == 4
        assert "error" not in caller.ended({"status_url": f"/fal/fal-ai/kling-video/requests/{clip}/status"})
        assert {line["id"] for line in caller.ledger()["sold"]} == {task, clip}
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 1

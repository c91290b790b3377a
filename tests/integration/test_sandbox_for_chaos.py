"""What the sandbox does for chaos runs alone: media that cost nothing, callbacks that overtake, a forger's letters."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from aida_orchestrator.sandbox.server import Server

from .sandbox_helpers import Caller, LetterBox, probe, seconds_of, wait_for

PACE = {"kie": 0.05, "fal": 0.05, "anthropic": 0.0, "openai": 0.0}


@pytest.fixture
def caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    monkeypatch.setenv("SANDBOX_PLAIN_MEDIA", "1")
    server = Server(tmp_path, latency=PACE).start()
    yield Caller(server.url)
    server.close()


@pytest.fixture
def box() -> Iterator[LetterBox]:
    box = LetterBox()
    yield box
    box.close()


def test_plain_media_are_real_and_each_is_another_file(caller: Caller, tmp_path: Path) -> None:
    addresses = caller.pictures(caller.ask_pictures("A lighthouse")["data"]["taskId"])
    files = [caller.call("GET", address).content for address in addresses]
    assert len(set(files)) == 4
    assert all(Image.open(io.BytesIO(file)).size == (640, 360) for file in files)
    clips = []
    for number in range(2):
        submitted = caller.ask_clip(addresses[0]).json()
        assert "error" not in caller.ended(submitted)
        video = caller.call("GET", caller.call("GET", submitted["response_url"]).json()["video"]["url"]).content
        clip = tmp_path / f"{number}.mp4"
        clip.write_bytes(video)
        assert seconds_of(probe(str(clip))) == pytest.approx(5.04, abs=0.05)
        clips.append(video)
    assert clips[0] != clips[1]


def test_an_answer_can_be_overtaken_by_its_own_callback(caller: Caller, box: LetterBox) -> None:
    caller.fault("kie", "submit", "slow_after", seconds=1)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(caller.ask_pictures("A pier", callBackUrl=box.url)))
    asking.start()
    box.wait()
    assert answers == []
    asking.join()
    assert json.loads(box.letters[0][1])["data"]["taskId"] == answers[0]["data"]["taskId"]


def test_a_forger_names_a_job_that_nobody_sold_before_the_true_letter_comes(caller: Caller, box: LetterBox) -> None:
    caller.fault("fal", "callback", "wrong_id")
    submitted = caller.ask_clip("http://127.0.0.1:9/none.png", webhook=box.url).json()
    forged, true = (json.loads(body)["request_id"] for _, body in box.wait(2))
    assert true == submitted["request_id"]
    assert forged != true
    assert caller.call("GET", submitted["status_url"].replace(true, forged)).status_code == 404


@pytest.mark.parametrize(("provider", "status"), [("kie", 503), ("fal", 502)])
def test_a_page_of_a_gateway_comes_with_its_own_status(caller: Caller, provider: str, status: int) -> None:
    caller.fault(provider, "submit", "status", status=status, body="<html>Bad Gateway</html>")
    if provider == "kie":
        answer = caller.call("POST", "/kie/api/v1/mj/generate", json={"taskType": "mj_txt2img", "prompt": "x"})
    else:
        answer = caller.ask_clip("http://127.0.0.1:9/none.png")
    assert (answer.status_code, answer.text) == (status, "<html>Bad Gateway</html>")
    assert wait_for(lambda: caller.ledger()["requests"])[-1]["operation"] == "submit"

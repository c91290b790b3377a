"""One message becomes one film: the answers' documented shapes, the film itself, and what can be seen on the way."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..harness import TERMINAL, Sandbox, Service, fetch
from .conftest import cancel_open_tasks
from .looking import film_of, is_picture, most_at_once, no_pictures

SHORT = "Voglio un video di 5 secondi sul caffè"
PICTURE_SECONDS, CLIP_SECONDS = 1.0, 0.4


@dataclass
class Made:
    """A film of 30 seconds, from the question to the end."""

    code: int
    headers: dict[str, str]
    answer: dict[str, Any]
    seen: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> dict[str, Any]:
        return self.seen[-1]

    def sold(self, provider: str) -> list[dict[str, Any]]:
        return [line for line in self.ledger["sold"] if line["provider"] == provider]


@pytest.fixture(scope="module")
def made(common_service: Service, sandbox_process: Sandbox) -> Iterator[Made]:
    """The customer's own example in Italian, watched from beginning to end."""
    sandbox_process.reset()
    sandbox_process.latency(kie=PICTURE_SECONDS, fal=CLIP_SECONDS)
    film = Made(*create(common_service, {"userId": "anna", "message": "Voglio un video food sulla pasta fresca"}))
    deadline = time.monotonic() + 150
    while not film.seen or film.end["status"] not in TERMINAL:
        assert time.monotonic() < deadline, common_service.tail()
        film.seen.append(common_service.status(film.answer["taskId"]))
        time.sleep(0.05)
    film.ledger = sandbox_process.ledger()
    yield film
    cancel_open_tasks(common_service)


def create(
    service: Service, body: dict[str, Any], **headers: str,
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """POST create-video; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    code, given, raw = fetch("POST", f"{service.url}/api/orchestrator/create-video", body, named)
    return code, given, json.loads(raw)


def test_create_answers_at_once_with_the_documented_body(made: Made) -> None:
    assert made.code == 202
    documented = {key: made.answer[key] for key in ("videoUrl", "status")}
    assert documented == {"videoUrl": None, "status": "queued"}
    assert re.fullmatch(r"task_\w+", made.answer["taskId"])
    assert re.fullmatch(r"proj_\w+", made.answer["projectId"])
    assert (made.answer["cost"]["tokens"], made.answer["cost"]["dollars"]) == (0, 0)
    assert made.headers["Location"] == f"/api/orchestrator/status/{made.answer['taskId']}"
    assert int(made.headers["Retry-After"]) >= 1
    assert made.headers["Content-Type"] == "application/json"


def test_every_status_has_the_documented_keys(made: Made) -> None:
    for status in made.seen:
        assert status["taskId"] == made.answer["taskId"]
        assert status["projectId"] == made.answer["projectId"]
        assert status["status"] in ("queued", "processing", "completed")
        assert status["currentStep"] in ("context", "script", "storyboard", "visual", "video")
        assert status["videoUrl"] is None or status["status"] == "completed"
        assert {"tokens", "dollars"} <= set(status["cost"])


def test_an_italian_message_becomes_an_italian_film_of_six_shots(made: Made) -> None:
    assert made.end["status"] == "completed"
    assert made.end["degraded"] == []
    assert made.end["error"] is None
    assert made.end["brief"]["language"] == "it"
    assert [shot["seconds"] for shot in made.end["shots"]] == [5] * 6
    assert sum(beat["seconds"] for beat in made.end["script"]["beats"]) == 30
    assert "pasta" in json.dumps(made.end["script"], ensure_ascii=False)


def test_the_film_plays_in_browsers_and_is_as_long_as_planned(made: Made, shared: Service) -> None:
    film = film_of(shared, made.end)
    assert (film.codec, film.pixels, film.width, film.height) == ("h264", "yuv420p", 1280, 720)
    assert film.seconds == pytest.approx(30, rel=0.02)
    assert film.starts_at_once


def test_progress_is_a_whole_number_that_never_falls_and_ends_at_100(made: Made) -> None:
    shown = [status["progress"] for status in made.seen]
    assert all(type(progress) is int for progress in shown)
    assert shown == sorted(shown)
    assert shown[-1] == 100
    assert len(set(shown)) >= 8, "nothing was to be seen on the way"
    steps = list(dict.fromkeys(status["currentStep"] for status in made.seen))
    order = ["context", "script", "storyboard", "visual", "video"]
    assert steps == sorted(steps, key=order.index)
    assert steps[-2:] == ["visual", "video"]


@pytest.mark.parametrize("kind", ["pictureUrl", "clipUrl"])
def test_pictures_and_clips_are_shown_as_they_come(made: Made, kind: str) -> None:
    counts = [sum(bool(shot[kind]) for shot in status["shots"]) for status in made.seen]
    assert counts == sorted(counts), "something that was there was gone again"
    assert counts[-1] == 6
    assert set(counts) & {1, 2, 3, 4, 5}, "all came at once"


def test_each_picture_has_four_takes_and_the_first_is_used(made: Made, shared: Service) -> None:
    for shot in made.end["shots"]:
        takes = shot["picture"]["takes"]
        assert len(set(takes)) == 4
        assert shot["pictureUrl"] == takes[0]
    bodies = [shared.get(take)[2] for take in made.end["shots"][0]["picture"]["takes"]]
    assert all(is_picture(body) for body in bodies)
    assert len(set(bodies)) == 4


def test_the_film_can_be_sought_by_range_requests(made: Made, shared: Service) -> None:
    address = made.end["videoUrl"]
    code, headers, whole = shared.get(address)
    assert (code, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    code, headers, part = shared.get(address, {"Range": "bytes=1000-1999"})
    assert code == 206
    assert headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    assert part == whole[1000:2000]
    code, _, part = shared.get(address, {"Range": "bytes=-500"})
    assert (code, part) == (206, whole[-500:])
    code, headers, _ = shared.get(address, {"Range": f"bytes={len(whole)}-"})
    assert code == 416
    assert headers["Content-Range"] == f"bytes */{len(whole)}"


def test_the_cost_is_the_sum_of_its_components(made: Made) -> None:
    cost = made.end["cost"]
    parts = cost["byComponent"]
    assert set(parts) == {"orchestrator", "writer", "director", "midjourney", "kling", "memory"}
    assert cost["tokens"] == sum(part["tokens"] for part in parts.values()) > 1000
    assert cost["dollars"] == pytest.approx(sum(part["dollars"] for part in parts.values()), abs=1e-5)
    assert (parts["midjourney"]["apiCalls"], parts["kling"]["apiCalls"]) == (6, 6)
    assert parts["kling"]["dollars"] == pytest.approx(6 * 5 * 0.07)
    assert not cost["unknown"]
    spent = [status["cost"]["dollars"] for status in made.seen]
    assert spent == sorted(spent)


def test_nothing_was_bought_twice(made: Made) -> None:
    assert made.ledger["totals"]["kie"] == {"sold": 6, "duplicates": 0}
    assert made.ledger["totals"]["fal"] == {"sold": 6, "duplicates": 0}
    assert made.ledger["totals"]["anthropic"]["duplicates"] == 0


def test_at_most_four_pictures_of_a_film_are_made_at_once(made: Made) -> None:
    assert 2 <= most_at_once(made.sold("kie"), PICTURE_SECONDS) <= 4


def test_clips_of_a_film_are_made_one_after_another(made: Made) -> None:
    assert most_at_once(made.sold("fal"), CLIP_SECONDS) == 1


def test_refine_answers_like_create(made: Made, shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    body = {"userId": "anna", "feedback": "più dinamico", "aspectToRefine": "script"}
    address = f"{shared.url}/api/orchestrator/refine/{made.answer['projectId']}"
    code, headers, raw = fetch("POST", address, body)
    answer = json.loads(raw)
    assert code == 202
    assert answer["taskId"] != made.answer["taskId"]
    assert answer["projectId"] == made.answer["projectId"]
    assert (answer["videoUrl"], answer["status"]) == (None, "queued")
    assert set(made.answer) == set(answer)
    assert headers["Location"] == f"/api/orchestrator/status/{answer['taskId']}"
    assert int(headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("words", "ratio", "size"), [
    ("verticale", "9:16", (720, 1280)), ("in formato 1:1", "1:1", (720, 720)),
])
def test_the_format_is_the_one_the_message_asks_for(
    shared: Service, sandbox: Sandbox, words: str, ratio: str, size: tuple[int, int],
) -> None:
    body = {"userId": "anna", "message": f"{SHORT} {words}"}
    code, headers, answer = create(shared, body, Prefer="wait=60")
    assert code == 200, "Prefer: wait=60 answers with the finished film"
    assert headers["Preference-Applied"] == "wait=60"
    assert (answer["status"], answer["brief"]["aspectRatio"]) == ("completed", ratio)
    assert {line["request"]["aspectRatio"] for line in sandbox.sold("kie")} == {ratio}
    film = film_of(shared, answer)
    assert (film.width, film.height) == size
    assert film.seconds == pytest.approx(5, rel=0.02)


def test_a_wait_that_is_too_short_answers_202_after_that_time(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    began = time.monotonic()
    code, headers, answer = create(shared, {"userId": "anna", "message": SHORT}, Prefer="respond-async, wait=1")
    assert code == 202
    assert 1 <= time.monotonic() - began < 5
    assert headers["Preference-Applied"] == "wait=1"
    assert answer["status"] == "processing"
    assert answer["videoUrl"] is None


def test_a_status_that_has_not_changed_is_not_sent_again(made: Made, shared: Service) -> None:
    address = f"/api/orchestrator/status/{made.answer['taskId']}"
    _, headers, _ = shared.get(address)
    code, again, body = shared.get(address, {"If-None-Match": headers["ETag"]})
    assert (code, body) == (304, b"")
    assert again["ETag"] == headers["ETag"]
    assert shared.get(address, {"If-None-Match": 'W/"of-yesterday"'})[0] == 200


def test_the_same_idempotency_key_asks_for_one_film(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    body = {"userId": "anna", "message": SHORT}
    code, _, first = create(shared, body, Idempotency_Key="order-1")
    code_again, headers, again = create(shared, dict(reversed(body.items())), Idempotency_Key="order-1")
    assert (code, code_again) == (202, 202)
    assert again["taskId"] == first["taskId"]
    assert headers["Idempotent-Replayed"] == "true"
    other = create(shared, body, Idempotency_Key="order-2")[2]
    assert other["taskId"] != first["taskId"]


def test_an_idempotency_key_with_another_body_is_refused(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    create(shared, {"userId": "anna", "message": SHORT}, Idempotency_Key="order-3")
    code, headers, answer = create(shared, {"userId": "anna", "message": f"{SHORT} nero"}, Idempotency_Key="order-3")
    assert (code, answer["status"]) == (422, 422)
    assert headers["Content-Type"] == "application/problem+json"


def test_two_requests_at_once_with_one_key_make_one_film(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    answers: list[tuple[int, str]] = []

    def ask_for_it() -> None:
        code, _, answer = create(shared, {"userId": "anna", "message": SHORT}, Idempotency_Key="order-4")
        answers.append((code, answer["taskId"]))

    twins = [threading.Thread(target=ask_for_it) for _ in range(6)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert len(answers) == 6
    assert {code for code, _ in answers} == {202}
    assert len({task for _, task in answers}) == 1

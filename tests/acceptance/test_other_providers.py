"""The service against another server of the same four APIs: strict, and with other habits than the sandbox."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from aida_orchestrator.media.ffmpeg import probe
from aida_orchestrator.model import ClipRequest
from aida_orchestrator.providers.fal import Fal

from ..harness import Servers, Service, ServiceWishes, fetch
from ..standin import Fault, Habits, StandIn
from ..standin.fal_models import ENDPOINTS

ODD = Habits(
    text_pieces=4, tool_rounds=(2, 1), pauses=1, floats=True, out_of_order=True, kie_result="string",
    kie_numbers_as_strings=True, kie_last_first=True, kie_callbacks=("forged", "early", "doubled"), fal_submit_status=202,
    fal_going_status=202, fal_response_suffix=True, fal_logs=True, fal_callbacks=("forged", "early", "doubled"),
    media_redirects=True, odd_media=True,
)
BROKEN_LINE = Fault(reset="before")
LOST_ANSWER = Fault(reset="after")
BAD_KEY = Fault(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
BAD_KIE_KEY = Fault(200, {"code": 401, "msg": "You do not have access permissions", "data": None})
BAD_FAL_KEY = Fault(401, {"detail": "Authentication is required."})
NO_CREDIT = Fault(400, {"type": "error", "error": {
    "type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API."}})
LIMITED = Fault(429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}})
OVERLOADED = Fault(529, {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, {"retry-after": "2"})
BROKEN_CLAUDE = Fault(500, {"type": "error", "error": {"type": "api_error", "message": "Internal server error"}})


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    """One stand-in for this file."""
    stand_in = StandIn()
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def providers(running: StandIn) -> StandIn:
    """The stand-in with its usual habits, and nothing asked or sold."""
    running.behave()
    running.record.clear()
    return running


@pytest.fixture(scope="module")
def service(servers: Servers, running: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for this file, its providers the stand-in. What is lost for good is given up soon, a result that is
    withheld after a sixth of the deadline."""
    dsn = servers.migrated_database()
    wishes = ServiceWishes({**running.environment(), "UNKNOWN_WAIT_SECONDS": "6", "CLIP_DEADLINE_SECONDS": "60"})
    started = Service(tmp_path_factory.mktemp("other"), dsn, servers.redis_url(), running, wishes)  # type: ignore[arg-type]
    started.start()
    yield started
    started.stop()
    servers.drop(dsn)


def assert_whole(status: dict[str, Any], providers: StandIn) -> None:
    """Completed, nothing made simpler, nothing bought twice, no rule broken."""
    seen = json.dumps({key: status[key] for key in ("status", "degraded", "error")})
    assert (status["status"], status["degraded"], status["error"]) == ("completed", [], None), seen
    assert providers.record.violations == []
    assert providers.record.duplicates() == []


def film_of(service: Service, status: dict[str, Any], folder: Path) -> Any:
    """The probe of the finished film, fetched as a browser would."""
    code, _, raw = service.get(status["videoUrl"])
    assert code == 200
    path = folder / "film.mp4"
    path.write_bytes(raw)
    return probe(path)


def make(service: Service, message: str, **more: Any) -> dict[str, Any]:
    """Ask for a film and wait for its end."""
    return service.wait(service.create(message, **more)["taskId"], 90)


def until_step(service: Service, task: str, *steps: str) -> dict[str, Any]:
    """The status as soon as one of these steps is reached, or the task has ended."""
    return service.wait_until(
        task, lambda status: status["currentStep"] in steps or status["finishedAt"] is not None, 60)


def gaps(asked: list[dict[str, Any]]) -> list[float]:
    """Seconds between requests."""
    return [after["at"] - before["at"] for before, after in pairwise(asked)]


def test_a_film_is_made_and_the_next_one_remembers_it(service: Service, providers: StandIn, tmp_path: Path) -> None:
    status = make(service, "Voglio un video sulla pizza napoletana")
    assert_whole(status, providers)
    assert [shot["seconds"] for shot in status["shots"]] == [5] * 6
    film = film_of(service, status, tmp_path)
    assert abs(film.seconds - 30) <= 0.6
    assert (film.width, film.height, film.codec, film.pix_fmt) == (1280, 720, "h264", "yuv420p")
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)
    assert {code for _, code in providers.record.callback_answers} == {200}

    before = len(providers.record.asked("anthropic.messages"))
    second = service.create("Voglio un video sulla pizza come l'altra volta")["taskId"]
    until_step(service, second, "script", "storyboard", "visual")
    service.cancel(second)
    question = json.dumps(providers.record.asked("anthropic.messages")[before]["body"]["messages"])
    assert status["projectId"] in question
    assert status["brief"]["title"] in question


def test_odd_habits_do_not_matter(service: Service, providers: StandIn, tmp_path: Path) -> None:
    providers.behave(ODD)
    status = make(service, "A film about a lighthouse in winter")
    assert_whole(status, providers)
    assert abs(film_of(service, status, tmp_path).seconds - 30) <= 0.6


def test_any_answer_that_the_schema_allows_makes_a_film(service: Service, providers: StandIn, tmp_path: Path) -> None:
    tasks = {}
    for number, mode in enumerate(("minimal", "maximal", "random")):
        providers.behave(schema=mode, seed=4, tool_rounds=(3, 2), odd_media=bool(number))
        tasks[mode] = service.create(f"Un film sul caffè di Trieste, {mode}", user=mode)["taskId"]
        until_step(service, tasks[mode], "visual", "video")
    for mode, task in tasks.items():
        status = service.wait(task, 90)
        assert_whole(status, providers)
        planned = sum(shot["seconds"] for shot in status["shots"])
        assert planned == status["brief"]["durationSeconds"], mode
        assert abs(film_of(service, status, tmp_path).seconds - planned) <= 0.02 * planned


def test_passing_trouble_anywhere_costs_only_time(service: Service, providers: StandIn) -> None:
    providers.plan("anthropic.messages", LIMITED, OVERLOADED, BROKEN_LINE)
    providers.plan("openai.embeddings", Fault(500, {"error": {"message": "x", "type": "server_error"}}))
    providers.plan("kie.generate", Fault(200, {"code": 500, "msg": "server error", "data": None}))
    providers.plan("kie.record", BROKEN_LINE, Fault(500, "<html>"), Fault(200, {"code": 455, "msg": "maintenance"}))
    providers.plan("fal.submit", Fault(503, {"detail": "no runner", "error_type": "runner_scheduling_failure"}))
    providers.plan("fal.status", BROKEN_LINE, Fault(502, "<html>"))
    providers.plan("fal.result", Fault(504, {"detail": "x", "error_type": "request_timeout"}), BROKEN_LINE)
    providers.plan("media", None, Fault(500, {}), BROKEN_LINE)
    assert_whole(make(service, "A film about patience"), providers)
    waits = gaps(providers.record.asked("anthropic.messages"))
    assert waits[0] >= 0.95
    assert waits[1] >= 1.95, "the retry-after counts"
    assert waits[2] >= 3.95


def test_trouble_that_lasts_is_tried_four_times_and_then_told(service: Service, providers: StandIn) -> None:
    providers.plan("anthropic.messages", None, None, *[BROKEN_CLAUDE] * 4)
    task = service.create("A film about giving up")["taskId"]
    status = until_step(service, task, "visual", "video")
    service.cancel(task)
    asked = providers.record.asked("anthropic.messages")
    waits = gaps(asked)[2:5]
    assert [round(wait) for wait in waits] == [1, 2, 4]
    assert len(asked) in (7, 8)  # the director's board may be given back once
    assert [item["stage"] for item in status["degraded"]] == ["script"]
    assert providers.record.violations == []


def test_a_refusal_and_a_cut_off_answer_are_declared(service: Service, providers: StandIn) -> None:
    providers.plan("anthropic.messages", None, None, Fault(stop="refusal"), Fault(stop="max_tokens"))
    task = service.create("A film about silence")["taskId"]
    status = until_step(service, task, "visual", "video")
    service.cancel(task)
    assert [item["stage"] for item in status["degraded"]] == ["script", "storyboard"]
    assert len(status["shots"]) == 3


def test_what_an_operator_must_mend_is_asked_once(service: Service, providers: StandIn) -> None:
    providers.plan("anthropic.messages", BAD_KEY)
    status = make(service, "A film about keys")
    assert (status["status"], status["error"]["code"]) == ("failed", "provider_auth")
    assert status["error"]["provider"] == "anthropic"
    assert len(providers.record.asked("anthropic.messages")) == 1
    assert providers.record.sold == []


def test_an_empty_account_is_waited_for_and_asked_once_meanwhile(service: Service, providers: StandIn) -> None:
    providers.plan("anthropic.messages", NO_CREDIT)
    task = service.create("A film about purses")["taskId"]
    held = service.wait_until(task, lambda status: status["waitingFor"] == "provider", 30)
    assert (held["status"], held["hold"]["code"], held["hold"]["provider"]) == (
        "processing", "provider_balance", "anthropic")
    assert len(providers.record.asked("anthropic.messages")) == 1
    begun = service.wait_until(task, lambda status: bool(status["script"]), 60)  # it was tried again, and served
    service.cancel(task)
    assert begun["degraded"] == []
    waits = gaps(providers.record.asked("anthropic.messages"))
    assert waits[0] >= 10, "an empty account was asked again at once"


def test_a_film_goes_on_where_a_wrong_key_stopped_it(service: Service, providers: StandIn) -> None:
    providers.plan("kie.generate", *[BAD_KIE_KEY] * 6)
    status = make(service, "A film about doors")
    assert (status["status"], status["error"]["code"], status["error"]["provider"]) == ("failed", "provider_auth", "kie")
    assert len(providers.record.asked("kie.generate")) <= 4, "those that were under way together, no more"
    providers.plan("kie.generate")
    providers.plan("fal.submit", *[BAD_FAL_KEY] * 6)
    service.retry(status["taskId"])
    status = service.wait(status["taskId"], 90)
    assert (status["status"], status["error"]["code"], status["error"]["provider"]) == ("failed", "provider_auth", "fal")
    assert len(providers.record.asked("fal.submit")) == 1, "the other clips would meet the same key"
    providers.plan("fal.submit")
    service.retry(status["taskId"])
    assert_whole(service.wait(status["taskId"], 90), providers)
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)


def test_a_lost_answer_is_made_good_by_the_callback(service: Service, providers: StandIn) -> None:
    providers.plan("kie.generate", None, LOST_ANSWER)
    providers.plan("fal.submit", LOST_ANSWER)
    assert_whole(make(service, "A film about letters"), providers)
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)


def test_a_lost_clip_without_a_callback_is_found_in_the_history(service: Service, providers: StandIn) -> None:
    providers.behave(fal_callbacks=())
    providers.plan("fal.submit", None, LOST_ANSWER)
    assert_whole(make(service, "A film about lost property"), providers)
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)
    assert providers.record.asked("fal.history")


def test_a_lost_answer_without_a_callback_is_never_sent_again(service: Service, providers: StandIn) -> None:
    providers.behave(kie_callbacks=(), fal_callbacks=(), fal_history=False)
    providers.plan("kie.generate", None, LOST_ANSWER)
    providers.plan("fal.submit", None, LOST_ANSWER)
    began = time.monotonic()
    status = make(service, "A film about bottles in the sea")
    assert time.monotonic() - began < 60
    assert [item["stage"] for item in status["degraded"]] == ["visual"]
    assert (status["status"], status["error"]["code"], status["error"]["shots"]) == ("partial", "clips_missing", [2])
    assert status["videoUrl"]
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)
    assert providers.record.violations == []
    assert providers.record.duplicates() == []


def test_a_clip_that_fails_later_is_made_anew_once_or_left_out(service: Service, providers: StandIn) -> None:
    refused = {"detail": [{"loc": ["body", "prompt"], "msg": "no", "type": "content_policy_violation"}]}
    providers.plan("fal.submit", Fault(late_error="runner_disconnected"))
    withheld = Fault(500, {"detail": "x", "error_type": "runner_server_error"})
    providers.plan("fal.result", Fault(422, refused), *[withheld] * 10)
    status = make(service, "A film about second chances")
    assert (status["status"], len(status["error"]["shots"])) == ("partial", 2)
    assert len(providers.record.bought("fal")) == 7, "what was made and is withheld is not bought again"
    assert len(providers.record.duplicates()) == 1
    assert providers.record.violations == []


@pytest.mark.slow
def test_without_callbacks_and_with_an_origin_added_later(
    servers: Servers, dsn: str, providers: StandIn, tmp_path: Path,
) -> None:
    providers.behave(media_elsewhere=True, odd_media=True, fal_response_suffix=True)
    env = {**providers.environment(), "MEDIA_TRUSTED_ORIGINS": providers.origins[0],
           "FAL_KLING_ENDPOINT": "fal-ai/kling-video/v3/pro/image-to-video"}
    wishes = ServiceWishes(env, callbacks=False)
    service = Service(tmp_path, dsn, servers.redis_url(), providers, wishes)  # type: ignore[arg-type]
    service.start()
    try:
        status = make(service, "Un video verticale sul mare")
        assert (status["status"], status["error"]["code"]) == ("failed", "media_untrusted_origin")
        assert providers.origins[1] in status["error"]["message"]
        service.stop()
        service.env["MEDIA_TRUSTED_ORIGINS"] = ",".join(providers.origins)
        service.start()
        service.retry(status["taskId"])
        status = service.wait(status["taskId"], 90)
    finally:
        service.stop()
    assert_whole(status, providers)
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)
    assert providers.record.callback_answers == []


@pytest.mark.slow
def test_four_films_at_once_keep_the_pace(service: Service, providers: StandIn) -> None:
    providers.behave(kie_seconds=0.1, kie_callbacks=("early", "doubled"))
    tasks = [service.create(f"A film about the river number {number}", user=f"r{number}")["taskId"] for number in range(4)]
    for task in tasks:
        until_step(service, task, "video")
        fetch("POST", f"{service.url}/api/orchestrator/cancel/{task}", {})  # may come too late, which is no matter
    assert len(providers.record.bought("kie")) == 24
    assert providers.record.violations == []
    assert providers.record.duplicates() == []


@pytest.mark.parametrize("version", sorted(ENDPOINTS))
def test_each_kling_endpoint_gets_the_input_it_knows(providers: StandIn, version: str) -> None:
    endpoint = f"fal-ai/kling-video/{version}/image-to-video"
    env = providers.environment()
    fal = Fal(SecretStr(env["FAL_KEY"]), env["FAL_QUEUE_URL"], env["FAL_JWKS_URL"], 10)
    picture = providers.add_picture("start.jpeg")
    wish = ClipRequest(endpoint=endpoint, prompt="slow push-in", seconds=5, aspect_ratio="16:9", image_url=picture)
    accepted = fal.submit(endpoint, fal.fields(wish), None)
    deadline = time.monotonic() + 10
    while not (seen := fal.poll(endpoint, accepted.provider_id, accepted.handles)).done:
        assert seen.error is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert providers.record.violations == []

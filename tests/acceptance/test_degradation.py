"""What fails for good is made simpler, left out or offered anew, and the answer says so."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ..harness import Sandbox, Service, ask, fetch
from .looking import film_of, no_pictures, roles

# What tells the agents apart in a request to Claude: the schema of the answer that is wanted.
WRITER, DIRECTOR, ORCHESTRATOR = (f'"{field}": {{"type"' for field in ("logline", "shots", "intent"))


def claude_fails(sandbox: Sandbox, agent: str, fault: str, **more: Any) -> None:
    """Every request of one agent goes wrong."""
    sandbox.fault({
        "provider": "anthropic", "operation": "messages", "match": agent.replace("{", r"\{"), "fault": fault, "times": None,
        **more})


def film(service: Service, message: str) -> dict[str, Any]:
    """The end of a film."""
    return service.wait(service.create(message)["taskId"])


def planned(service: Service, message: str) -> dict[str, Any]:
    """A film that is far enough to show its shots."""
    return service.wait_until(service.create(message)["taskId"], lambda status: bool(status["shots"]))


def test_without_a_writer_a_template_script_uses_the_message(shared: Service, sandbox: Sandbox) -> None:
    claude_fails(sandbox, WRITER, "refusal")
    end = film(shared, "Voglio un video di 10 secondi sul gelato al pistacchio")
    assert end["status"] == "completed"
    (said,) = end["degraded"]
    assert said["stage"] == "script"
    assert "template" in said["what"]
    assert said["reason"]
    assert "gelato al pistacchio" in json.dumps(end["script"], ensure_ascii=False).lower()
    assert sum(beat["seconds"] for beat in end["script"]["beats"]) == 10
    assert film_of(shared, end).seconds == pytest.approx(10, rel=0.02)


def test_without_a_director_the_storyboard_has_three_frames(shared: Service, sandbox: Sandbox) -> None:
    claude_fails(sandbox, DIRECTOR, "status", status=400)
    end = film(shared, "Voglio un video di 15 secondi sul gelato")
    assert end["status"] == "completed"
    (said,) = end["degraded"]
    assert (said["stage"], "3 frames" in said["what"]) == ("storyboard", True)
    assert [shot["seconds"] for shot in end["shots"]] == [5, 5, 5]
    assert film_of(shared, end).seconds == pytest.approx(15, rel=0.02)


def test_three_frames_are_enough_for_thirty_seconds(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    claude_fails(sandbox, DIRECTOR, "max_tokens")
    shots = planned(shared, "Voglio un video di 30 secondi sul gelato")["shots"]
    assert [shot["seconds"] for shot in shots] == [10, 10, 10]


def test_without_an_orchestrator_the_brief_is_read_from_the_message(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    claude_fails(sandbox, ORCHESTRATOR, "malformed")
    begun = planned(shared, "Voglio un video verticale di 10 secondi sul gelato")
    assert begun["degraded"][0]["stage"] == "context"
    assert begun["degraded"][0]["what"]
    brief = begun["brief"]
    assert (brief["language"], brief["aspectRatio"], brief["durationSeconds"]) == ("it", "9:16", 10)
    assert "gelato" in json.dumps(begun["script"], ensure_ascii=False).lower()


def test_passing_trouble_of_claude_is_waited_out(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    for fault in ({"fault": "status", "status": 529}, {"fault": "reset"}):
        sandbox.fault({"provider": "anthropic", "operation": "messages", "times": 1, **fault})
    assert planned(shared, "Voglio un video di 5 secondi sul gelato")["degraded"] == []


def test_a_picture_that_fails_for_good_is_lent_by_its_neighbour(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({
        "provider": "kie", "operation": "submit", "match": "end frame", "fault": "fail_job", "times": None})
    end = film(shared, "Voglio un video di 15 secondi sul gelato")
    assert end["status"] == "completed"
    (said,) = end["degraded"]
    assert said["stage"] == "visual"
    assert said["what"] == "shot 3 uses the picture of shot 2"
    assert said["reason"]
    last = end["shots"][2]
    assert (last["picture"]["state"], last["picture"]["lentByShot"]) == ("failed", 2)
    assert last["pictureUrl"] == end["shots"][1]["pictureUrl"]
    assert last["clip"]["state"] == "done"
    assert film_of(shared, end).seconds == pytest.approx(15, rel=0.02)
    assert len(sandbox.sold("kie")) == 4, "a task that failed at Midjourney is asked for once more, and only once"


def test_without_pictures_the_film_stops_with_an_offer_and_goes_on_with_one(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "status", "status": 422, "times": None})
    stopped = film(shared, "Voglio un video di 10 secondi sul gelato")
    assert (stopped["status"], stopped["videoUrl"]) == ("failed", None)
    assert (stopped["error"]["code"], stopped["error"]["stage"]) == ("visual_failed", "visual")
    assert "refine" in stopped["error"]["nextStep"]
    assert len(stopped["offer"]) >= 2
    assert all(offer["key"] and offer["label"] and offer["style"] != stopped["style"] for offer in stopped["offer"])
    assert sandbox.sold("fal") == []

    sandbox.reset()
    chosen = stopped["offer"][1]
    end = shared.wait(shared.refine(stopped["projectId"], "style", chosen["key"])["taskId"])
    assert end["status"] == "completed"
    assert roles(sandbox) == [], "the text stages were there already"
    assert (end["brief"]["title"], end["script"]) == (stopped["brief"]["title"], stopped["script"])
    assert end["style"] == chosen["style"]
    assert film_of(shared, end).seconds == pytest.approx(10, rel=0.02)


def test_a_missing_clip_makes_the_film_partial_and_a_retry_makes_only_that_clip(
    shared: Service, sandbox: Sandbox,
) -> None:
    # Clips are made one after another, so the second to be submitted is that of the second shot.
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "fail_job", "after": 1, "times": 1})
    partial = film(shared, "Voglio un video di 15 secondi sul gelato")
    assert partial["status"] == "partial"
    assert (partial["error"]["code"], partial["error"]["shots"]) == ("clips_missing", [2])
    assert "retry" in partial["error"]["nextStep"]
    assert [shot["clip"]["state"] for shot in partial["shots"]] == ["done", "failed", "done"]
    assert film_of(shared, partial).seconds == pytest.approx(10, rel=0.02)

    sandbox.reset()
    shared.retry(partial["taskId"])
    end = shared.wait(partial["taskId"])
    assert (end["status"], end["error"], end["progress"]) == ("completed", None, 100)
    assert len(sandbox.sold("fal")) == 1
    assert sandbox.sold("kie") == []
    assert roles(sandbox) == []
    assert [shot["clipUrl"] for shot in end["shots"]][::2] == [shot["clipUrl"] for shot in partial["shots"]][::2]
    assert film_of(shared, end).seconds == pytest.approx(15, rel=0.02)
    code, _, _ = fetch("POST", f"{shared.url}/api/orchestrator/retry/{end['taskId']}", b"")
    assert code == 409, "nothing is missing any more"


def test_without_any_clip_the_pictures_are_kept_for_a_retry(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "status", "status": 422, "times": None})
    failed = film(shared, "Voglio un video di 5 secondi sul gelato")
    assert (failed["status"], failed["videoUrl"], failed["error"]["stage"]) == ("failed", None, "video")
    assert failed["shots"][0]["pictureUrl"]
    sandbox.reset()
    shared.retry(failed["taskId"])
    end = shared.wait(failed["taskId"])
    assert end["status"] == "completed"
    assert (len(sandbox.sold("kie")), len(sandbox.sold("fal"))) == (0, 1)


def test_a_refused_key_stops_the_film_before_it_costs_anything(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "anthropic", "operation": "messages", "fault": "status", "status": 401, "times": None})
    failed = film(shared, "Voglio un video di 10 secondi sul gelato")
    assert (failed["status"], failed["error"]["code"]) == ("failed", "provider_auth")
    assert len(sandbox.requests("anthropic")) == 1
    assert sandbox.sold("kie") == []


def test_without_embeddings_the_film_is_made_and_remembered_later(shared: Service, sandbox: Sandbox) -> None:
    down = {"provider": "openai", "operation": "embeddings", "fault": "status", "status": 401}
    sandbox.fault({**down, "times": None})
    task = shared.create("Voglio un video di 5 secondi sul gelato alla fragola", "nina")["taskId"]
    begun = shared.wait_until(task, lambda status: bool(status["brief"]))
    assert begun["degraded"][0]["stage"] == "context"
    assert begun["degraded"][0]["what"] == "past films were not searched"
    ask("DELETE", f"{sandbox.url}/faults")
    sandbox.fault({**down, "times": 1})  # also when the film is to be remembered at its end
    end = shared.wait(task)
    assert end["status"] == "completed"
    until = time.monotonic() + 20
    while not any(line["status"] == 200 for line in sandbox.requests("openai")):
        assert time.monotonic() < until, "the film was never remembered"
        time.sleep(0.1)
    no_pictures(sandbox)
    second = shared.wait_until(
        shared.create("Voglio un video sul gelato alla fragola come l'altra volta", "nina")["taskId"],
        lambda status: bool(status["brief"]))
    assert [match["projectId"] for match in second["context"]["matches"] if match["used"]] == [end["projectId"]]

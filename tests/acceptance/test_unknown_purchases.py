"""A purchase whose answer was lost, with nobody to tell of it: a person settles it, and the film becomes complete."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..harness import Sandbox, Servers, Service, ServiceWishes, fetch
from .conftest import cancel_open_tasks
from .looking import film_of
from .test_cli import aida

MESSAGE = "Voglio un video di 10 secondi sulle olive"


@pytest.fixture(scope="module")
def alone(servers: Servers, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that nobody calls back, and that does not wait long for what is lost."""
    dsn = servers.migrated_database()
    wishes = ServiceWishes({"UNKNOWN_WAIT_SECONDS": "1"}, callbacks=False)
    running = Service(tmp_path_factory.mktemp("alone"), dsn, servers.redis_url(), sandbox_process, wishes)
    running.start()
    yield running
    running.stop()
    servers.drop(dsn)


@pytest.fixture
def service(alone: Service, sandbox: Sandbox) -> Iterator[Service]:
    """The same, with a sandbox that tells nobody what was asked of it."""
    sandbox.fault({"provider": "fal", "operation": "history", "fault": "status", "status": 403, "times": None})
    yield alone
    cancel_open_tasks(alone)


def lost(service: Service, sandbox: Sandbox, provider: str, fault: str) -> dict[str, Any]:
    """A film that ended as the second answer of this provider was lost, and that says so."""
    sandbox.fault({"provider": provider, "operation": "submit", "after": 1, "fault": fault, "times": 1})
    ended = service.wait(service.create(MESSAGE)["taskId"])
    assert ended["status"] == ("failed" if provider == "kie" else "partial")
    (purchase,) = ended["unknownPurchases"]
    assert purchase["provider"] == provider
    assert "aida jobs resolve" in ended["error"]["nextStep"]
    return ended


def resolve(service: Service, job: str, bought: str | bool) -> tuple[int, dict[str, Any]]:
    """POST resolve: status and body."""
    code, _, raw = fetch("POST", f"{service.url}/api/orchestrator/jobs/{job}/resolve", {"bought": bought})
    return code, json.loads(raw)


def completed(service: Service, sandbox: Sandbox, task: str) -> dict[str, Any]:
    """The end of the film: whole, and each picture and clip bought once."""
    end = service.wait(task)
    assert (end["status"], end["error"], end["unknownPurchases"]) == ("completed", None, [])
    assert film_of(service, end).seconds == pytest.approx(10, rel=0.02)
    totals = sandbox.ledger()["totals"]
    assert (totals["kie"], totals["fal"]) == ({"sold": 2, "duplicates": 0}, {"sold": 2, "duplicates": 0})
    parts = end["cost"]["byComponent"]
    assert (parts["midjourney"]["apiCalls"], parts["kling"]["apiCalls"]) == (2, 2)
    return end


def test_a_clip_that_was_bought_is_fetched_when_a_person_names_its_id(
    service: Service, sandbox: Sandbox, tmp_path: Path,
) -> None:
    ended = lost(service, sandbox, "fal", "reset_after")
    (purchase,) = ended["unknownPurchases"]
    shown = aida(tmp_path, service.url, "jobs", "--unknown", "--task", ended["taskId"])
    assert (shown.returncode, shown.stderr) == (0, "")
    for words in (ended["taskId"], "held for a person", f"aida jobs resolve {purchase['jobId']} --bought"):
        assert words in shown.stdout
    first, second = sandbox.sold("fal")
    wrong = aida(tmp_path, service.url, "jobs", "resolve", purchase["jobId"], "--bought", first["id"])
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "another job of ours" in wrong.stderr
    assert service.status(ended["taskId"])["status"] == "partial"

    said = aida(tmp_path, service.url, "jobs", "resolve", purchase["jobId"], "--bought", second["id"])
    assert said.returncode == 0, said.stderr
    assert second["id"] in said.stdout
    completed(service, sandbox, ended["taskId"])
    again = aida(tmp_path, service.url, "jobs", "resolve", purchase["jobId"], "--bought", second["id"])
    assert (again.returncode, again.stdout) == (0, said.stdout)
    assert aida(tmp_path, service.url, "jobs", "--unknown", "--task", ended["taskId"]).stdout == ""


def test_a_clip_that_was_not_bought_is_sent_once_more(service: Service, sandbox: Sandbox, tmp_path: Path) -> None:
    ended = lost(service, sandbox, "fal", "reset")
    assert len(sandbox.sold("fal")) == 1
    listed = aida(tmp_path, service.url, "jobs", "--unknown", "--json")
    (job,) = [job["jobId"] for job in json.loads(listed.stdout)["jobs"] if job["taskId"] == ended["taskId"]]
    for _ in range(2):
        said = aida(tmp_path, service.url, "jobs", "resolve", job, "--not-bought")
        assert (said.returncode, "sent once more" in said.stdout) == (0, True), said.stderr
    completed(service, sandbox, ended["taskId"])
    other = aida(tmp_path, service.url, "jobs", "resolve", job, "--bought", sandbox.sold("fal")[0]["id"])
    assert (other.returncode, "not in doubt" in other.stderr) == (1, True)


@pytest.mark.parametrize("fault", ["reset_after", "reset"])
def test_a_picture_is_settled_by_a_word_too(service: Service, sandbox: Sandbox, fault: str) -> None:
    ended = lost(service, sandbox, "kie", fault)
    (purchase,) = ended["unknownPurchases"]
    job, other = purchase["jobId"], sandbox.sold("kie")[0]["id"]
    assert resolve(service, job, "never-heard-of")[0] == resolve(service, job, other)[0] == 409
    bought = sandbox.sold("kie")[1]["id"] if fault == "reset_after" else False
    first = resolve(service, job, bought)
    assert first[0] == 200
    assert resolve(service, job, bought) == first
    completed(service, sandbox, ended["taskId"])


def test_a_clip_whose_answer_was_lost_is_found_in_the_history_without_any_person(
    start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    service = start_service(callbacks=False)
    sandbox.fault({"provider": "fal", "operation": "submit", "after": 1, "fault": "reset_after", "times": 1})
    completed(service, sandbox, str(service.create(MESSAGE)["taskId"]))
    assert 0 in [line["status"] for line in sandbox.requests("fal", "submit")], "no answer was lost"
    assert sandbox.requests("fal", "history")


@pytest.mark.slow
def test_a_clip_that_is_found_after_its_film_ended_is_there_for_a_retry(
    start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    service = start_service(callbacks=False, env={"UNKNOWN_WAIT_SECONDS": "0"})
    # On a slow machine the history would be quicker than the end of the film: its first answer is trouble, and it rests.
    sandbox.fault({"provider": "fal", "operation": "history", "fault": "status", "status": 503, "times": 1})
    ended = lost(service, sandbox, "fal", "reset_after")
    task = ended["taskId"]
    kept = service.wait_until(task, lambda status: [shot["clip"]["state"] for shot in status["shots"]] == ["done", "done"])
    assert (kept["status"], kept["unknownPurchases"]) == ("partial", [])
    service.retry(task)
    completed(service, sandbox, task)


def test_a_film_that_still_waits_for_a_callback_goes_on_at_a_persons_word(shared: Service, sandbox: Sandbox) -> None:
    for provider in ("kie", "fal"):
        sandbox.fault({"provider": provider, "operation": "callback", "fault": "drop", "times": None})
    sandbox.fault({"provider": "kie", "operation": "submit", "match": "end frame", "fault": "reset_after", "times": 1})
    task = str(shared.create(MESSAGE)["taskId"])
    shared.wait_until(task, lambda status: status["waitingFor"] == "unknownPurchase")
    code, _, raw = shared.get(f"/api/orchestrator/jobs?unknown=true&taskId={task}")
    (job,) = json.loads(raw)["jobs"]
    assert (code, job["state"], job["heldForPerson"]) == (200, "unknown", False)
    (bought,) = [line["id"] for line in sandbox.sold("kie") if job["prompt"][:60] in line["request"]["prompt"]]
    assert resolve(shared, job["jobId"], bought)[0] == 200
    completed(shared, sandbox, task)


@pytest.mark.slow
def test_a_cancelled_film_buys_nothing_more_and_keeps_what_was_bought(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "kie", "operation": "callback", "fault": "drop", "times": None})
    for fault in ("reset_after", "reset"):
        sandbox.fault({"provider": "kie", "operation": "submit", "fault": fault, "times": 1})
    task = str(shared.create(MESSAGE)["taskId"])
    shared.wait_until(task, lambda status: [shot["picture"]["state"] for shot in status["shots"]] == ["unknown"] * 2)
    shared.cancel(task)
    found = json.loads(shared.get(f"/api/orchestrator/jobs?unknown=true&taskId={task}")[2])["jobs"]
    (line,) = sandbox.sold("kie")
    bought = next(job for job in found if job["prompt"][:200] in line["request"]["prompt"])
    other = next(job for job in found if job is not bought)
    assert resolve(shared, bought["jobId"], line["id"])[1]["filmGoesOn"] is False
    assert resolve(shared, other["jobId"], False)[1]["state"] == "settled"
    kept = shared.wait_until(task, lambda status: bool(status["shots"][bought["shot"] - 1]["pictureUrl"]))
    assert kept["status"] == "cancelled"
    assert kept["shots"][other["shot"] - 1]["picture"]["error"]["code"] == "not_bought"
    assert len(sandbox.sold("kie")) == 1
    assert len(sandbox.requests("kie", "submit")) == 2

"""`aida jobs` against a small HTTP server that answers what the test says."""

from __future__ import annotations

import json

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator.cli import main

JOBS = "/api/orchestrator/jobs"
HELD = {
    "jobId": "job_1", "taskId": "task_1", "projectId": "proj_1", "shot": 3, "kind": "clip", "provider": "fal",
    "state": "settled", "outcome": "lost", "heldForPerson": True, "sentAt": "2026-12-01T12:00:00.000Z",
    "prompt": "slow\x1b[31m push in", "providerId": None, "whatToDo": "Look in fal's request history; then say it.",
}
OPEN = {**HELD, "jobId": "job_22", "state": "queued", "outcome": None, "heldForPerson": False, "sentAt": None,
        "whatToDo": None}
SETTLED = {"jobId": "job_1", "taskId": "task_1", "bought": "id-7", "state": "running", "filmGoesOn": True}


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("AIDA_URL", httpserver.url_for(""))
    return httpserver


def test_jobs_in_doubt_are_a_table_with_what_to_do(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(JOBS, query_string={"unknown": "true", "limit": "200", "taskId": "task_1"}).respond_with_json(
        {"jobs": [HELD, OPEN], "nextCursor": None})
    assert main(["jobs", "--unknown", "--task", "task_1"]) == 0
    head, held, prompt, todo, other = capsys.readouterr().out.splitlines()
    assert head.split() == ["JOB", "FILM", "SHOT", "KIND", "PROVIDER", "SENT", "AT", "STATE"]
    assert held.split("  ")[0] == "job_1"
    assert "held for a person" in held
    assert "2026-12-01 12:00:00.000Z" in held
    assert head.index("STATE") == held.index("held for") == other.index("queued")
    assert prompt.strip() == "prompt: slow [31m push in"
    assert todo.strip() == HELD["whatToDo"]
    assert "not yet" in other


def test_all_pages_are_read(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(JOBS, query_string={"unknown": "false", "limit": "200"}).respond_with_json(
        {"jobs": [OPEN], "nextCursor": "c+1"})
    service.expect_request(JOBS, query_string={"unknown": "false", "limit": "200", "cursor": "c+1"}).respond_with_json(
        {"jobs": [HELD], "nextCursor": None})
    assert main(["jobs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"jobs": [OPEN, HELD]}


@pytest.mark.parametrize(("words", "said"), [(["jobs"], "no job is open"), (["jobs", "--unknown"], "no job is in doubt")])
def test_no_job_is_said_beside_an_empty_output(
    service: HTTPServer, capsys: pytest.CaptureFixture[str], words: list[str], said: str,
) -> None:
    service.expect_request(JOBS).respond_with_json({"jobs": [], "nextCursor": None})
    assert main(words) == 0
    shown = capsys.readouterr()
    assert (shown.out, said in shown.err) == ("", True)


@pytest.mark.parametrize(("words", "body", "answer", "said"), [
    (["--bought", " id-7 "], {"bought": "id-7"}, SETTLED, "job_1: bought as id-7, it is being fetched"),
    (["--not-bought"], {"bought": False}, {**SETTLED, "bought": False, "state": "queued"},
     "job_1: not bought, it is sent once more"),
    (["--not-bought"], {"bought": False}, {**SETTLED, "bought": False, "state": "settled", "filmGoesOn": False},
     "job_1: not bought, and not needed any more")])
def test_a_persons_word_is_sent_and_what_was_made_of_it_is_printed(
    service: HTTPServer, capsys: pytest.CaptureFixture[str], words: list[str], body: object, answer: dict[str, object],
    said: str,
) -> None:
    service.expect_request(f"{JOBS}/job_1/resolve", method="POST", json=body).respond_with_json(answer)
    assert main(["jobs", "resolve", "job_1", *words]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [said]
    assert ("aida status task_1" in shown.err) is answer["filmGoesOn"]


def test_a_refusal_is_told_in_words(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(f"{JOBS}/job_1/resolve", method="POST").respond_with_json(
        {"title": "Conflict", "detail": "fal.ai knows no request 'x'"}, status=409)
    assert main(["jobs", "resolve", "job_1", "--bought", "x"]) == 1
    assert capsys.readouterr().err.splitlines() == ["Conflict (409)", "  fal.ai knows no request 'x'"]


@pytest.mark.parametrize("words", [
    ["job_1"], ["job_1", "--bought"], ["job_1", "--bought", " "], ["job_1", "--bought", "x", "--not-bought"],
    ["--not-bought"]])
def test_exactly_one_word_must_be_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["jobs", "resolve", *words])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_status_of_a_film_names_its_purchases_in_doubt(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_request("/api/orchestrator/status/task_1").respond_with_json({
        "taskId": "task_1", "projectId": "proj_1", "status": "partial", "progress": 90, "unknownPurchases": [
            {"jobId": "job_1", "shot": 3, "kind": "clip", "provider": "fal", "sentAt": "2026-12-01T12:00:00.000Z"}]})
    assert main(["status", "task_1"]) == 0
    assert "in doubt: the clip of shot 3, sent to fal at 2026-12-01T12:00:00.000Z: job_1" in capsys.readouterr().out

"""The command line against a small HTTP server that answers what the test says."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator.cli import main
from aida_orchestrator.cli.client import ApiError, Client, Unreachable
from aida_orchestrator.cli.commands import film_name
from aida_orchestrator.cli.progress import PlainLines, wait_for_film

TASK = "task_1"
QUEUED = {"taskId": TASK, "projectId": "proj_1", "status": "queued", "videoUrl": None, "progress": 0}
HALF = {
    **QUEUED, "status": "processing", "currentStep": "visual", "progress": 55,
    "steps": [{"stage": "context", "state": "done"}, {"stage": "visual", "state": "running", "done": 2, "total": 6}],
}
DONE = {
    **HALF, "status": "completed", "progress": 100, "videoUrl": "/media/film.mp4",
    "cost": {"tokens": 1200, "dollars": 2.5},
    "degraded": [{"stage": "script", "reason": "provider_unavailable", "what": "template script"}],
}
FAILED = {**HALF, "status": "failed", "error": {"code": "provider_auth", "message": "KIE refused the key"}}


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("AIDA_URL", httpserver.url_for(""))
    return httpserver


def expect_film(service: HTTPServer, *states: dict[str, object]) -> None:
    created = service.expect_ordered_request("/api/orchestrator/create-video", method="POST")
    created.respond_with_json(QUEUED, status=202)
    for state in states:
        service.expect_ordered_request(f"/api/orchestrator/status/{TASK}").respond_with_json(state)
    service.expect_ordered_request("/media/film.mp4").respond_with_data(b"film", content_type="video/mp4")


def test_create_waits_for_the_film_and_prints_its_address_last(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    expect_film(service, HALF, DONE)
    assert main(["create", "Voglio un video food come l'altra volta", "--user", "anna"]) == 0
    sent = json.loads(service.log[0][0].get_data())
    assert sent == {"userId": "anna", "message": "Voglio un video food come l'altra volta"}
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [service.url_for("/media/film.mp4")]
    assert "visual     running 2/6" in shown.err
    assert "simplified: script: template script (provider_unavailable)" in shown.err
    assert "2.50 dollars" in shown.err


def test_create_saves_the_film_where_it_is_told(
    service: HTTPServer, capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:
    expect_film(service, DONE)
    assert main(["create", "L'acqua, sì!", "--save", str(tmp_path)]) == 0
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert path == tmp_path / f"l-acqua-si-{TASK}.mp4"
    assert path.read_bytes() == b"film"
    assert list(tmp_path.iterdir()) == [path]


def test_create_without_waiting_prints_the_task(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    expect_film(service)
    assert main(["create", "x", "--no-wait", "--project", "proj_9", "--campaign", "camp_9"]) == 0
    body = json.loads(service.log[0][0].get_data())
    assert (body["projectId"], body["campaignId"]) == ("proj_9", "camp_9")
    assert capsys.readouterr().out == f"{TASK}\n"


def test_a_failed_film_is_told_with_its_reason_and_a_bad_exit_code(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    expect_film(service, FAILED)
    assert main(["create", "x"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "provider_auth: KIE refused the key" in shown.err


def test_a_refusal_is_printed_with_title_detail_and_pointers(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    problem = {
        "title": "A value is wrong", "status": 422, "detail": "see the pointers",
        "errors": [{"pointer": "/message", "detail": "too long"}],
    }
    service.expect_request("/api/orchestrator/create-video").respond_with_json(
        problem, status=422, content_type="application/problem+json")
    assert main(["create", "x"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == ["A value is wrong (422)", "  see the pointers", "  /message: too long"]


def test_refine_names_project_aspect_and_feedback(service: HTTPServer) -> None:
    service.expect_request("/api/orchestrator/refine/proj_1", method="POST").respond_with_json(QUEUED, status=202)
    assert main(["refine", "proj_1", "--aspect", "style", "più caldo", "--user", "anna", "--no-wait"]) == 0
    assert json.loads(service.log[0][0].get_data()) == {
        "userId": "anna", "feedback": "più caldo", "aspectToRefine": "style",
    }


def test_status_as_json_is_the_whole_answer(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(f"/api/orchestrator/status/{TASK}").respond_with_json(DONE)
    assert main(["status", TASK, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == DONE


def test_cancel_and_retry_ask_for_their_task(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request(f"/api/orchestrator/cancel/{TASK}", method="POST").respond_with_json(
        {**HALF, "status": "cancelled"}, status=202)
    service.expect_request(f"/api/orchestrator/retry/{TASK}", method="POST").respond_with_json(QUEUED, status=202)
    assert main(["cancel", TASK]) == 0
    assert main(["retry", TASK, "--no-wait"]) == 0
    assert capsys.readouterr().out == f"{TASK}: cancelled\n{TASK}\n"


def test_nobody_there_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AIDA_URL", "http://127.0.0.1:9")
    assert main(["status", TASK]) == 1
    assert "start it with `aida up`" in capsys.readouterr().err


def test_waiting_goes_on_while_the_service_restarts_but_not_after_a_refusal(service: HTTPServer) -> None:
    path = f"/api/orchestrator/status/{TASK}"
    service.expect_ordered_request(path).respond_with_data("down", status=503)
    service.expect_ordered_request(path).respond_with_json(DONE)
    service.expect_ordered_request(path).respond_with_json({"title": "No such task"}, status=404)
    client = Client(service.url_for(""))
    assert wait_for_film(client, TASK, PlainLines(), pause=0.01)["status"] == "completed"
    with pytest.raises(ApiError, match="No such task"):
        wait_for_film(client, TASK, PlainLines(), pause=0.01)


def test_a_film_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def answer_half(server: socket.socket) -> None:
        caller, _ = server.accept()
        with caller:
            caller.recv(4096)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhalf")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_half, args=(server,), daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Unreachable, match="broke off after 4 of 400 bytes"):
            Client(address).download(f"{address}/film", tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("words", "name"), [
    ("Voglio un video food come l'altra volta", "voglio-un-video-food-come-l-altra-volta-task_1.mp4"),
    ("../../etc/passwd", "etc-passwd-task_1.mp4"),
    ("日本", "film-task_1.mp4"),
])
def test_a_film_is_named_after_the_message(words: str, name: str) -> None:
    assert film_name(words, TASK) == name


def test_status_loads_neither_the_settings_nor_the_bars() -> None:
    code = (
        "import sys; import aida_orchestrator.cli; "
        "print([m for m in ('rich', 'pydantic', 'psycopg2', 'celery', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

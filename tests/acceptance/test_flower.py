"""The dashboard as the Procfile starts it: behind a login, on loopback, one family of messages a film."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.local.processes import free_port

from ..harness import ROOT, Service, fetch

LOGIN = "operator:a-password-of-the-test"


def procfile_line(name: str) -> str:
    """The command of one process type."""
    found = re.search(rf"^{name}: (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    assert found
    return found[1]


def start(service: Service, folder: Path, **env: str) -> subprocess.Popen[bytes]:
    """Run the Procfile's line as a process manager would; the commands are those of this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{service.env['PATH']}"
    with open(folder / "flower.log", "wb") as log:
        return subprocess.Popen(["/bin/sh", "-c", procfile_line("flower")], cwd=folder, stdout=log, stderr=log,
                                env={**service.env, "PATH": path, **env})


class Flower:
    """A running dashboard, asked with or without the login."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, login: str | None = LOGIN, method: str = "GET") -> tuple[int, Any]:
        headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
        code, given, raw = fetch(method, self.url + path, {} if method == "POST" else None, headers)
        return code, json.loads(raw) if "json" in given.get("Content-Type", "") else raw

    def wait(self, path: str, seconds: float = 40) -> Any:
        """The first answer that is not empty."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                code, answer = self.get(path)
            except OSError:
                code, answer = 0, None
            if code == 200 and answer:
                return answer
            time.sleep(0.2)
        pytest.fail(f"flower has nothing at {path}")


@pytest.fixture
def flower(shared: Service, tmp_path: Path) -> Iterator[Flower]:
    """Flower on a port of its own, once it knows the worker."""
    port = free_port()
    process = start(shared, tmp_path, FLOWER_BASIC_AUTH=LOGIN, FLOWER_PORT=str(port))
    try:
        running = Flower(port)
        running.wait("/api/workers?refresh=1")
        yield running
    finally:
        process.terminate()
        process.wait(20)


def test_flower_does_not_start_without_a_login(shared: Service, tmp_path: Path) -> None:
    process = start(shared, tmp_path)
    assert process.wait(20) != 0
    assert "FLOWER_BASIC_AUTH" in (tmp_path / "flower.log").read_text()


def test_flower_shows_a_films_messages_as_one_family_to_who_has_the_login(flower: Flower, shared: Service) -> None:
    for path in ("/", "/api/tasks", "/api/workers", "/tasks"):
        assert flower.get(path, login=None)[0] == 401, path
        assert flower.get(path, login="operator:wrong")[0] == 401, path

    film = shared.wait(shared.create("Voglio un video di 5 secondi sul lago")["taskId"])
    assert film["status"] == "completed"
    time.sleep(1)  # events travel behind the film
    everything = flower.get("/api/tasks?limit=500")[1]
    shown = {uuid: task for uuid, task in everything.items() if film["taskId"] in str(task["args"])}
    names = {task["name"] for task in shown.values()}
    # Further purchases and copies happen where a result is found; a message only would wait.
    assert {"film.context", "film.script", "film.storyboard", "film.visual", "film.video", "film.visual.submit"} <= names
    roots = {flower.get(f"/api/task/info/{uuid}")[1]["root_id"] for uuid in shown}
    assert len(roots) == 1, "one film is one family"
    assert {task["state"] for task in shown.values()} == {"SUCCESS"}


def celery(service: Service, *arguments: str) -> str:
    """Celery's own command, as the README has it."""
    done = subprocess.run([sys.executable, "-m", "celery", "-A", "celery_app", *arguments], cwd=service.folder,
                          env=service.env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def queues_by_worker(flower: Flower) -> dict[str, set[str]]:
    """What Flower tells of the workers at this moment."""
    told = flower.wait("/api/workers?refresh=1")
    return {name: {queue["name"] for queue in worker.get("active_queues") or []} for name, worker in told.items()}


def test_who_has_the_login_can_look_and_change_nothing(flower: Flower, shared: Service) -> None:
    name = next(iter(queues_by_worker(flower)))
    for path in (f"/api/worker/shutdown/{name}", f"/api/worker/queue/cancel-consumer/{name}?queue=video",
                 "/api/task/async-apply/film.context", "/api/task/revoke/some-message"):
        assert flower.get(path, method="POST")[0] == 403, path
    assert shared.is_alive("worker")
    assert "video" in queues_by_worker(flower)[name]


def test_a_queue_is_paused_and_a_stage_is_scaled_by_celerys_own_commands_and_flower_shows_it(
    flower: Flower, shared: Service,
) -> None:
    usual = next(iter(queues_by_worker(flower)))
    assert "ok" in celery(shared, "control", "-d", usual, "cancel_consumer", "script").lower()
    try:
        assert "script" not in queues_by_worker(flower)[usual]
        film = shared.create("Voglio un video di 5 secondi sul lago")["taskId"]
        shared.wait_until(film, lambda status: status["progress"] > 0 and status["waitingFor"] == "worker")

        shared.start_worker("worker-script", queues="script")
        try:
            shared.wait_until(film, lambda status: status["currentStep"] not in ("context", "script"))
            served = {queue for name, queues in queues_by_worker(flower).items() if name != usual for queue in queues}
            assert served == {"script"}
        finally:
            shared.end_worker("worker-script")
    finally:
        celery(shared, "control", "-d", usual, "add_consumer", "script")
    assert "script" in queues_by_worker(flower)[usual]

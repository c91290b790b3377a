"""`aida up` as somebody types it: started, started twice, killed, started again, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from aida_orchestrator.local.processes import free_port, identity
from tests.harness import ROOT, ask

pytestmark = pytest.mark.slow


class Up:
    """`aida up` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.env = {**kept, "PYTHONPATH": str(ROOT), "ORCHESTRATOR_PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
        self._runs: list[subprocess.Popen[bytes]] = []
        self._log = folder / "screen.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start and return when the first screen is there."""
        self._log.write_text("")
        run = self.command("up")
        deadline = time.monotonic() + 90
        while "Ctrl-C stops everything" not in self.screen():
            assert run.poll() is None, self.screen()
            assert time.monotonic() < deadline, self.screen()
            time.sleep(0.1)
        return run

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Any `aida` command here, its output on the screen."""
        argv = [sys.executable, "-m", "aida_orchestrator.cli", *words]
        with self._log.open("ab") as screen:
            run = subprocess.Popen(argv, cwd=self.folder, env=self.env, stdout=screen, stderr=screen)
        self._runs.append(run)
        return run

    def screen(self) -> str:
        """Everything printed since the last start."""
        return self._log.read_text(errors="replace")

    def children(self) -> dict[str, tuple[int, str]]:
        """Who runs, by name."""
        listed = json.loads((self.folder / ".aida" / "children.json").read_text())
        return {name: (child["pid"], child["who"]) for name, child in listed.items()}

    def end(self) -> None:
        """Kill what a failed test left; the children follow."""
        for run in self._runs:
            if run.poll() is None:
                run.terminate()
                run.wait(60)


@pytest.fixture
def up(server_folder: Path) -> Iterator[Up]:
    started = Up(server_folder)
    yield started
    started.end()


def living(children: dict[str, tuple[int, str]]) -> list[str]:
    return [name for name, (pid, who) in children.items() if identity(pid) == who]


def test_up_starts_everything_tells_where_and_stops_everything(up: Up) -> None:
    run = up.start()
    screen = up.screen()
    url = f"http://127.0.0.1:{up.env['ORCHESTRATOR_PORT']}"
    assert url in screen
    assert "SANDBOX: pictures and clips are simulated\n" in screen
    assert "login aida:" in screen
    assert ask("GET", f"{url}/health")
    note = dotenv_values(up.folder / ".aida" / "up.env")
    assert note["AIDA_URL"] == url
    children = up.children()
    assert set(children) == {"valkey", "postgres", "sandbox", "web", "worker", "beat", "flower"}

    second = up.command("up")
    assert second.wait(30) == 1
    assert f"`aida up` is already running in {up.folder}/.aida (process {run.pid})" in up.screen()
    assert living(children) == list(children)

    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 0
    assert living(children) == []
    assert not (up.folder / ".aida" / "up.env").exists()


def test_after_kill_minus_9_nothing_stays_in_the_way_and_a_dead_child_comes_back(up: Up) -> None:
    first = up.start()
    before = up.children()
    first.kill()
    first.wait()
    second = up.start()
    assert living(before) == []
    worker, _ = up.children()["worker"]
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while up.children()["worker"][0] == worker:
        assert time.monotonic() < deadline, "the worker was not started again"
        time.sleep(0.1)
    assert "worker ended with code -9, starting it again" in up.screen()
    second.terminate()
    assert second.wait(60) == 0


def test_a_taken_port_is_named_with_its_setting(up: Up) -> None:
    with socket.create_server(("127.0.0.1", int(up.env["ORCHESTRATOR_PORT"]))):
        assert up.command("up").wait(60) == 1
    assert "set ORCHESTRATOR_PORT to another" in up.screen()

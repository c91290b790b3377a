"""Children that die come back, children of a killed parent do not stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.local.processes import identity
from aida_orchestrator.local.supervisor import Program, Supervisor, stop_leftovers

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    running = Supervisor(tmp_path / "children.json", say=said.append)
    yield running
    running.hurry = True
    running.stop_all()


def program(name: str, argv: list[str], log: Path | None = None, grace: float = 5) -> Program:
    return Program(name, argv, {"PATH": os.environ["PATH"]}, log=log, grace=grace)


def until(reached: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_child_that_is_killed_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(program("nap", SLEEPER))
    first = supervisor.pid("nap")
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.tick() is None and supervisor.is_alive("nap") and supervisor.pid("nap") != first)  # type: ignore[func-returns-value]
    assert "nap ended with code -9" in said[0]


def test_a_child_that_cannot_stay_is_tried_at_growing_intervals(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervisor.start(program("fall", [sys.executable, "-c", "print('again')"], log))
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        supervisor.tick()
        time.sleep(0.01)
    assert 2 <= log.read_text().count("again") <= 4


def test_a_child_that_will_not_end_is_killed_after_its_grace(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervisor.start(program("mule", STUBBORN, log, grace=0.3))
    until(lambda: "up" in log.read_text())
    pid = supervisor.pid("mule")
    supervisor.stop("mule")
    assert identity(pid) is None


def test_waiting_for_a_child_that_falls_tells_the_end_of_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    falls = [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"]
    supervisor.start(program("fall", falls, tmp_path / "log"))
    with pytest.raises(SettingsError, match=r"fall ended with code 3(.|\n)*no such port"):
        supervisor.wait("fall", lambda: False, 10)


PARENT = """
import sys, time
from pathlib import Path
from aida_orchestrator.local.supervisor import Program, Supervisor
keeper = Supervisor(Path(sys.argv[1]))
keeper.start(Program("nap", [sys.executable, "-c", "import time; time.sleep(60)"], {}))
print(keeper.pid("nap"), flush=True)
time.sleep(60)
"""


def killed_parent(register: Path) -> int:
    """Start a parent with one child, kill -9 the parent; the child's number."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(register)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    return child


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start finds the leftovers")
def test_children_of_a_killed_parent_end_with_it(tmp_path: Path) -> None:
    child = killed_parent(tmp_path / "children.json")
    until(lambda: identity(child) is None)


def test_the_next_start_stops_what_is_left_and_nobody_else(tmp_path: Path, said: list[str]) -> None:
    left = subprocess.Popen(SLEEPER, start_new_session=True)
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    register = tmp_path / "children.json"
    register.write_text(
        f'{{"left": {{"pid": {left.pid}, "who": "{identity(left.pid)}", "signal": 15}},'
        f' "reused": {{"pid": {stranger.pid}, "who": "somebody-before", "signal": 15}}}}'
    )
    try:
        stop_leftovers(register, said.append)
        assert left.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
        assert said == ["stopping left of an earlier start"]
    finally:
        stranger.kill()
        stranger.wait()

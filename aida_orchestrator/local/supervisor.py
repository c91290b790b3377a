"""Keeps a handful of child programs alive: starts them, restarts those that die, stops them in reverse order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ..errors import SettingsError
from .processes import dies_with_parent, identity, kill_group, stop_process

LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """One child: how it is started and how it is asked to end.

    `log` takes its output; without one the lines go to the supervisor's `show`. `before` runs ahead of each start.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path | None = None
    log: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    user: tuple[int, int] | None = None
    before: Callable[[], None] | None = None


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    falls: int = 0
    next_start: float | None = None


class Supervisor:
    """Used from the main thread only; call `tick` a few times a second. `hurry` ends every grace.

    `register` is a file that lists the living children, so that the next start can end what a crash left.
    """

    def __init__(
        self, register: Path, show: Callable[[str, str], None] | None = None, say: Callable[[str], None] = print,
    ) -> None:
        self._register = register
        self._show = show or (lambda name, line: None)
        self._say = say
        self._children: dict[str, _Child] = {}
        self.hurry = False

    def start(self, program: Program) -> None:
        """Start a program and look after it from now on."""
        self._children[program.name] = _Child(program, self._spawn(program), time.monotonic())
        self._write_register()

    def tick(self) -> None:
        """Restart what has died: at once the first time, then after pauses that double up to 15 s."""
        now = time.monotonic()
        for child in self._children.values():
            if child.next_start is None and child.process.poll() is not None:
                self._note_fall(child, now)
            if child.next_start is not None and now >= child.next_start:
                child.process = self._spawn(child.program)
                child.started, child.next_start = now, None
                self._write_register()

    def wait(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready` says so; raises SettingsError with the end of its log if it falls or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            child = self._children[name]
            fell = child.process.poll() is not None
            if fell or time.monotonic() > deadline:
                why = f"ended with code {child.process.returncode}" if fell else f"is not ready after {seconds:.0f} s"
                raise SettingsError(f"{name} {why}{self._end_of_log(child.program)}")
            time.sleep(0.02)

    def is_alive(self, name: str) -> bool:
        """Whether the program runs at this moment."""
        child = self._children.get(name)
        return child is not None and child.process.poll() is None

    def pid(self, name: str) -> int:
        """The process number of the program as it runs now."""
        return self._children[name].process.pid

    def names(self, beginning: str = "") -> list[str]:
        """Who is looked after, in the order of their start."""
        return [name for name in self._children if name.startswith(beginning)]

    def stop(self, *names: str) -> None:
        """Ask these programs to end side by side, wait for each one's grace, then kill."""
        children = [self._children.pop(name) for name in names if name in self._children]
        if not children:
            return
        for child in children:
            if child.process.poll() is None:
                _signal(child.process.pid, child.program.stop_signal)
        started = time.monotonic()
        for child in children:
            while child.process.poll() is None:
                if self.hurry or time.monotonic() - started > child.program.grace:
                    self._say(f"{child.program.name} is still busy: killed")
                    kill_group(child.process.pid)
                    child.process.wait(5)
                time.sleep(0.02)
            kill_group_of_dead(child.process.pid)
        self._write_register()

    def stop_all(self) -> None:
        """End everything, the last started first."""
        for name in list(reversed(self._children)):
            self.stop(name)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        if program.before is not None:
            program.before()
        output: IO[bytes] | int = subprocess.PIPE
        if program.log is not None:
            program.log.parent.mkdir(parents=True, exist_ok=True)
            output = program.log.open("ab")
        user, group = program.user or (None, None)
        try:
            process = subprocess.Popen(
                list(program.argv), env=dict(program.env), cwd=program.cwd, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, user=user, group=group,
                extra_groups=[] if program.user else None,
                preexec_fn=dies_with_parent(program.stop_signal),
            )
        except FileNotFoundError as error:
            raise SettingsError(f"{program.name} cannot be started: {error.filename} is not installed") from error
        finally:
            if not isinstance(output, int):
                output.close()
        if process.stdout is not None:
            threading.Thread(target=self._relay, args=(program.name, process.stdout), daemon=True).start()
        return process

    def _relay(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._show(name, line.decode(errors="replace").rstrip("\n"))

    def _note_fall(self, child: _Child, now: float) -> None:
        child.falls = 1 if now - child.started > STEADY_SECONDS else child.falls + 1
        pause = 0.0 if child.falls == 1 else min(LONGEST_PAUSE, 0.5 * 2 ** (child.falls - 2))
        child.next_start = now + pause
        # Whatever of its group outlived it would hold the port or the data.
        kill_group_of_dead(child.process.pid)
        self._say(
            f"{child.program.name} ended with code {child.process.returncode}, starting it again"
            + (f" in {pause:g} s" if pause else "")
        )

    def _write_register(self) -> None:
        living = {
            name: {"pid": pid, "who": identity(pid), "signal": int(child.program.stop_signal)}
            for name, child in self._children.items() for pid in (child.process.pid,)
        }
        self._register.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._register.with_suffix(".new")
        fresh.write_text(json.dumps(living))
        fresh.replace(self._register)

    def _end_of_log(self, program: Program) -> str:
        if program.log is None or not program.log.is_file():
            return ""
        lines = program.log.read_text(errors="replace").splitlines()[-15:]
        return f"; the end of {program.log}:\n" + "\n".join(lines)


def kill_group_of_dead(leader: int) -> None:
    """SIGKILL to what is left of the group of a leader that has ended and was reaped."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def stop_leftovers(register: Path, say: Callable[[str], None]) -> None:
    """End what an earlier start left running (it was killed before it could stop its children)."""
    try:
        listed = json.loads(register.read_text())
    except (OSError, ValueError):
        return
    for name, left in reversed(list(listed.items())):
        if left["who"] is not None and identity(left["pid"]) == left["who"]:
            say(f"stopping {name} of an earlier start")
            stop_process(left["pid"], left["who"], signal.Signals(left["signal"]))
    register.unlink(missing_ok=True)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

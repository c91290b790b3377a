"""The one worker process of a peer, which a crash test may kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aida_orchestrator.local.processes import dies_with_parent, kill_group

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """`python -m …` with a log of its own; `is_ready` says when it can take work.

    One that `talks` answers each line of its stdin (`ask`) with one on its stdout; the stdout of others is in the log.
    """

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], log: Path, is_ready: Callable[[WorkerProcess], bool],
        talks: bool = False,
    ) -> None:
        self._argv = [sys.executable, "-m", *arguments]
        self._env = {**_inherited(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env}
        self._log = log
        self._is_ready = is_ready
        self._talks = talks
        self.starts = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> subprocess.Popen[str]:
        """The process; raises when there is none."""
        if self._process is None:
            raise RuntimeError(f"{self._argv[2]} does not run")
        return self._process

    def start(self, seconds: float = 60) -> None:
        """Start it and return when it is ready; says where its log is if it is not."""
        self.starts += 1
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._argv, env=self._env, cwd=ROOT, stderr=log, text=True, start_new_session=True,
                stdin=subprocess.PIPE if self._talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._talks else log,
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        bound = time.monotonic() + seconds
        while not self._is_ready(self):
            if self._process.poll() is not None or time.monotonic() > bound:
                self.kill()
                raise RuntimeError(f"{self._argv[2]} did not come up: see {self._log}")
            time.sleep(0.1)

    def ask(self, line: str) -> str:
        """Write one line to it and read the one it answers."""
        process = self.running
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._argv[2]} ended instead of answering {line!r}: see {self._log}")
        return answer.strip()

    def pids(self) -> list[int]:
        """The process, if it runs."""
        return [self._process.pid] if self._process and self._process.poll() is None else []

    def kill(self) -> None:
        """SIGKILL, children too."""
        process = self.running
        kill_group(process.pid)
        process.wait()

    def stop(self, grace: float = 10) -> None:
        """SIGTERM, and SIGKILL when the grace is over."""
        if not self.pids():
            return
        self.running.terminate()
        try:
            self.running.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}

"""A process that ends itself (os._exit) straight after its n-th durable step, and carries one film when it is let.

Steps are counted where they leave the process, at the libraries' edge and not in our code: a commit that wrote something,
and a file put into its place. What the providers are sent is counted outside, by the relay that carries it.
Started once as `python -m tests.integration.mortal`; each line it reads is one film to carry in a fork of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import celery
import psycopg2
import psycopg2.extensions
from celery.signals import before_task_publish

from aida_orchestrator.media.assembly import FilmPart
from aida_orchestrator.media.probing import Probe
from aida_orchestrator.pipeline import chain
from tests.builders import Clock, make_services, with_desk

STOPPED, UNFINISHED, BROKEN = 77, 3, 4
_ENDED = ("completed", "partial", "failed", "cancelled")
_STEP_SECONDS, _MOST_STEPS = 1.5, 160
_NOT_TOLD = """SELECT 1 FROM sold WHERE provider IN ('kie', 'fal')
    AND (state IN ('queued', 'running') OR json_extract(fields, '$.called') = 0)"""
_connect, _replace = psycopg2.connect, os.replace


@dataclass(frozen=True)
class Errand:
    """One film to carry: where its rows and files are, when it began, and after which step to stop (`step` 0: never)."""

    dsn: str
    folder: str
    books: str
    settings: dict[str, Any]
    task_id: str
    began: float
    kind: str = ""
    step: int = 0

    def clock(self) -> Clock:
        """The film's time as the last process left it."""
        file = self._file
        passed = float(file.read_text()) if file.is_file() else 0.0
        return Clock(datetime.fromtimestamp(self.began + passed, UTC))

    def note(self, clock: Clock) -> None:
        """Let the next process, and the web process, know the time."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(clock().timestamp() - self.began))
        _replace(fresh, self._file)

    @property
    def _file(self) -> Path:
        return Path(self.folder) / "seconds"


class Steps:
    """Counts, and ends the process when its step is done."""

    def __init__(self, errand: Errand) -> None:
        self._errand, self._lock = errand, threading.Lock()
        self._media = errand.folder + "/media/"
        self.seen = {"commit": 0, "file": 0}
        self._probe = _connect(errand.dsn)
        self._probe.autocommit = True
        self._highest = self._look()

    def install(self) -> None:
        """From now on every connection and every rename of this process is watched."""
        def connect(*args: Any, **more: Any) -> Any:
            return _connect(*args, **{**more, "connection_factory": Watched, "cursor_factory": WatchedCursor})

        Watched.steps = self
        psycopg2.connect = connect
        os.replace = self._rename  # type: ignore[assignment]

    def committed(self) -> None:
        """Something may have been committed; it counts if it wrote."""
        with self._lock:
            highest = self._look()
            wrote, self._highest = highest != self._highest, highest
        if wrote:
            self._reach("commit")

    def _rename(self, source: Any, target: Any, **more: Any) -> None:
        _replace(source, target, **more)
        if str(target).startswith(self._media) and "/." not in str(target):
            self._reach("file")

    def _reach(self, kind: str) -> None:
        with self._lock:
            self.seen[kind] += 1
            if kind == self._errand.kind and self.seen[kind] == self._errand.step:
                os._exit(STOPPED)

    def _look(self) -> str:
        with self._probe.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
            return str((cursor.fetchone() or ("",))[0])


class Watched(psycopg2.extensions.connection):
    """Tells of commits that are asked for by method."""

    steps: Steps

    def commit(self) -> None:
        super().commit()
        self.steps.committed()


class WatchedCursor(psycopg2.extensions.cursor):
    """Tells of commits that are sent as text, or that a statement is by itself."""

    def execute(self, query: Any, vars: Any = None) -> None:
        super().execute(query, vars)
        if self.connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE:
            Watched.steps.committed()


def carry(errand: Errand) -> int:
    """Do what messages and sweeps would do until the film has ended. Every message is in this process's memory alone."""
    clock = errand.clock()
    sent: deque[tuple[str, tuple[Any, ...]]] = deque()
    app = celery.Celery("mortal", broker="memory://")
    app.set_default()
    before_task_publish.connect(lambda sender, body, **_: sent.append((sender, tuple(body[0]))), weak=False)
    watch = _connect(errand.dsn)
    watch.autocommit = True
    steps = Steps(errand)
    steps.install()
    made = make_services(errand.dsn, Path(errand.folder), clock, **errand.settings)
    # What ffmpeg makes of clips plays no part here and takes two seconds a film.
    services = replace(with_desk(made, fit=lambda clip, seconds, aspect_ratio, out: _copy(clip, out)), assemble=_join)
    chain.connect(lambda: services)
    chain.send(errand.task_id, chain.Stage.VISUAL)
    for _ in range(_MOST_STEPS):
        while sent:
            name, arguments = sent.popleft()
            app.tasks[name](*arguments)
        if _status(watch, errand.task_id) in _ENDED:
            return 0
        _wait_for_providers(errand.books)
        clock.advance(_STEP_SECONDS)
        errand.note(clock)
        app.tasks[chain.SWEEP]()
    return UNFINISHED


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _join(parts: Sequence[FilmPart], aspect_ratio: str, out: Path, scratch: Path) -> Probe:
    _copy(parts[0].path, out)
    return Probe(seconds=parts[0].seconds, width=640, height=360, fps=24.0, codec="h264", pix_fmt="yuv420p",
                 has_audio=False)


def _wait_for_providers(books: str) -> None:
    """The providers' time is real and ours is not: without this a run would look a different number of times each time."""
    until = time.monotonic() + 20
    with closing(sqlite3.connect(books, timeout=10)) as connection:
        while connection.execute(_NOT_TOLD).fetchone() and time.monotonic() < until:
            time.sleep(0.01)


def _status(connection: Any, task_id: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM tasks WHERE id = %s", (task_id,))
        return str(cursor.fetchone()[0])


def main() -> None:
    """Fork for each line of standard input; answer `pid <n>`, then `exit <code>` (negative: the signal that ended it)."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                code = carry(Errand(**json.loads(line)))
            except BaseException:
                traceback.print_exc()
                code = BROKEN
            sys.stderr.flush()
            os._exit(code)
        print(f"pid {pid}", file=answers, flush=True)
        print(f"exit {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}", file=answers, flush=True)


if __name__ == "__main__":
    main()

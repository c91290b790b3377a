"""A thread that looks at running jobs at the moments that were aimed at, between one sweep and the next.

Beat's sweep each second is too coarse for that, and a message that waits would hold a worker. So each sweep gives its
process the lookout until the next is due; if beat stops, so does this, and /ready says it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .. import jobs
from ..jobs import Desk, Woken
from ..logs import bound
from ..model import Job
from ..store.db import StoreUnavailable

log = logging.getLogger(__name__)

_SIDE_BY_SIDE = 16
_SHORTEST, _LONGEST = 0.02, 0.25


class Lookout:
    """One a process. `pass_on` sends what a look woke; it is called in this object's threads."""

    def __init__(self, pass_on: Callable[[Desk, Woken], None]) -> None:
        self._pass_on = pass_on
        self._lock = threading.Lock()
        self._watch: tuple[Desk, float] | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._busy = 0

    def watch(self, desk: Desk, seconds: float) -> None:
        """Look at what is due for so long; a later call prolongs it."""
        with self._lock:
            self._watch = (desk, time.monotonic() + seconds)
            if self._thread is None or not self._thread.is_alive():
                self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="look")
                self._busy = 0
                self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while True:
            with self._lock:
                desk, until = self._watch or (None, 0.0)
            if desk is None or time.monotonic() >= until:
                self._wake.clear()
                self._wake.wait()
                continue
            try:
                pause = self._look(desk)
            except StoreUnavailable:
                log.warning("jobs cannot be looked at: the database is away")
                pause = 1.0
            except Exception:
                log.exception("the lookout stumbled")
                pause = 1.0
            time.sleep(min(pause, max(_SHORTEST, until - time.monotonic())))

    def _look(self, desk: Desk) -> float:
        """Begin the looks that are due; seconds until the next may be."""
        due_in = jobs.seconds_to_next_look(desk)
        if due_in is None or due_in > 0:
            return _LONGEST if due_in is None else min(_LONGEST, max(_SHORTEST, due_in))
        with self._lock:
            room = _SIDE_BY_SIDE - self._busy
        due = jobs.claim_due(desk, room) if room else []
        for job in due:
            with self._lock:
                self._busy += 1
            self._pool.submit(self._one, desk, job)
        # Nothing could be claimed: the reads of this second are used up, or another process looks.
        return _SHORTEST if due else _SHORTEST * 5

    def _one(self, desk: Desk, job: Job) -> None:
        try:
            with bound(taskId=job.task_id, jobId=job.id):
                self._pass_on(desk, jobs.look(desk, job))
        except StoreUnavailable:
            log.warning("a look was lost: the database went away", extra={"jobId": job.id})
        except Exception:
            log.exception("a look ended unexpectedly", extra={"jobId": job.id})
        finally:
            with self._lock:
                self._busy -= 1

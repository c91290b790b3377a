"""A thread that looks at running jobs when it was aimed at or a callback asks for it, between one sweep and the next.

Beat's sweep each second is too coarse for that, and a message that waits would hold a worker. So each sweep gives its
process the lookout until the next is due; if beat stops, so does this, and /ready says it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from .. import jobs
from ..jobs import Desk, Woken
from ..logs import bound
from ..model import Job, JobKind
from ..store.db import StoreUnavailable

log = logging.getLogger(__name__)

_SIDE_BY_SIDE, _FEWEST = 16, 4  # looks at a time, and as many as are worth a claim of their own
# What is copied here at once, in threads beside those. A clip is cut to its shot too, which takes a core: many at once are
# for the workers' slots.
COPIES = {JobKind.PICTURE: 12, JobKind.CLIP: 2}
# Seconds between two readings of the rows; a callback may bring a look forward at any time while something is being made.
_SHORTEST, _LONGEST, _IDLE = 0.02, 0.1, 0.25


class Lookout:
    """One a process. `go_on` does or sends what a look woke, copying included; it is called in this object's threads."""

    def __init__(self, go_on: Callable[[Desk, Woken], None]) -> None:
        self._go_on = go_on
        self._copies: Mapping[JobKind, int] = {}
        self._copying: Counter[JobKind] = Counter()
        self._lock = threading.Lock()
        self._watch: tuple[Desk, float] | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._looking = 0
        self._ending = False

    def watch(self, desk: Desk, seconds: float, copies: Mapping[JobKind, int]) -> None:
        """Look at what is due for so long; a later call prolongs it. Up to `copies` results of a kind are copied in these
        threads at a time, which spares a message; for others one is sent."""
        with self._lock:
            if self._ending:
                return
            self._copies = copies
            self._watch = (desk, time.monotonic() + seconds)
            if self._thread is None or not self._thread.is_alive():
                self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE + sum(COPIES.values()), thread_name_prefix="look")
                self._looking, self._copying = 0, Counter()
                self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more: this process is ending, and others look at what it would have. What was begun is ended.

        Called by a signal's handler, which must not wait for a lock.
        """
        self._ending = True
        self._watch = None

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
        due_in = jobs.due_in(desk)
        if not due_in:
            return _IDLE
        nearest = min(due_in.values())
        if nearest > 0:
            return min(_LONGEST, max(_SHORTEST, nearest))
        with self._lock:
            room = _SIDE_BY_SIDE - self._looking
        due = jobs.claim_due(desk, due_in, room) if room >= _FEWEST else []
        for job in due:
            with self._lock:
                self._looking += 1
            try:
                self._pool.submit(self._one, desk, job)
            except RuntimeError:  # Python is ending; the claim is anybody's when its lease is over
                log.info("a look was given up: the process ends", extra=jobs.job_fields(job))
        # Nothing could be claimed: the reads of this second are used up, or another process looks.
        return _SHORTEST if due or room < _FEWEST else _LONGEST

    def _one(self, desk: Desk, job: Job) -> None:
        copying = False

        def copies() -> bool:
            nonlocal copying
            with self._lock:
                copying = self._copying[job.kind] < self._copies.get(job.kind, 0)
                self._copying[job.kind] += copying
            return copying

        try:
            with bound(**jobs.job_fields(job)):
                try:
                    woken = jobs.look(desk, job, copies)
                finally:
                    with self._lock:
                        self._looking -= 1
                self._go_on(desk, woken)
        except StoreUnavailable:
            log.warning("a look was lost: the database went away", extra=jobs.job_fields(job))
        except Exception:
            log.exception("a look ended unexpectedly", extra=jobs.job_fields(job))
        finally:
            with self._lock:
                self._copying[job.kind] -= copying

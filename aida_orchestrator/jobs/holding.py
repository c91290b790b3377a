"""One thread a process keeps claimed what the process is looking at or copying: a killed one's work waits for one lease."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..store import looks
from ..store.db import StoreUnavailable
from .desk import Desk

log = logging.getLogger(__name__)


class Holding:
    """Renews claims every third of a lease, all of a database with one statement."""

    def __init__(self) -> None:
        self._held: dict[str, Desk] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def hold(self, desk: Desk, job_id: str) -> Iterator[None]:
        """Keep the job's claim alive inside the block."""
        with self._lock:
            self._held[job_id] = desk
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._renew_all, name="claims", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(job_id, None)

    def _renew_all(self) -> None:
        while True:
            with self._lock:
                held = dict(self._held)
            for desk in {id(desk): desk for desk in held.values()}.values():
                renew(desk, [job_id for job_id, its in held.items() if its is desk])
            time.sleep(min((desk.lease.total_seconds() for desk in held.values()), default=3) / 3)


def renew(desk: Desk, job_ids: list[str]) -> None:
    """Move these claims forward by a lease, those that are still held; an outage of the database only lets them run out.

    At a renewal two thirds of a lease are left, and one third if the last one failed.
    """
    now = desk.clock()
    try:
        with desk.db.single() as tx:
            looks.hold_claims(tx, job_ids, now + desk.lease, now + desk.lease / 4)
    except StoreUnavailable:
        log.warning("claims could not be renewed: the database is away", extra={"jobs": len(job_ids)})


HOLDING = Holding()

"""A worker's word that it lives and which queues it serves, as a row every few seconds.

It is given only while Celery's own heart beats, that is, while the worker hears the broker: a process that has lost it is
as good as gone. A thread writes it, so that neither the heart nor a message ever waits for the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from ..services import Services
from ..store import workers
from ..store.db import StoreUnavailable

log = logging.getLogger(__name__)

EVERY = 10.0


class Presence:
    """One worker's row."""

    def __init__(self, services: Callable[[], Services], every: float = EVERY) -> None:
        self._services = services
        self._every = every
        self._told: tuple[str, tuple[str, ...], int] | None = None
        self._told_at = float("-inf")
        self._ended = False
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def beat(self, node: str, queues: Sequence[str], slots: int) -> None:
        """The heart has beaten; returns at once, whatever the database does. Other queues are told of at once."""
        told = (node, tuple(queues), slots)
        with self._lock:
            if self._ended or (told == self._told and time.monotonic() - self._told_at < self._every):
                return
            self._told, self._told_at = told, time.monotonic()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write_all, name="presence", daemon=True)
                self._thread.start()
        self._wake.set()

    def end(self) -> None:
        """The worker takes no more messages: its row goes."""
        with self._lock:
            self._ended = True
        self._wake.set()

    def _write_all(self) -> None:
        first = True
        while self._wake.wait():
            self._wake.clear()
            try:
                self._write(first)
                first = False
            except StoreUnavailable as error:
                log.debug("a worker could not say that it lives", extra={"why": type(error).__name__})
            except Exception:
                log.exception("a worker could not say that it lives")  # and works on: nothing depends on its row
            if self._ended:
                return

    def _write(self, first: bool) -> None:
        services = self._services()
        with services.db.transaction() as tx:
            if self._ended or self._told is None:
                workers.remove_worker(tx, services.owner)
                return
            if first:
                workers.forget_workers(tx, services.clock())
            node, queues, slots = self._told
            workers.put_worker(tx, owner=services.owner, node=node, queues=queues, slots=slots, now=services.clock())

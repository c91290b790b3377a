"""One thread a process keeps the leases of all stages that the process is running."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..services import Services
from ..store import runs
from ..store.db import StoreUnavailable
from ..store.runs import Claim

log = logging.getLogger(__name__)


class Leases:
    """Renews held claims every third of a lease; a claim that is lost is only noted, the fence does the rest."""

    def __init__(self) -> None:
        self._held: dict[Claim, Services] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    @contextmanager
    def hold(self, services: Services, claim: Claim) -> Iterator[None]:
        """Keep the claim alive inside the block."""
        with self._lock:
            self._held[claim] = services
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._renew_all, args=(services.lease.total_seconds() / 3,),
                                                name="leases", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(claim, None)

    def _renew_all(self, every: float) -> None:
        while not self._wake.wait(every):
            with self._lock:
                held = list(self._held.items())
            for claim, services in held:
                try:
                    with services.db.transaction() as tx:
                        kept = runs.renew_lease(tx, claim, services.lease, services.clock())
                except StoreUnavailable:
                    log.warning("a lease could not be renewed: the database is away", extra={"taskId": claim.task_id})
                    continue
                if not kept:
                    with self._lock:
                        still = self._held.pop(claim, None)
                    if still is not None:
                        log.warning("a lease was lost", extra={"taskId": claim.task_id, "stage": claim.stage})


LEASES = Leases()

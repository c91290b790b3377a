"""One thread moves all open jobs along: nothing is remembered but what the rows say, so a restart just goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

TICK_SECONDS = 0.05

log = logging.getLogger(__name__)


class Clockwork:
    """Calls every provider's tick about twenty times a second until it is stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._ticks: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="clockwork", daemon=True)

    def add(self, tick: Callable[[], None]) -> None:
        self._ticks.append(tick)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return once no tick is running any more."""
        self.stopped.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _run(self) -> None:
        while not self.stopped.wait(TICK_SECONDS):
            for tick in self._ticks:
                try:
                    tick()
                except Exception:  # one job that cannot be moved must not stop all the others
                    log.exception("a job could not be moved on")

"""Prompts that Claude's cache does not hold yet: who comes first has them written, who comes beside waits to read them.

An entry can be read only when the answer of the call that writes it has begun: two calls that leave together both pay for
writing it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_KEPT = 3300.0  # seconds; an entry lives for an hour from its last reading, by a clock that is not ours
_MANY = 1000  # prompts, after which those are forgotten that the cache has forgotten


class FirstReader:
    """Who reads a prompt first, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._read_at: dict[str, float] = {}
        self._reading: set[str] = set()

    def __len__(self) -> int:
        """How many prompts are known to be kept, or were of late."""
        return len(self._read_at)

    @contextmanager
    def turn(self, prompt: str, seconds: float) -> Iterator[None]:
        """One call with this prompt: at once where it was read within the hour or nobody reads it now, else when the first
        call has its answer, or failed, or `seconds` are over."""
        first = self._wait(prompt, seconds)
        answered = False
        try:
            yield
            answered = True
        finally:
            with self._changed:
                if first:
                    self._reading.discard(prompt)
                if answered:
                    self._read_at[prompt] = self._clock()
                    if len(self._read_at) > _MANY:
                        self._read_at = {read: at for read, at in self._read_at.items() if self._kept(read)}
                self._changed.notify_all()

    def _wait(self, prompt: str, seconds: float) -> bool:
        """Whether this call is the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._kept(prompt) or prompt not in self._reading, max(0.0, seconds))
            if self._kept(prompt) or prompt in self._reading:
                return False
            self._reading.add(prompt)
            return True

    def _kept(self, prompt: str) -> bool:
        read_at = self._read_at.get(prompt)
        return read_at is not None and self._clock() - read_at < _KEPT

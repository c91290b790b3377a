"""Other designs of the same work, measured beside ours: a module each, with `def start(stack: Stack) -> Peer`."""

from __future__ import annotations

from typing import Protocol


class Peer(Protocol):
    """One design as it runs: processes of its own, against the provider and on the empty stores of `stack`.

    `benchmarks.peers.<name>.start(stack)` brings it up and returns when it can take films. What it may use of the stack:
    `provider_url`, `callbacks` (told by callback, else poll once a second), `media` (copy and join, or not), `database()`
    (DSN of a new, empty database), `redis_url()` (an emptied one), `environment()` (variables that point the clients of
    this package to the provider), `folder` (a place for its files and logs).
    """

    def submit(self, films: int) -> None:
        """Take so many films at once, each of 6 shots; returns when all are accepted."""

    def finished(self) -> dict[str, tuple[float, float]]:
        """The films that are complete by now: id -> when it was accepted and when it ended, in epoch seconds."""

    def pids(self) -> list[int]:
        """Its processes (children are found); measured for CPU and memory. Stores and provider are not among them."""

    def stop(self) -> None:
        """End all of them."""

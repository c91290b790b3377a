"""kill -9 of the worker in the middle of many films: which films end, which are stranded, what was bought twice.

`python -m benchmarks.crash --peer naive,dbos,ours --films 20`. With `--aim` the worker dies just after it sent a purchase,
the moment at which a design that knows of it only by the answer buys again.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Protocol, cast

import psycopg2

from . import ours
from .stack import Stack

_HEAD = ("design", "told by", "killed at", "films", "complete", "otherwise", "stranded", "pictures twice",
         "clips twice", "median", "last")
_LEGEND = """\
otherwise: ended and says so, but not complete (ours: partial or failed). stranded: neither within the bound. twice: by the
provider's books. median, last: seconds of a complete film, from its acceptance to its end; without a crash they are 45.1."""
_STATES = "SELECT status, count(*) FROM tasks WHERE status IN ('partial', 'failed', 'cancelled') GROUP BY 1"


class Mortal(Protocol):
    """A peer whose worker can be killed."""

    def submit(self, films: int) -> None: ...
    def finished(self) -> dict[str, tuple[float, float]]: ...
    def stop(self) -> None: ...
    def kill(self) -> None:
        """kill -9."""

    def start_again(self) -> None:
        """As a supervisor would; returns when it works again."""


class MortalOurs(ours.Ours):
    """Our service, whose one worker is killed; web and beat live on."""

    def kill(self) -> None:
        """kill -9 of the worker."""
        os.killpg(self.worker_pid(), signal.SIGKILL)

    def start_again(self) -> None:
        """The supervisor's next round finds it dead."""
        self._supervisor.tick()

    def otherwise(self) -> int:
        """Films with an end that is not `completed`."""
        connection = psycopg2.connect(self.dsn, application_name="bench")
        with connection, connection.cursor() as cursor:
            cursor.execute(_STATES)
            states = dict(cursor.fetchall())
        connection.close()
        return sum(states.values())


def main() -> None:
    """Run each design through the same crash and print one table."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    for design in asked.peer.split(","):
        for _ in range(asked.runs):
            with tempfile.TemporaryDirectory(prefix="aida-crash-", ignore_cleanup_errors=True) as name:
                rows.append(_crash(design, Path(name), asked))
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    widths = [max(len(row[place]) for row in (_HEAD, *rows)) for place in range(len(_HEAD))]
    for row in (_HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    print(f"\n{_LEGEND}", flush=True)


def _crash(design: str, folder: Path, asked: argparse.Namespace) -> tuple[str, ...]:
    stack = Stack(folder, callbacks=asked.callbacks)
    stack.start()
    peer = _start(design, stack)
    try:
        began = time.time()
        peer.submit(asked.films)
        killed = _kill(peer, stack, began, asked)
        time.sleep(asked.away)
        peer.start_again()
        return (design, "callback" if asked.callbacks else "polling", f"{killed - began:.2f} s",
                *_outcome(peer, stack, began, asked))
    finally:
        peer.stop()
        stack.stop()


def _kill(peer: Mortal, stack: Stack, began: float, asked: argparse.Namespace) -> float:
    """Kill at the asked second, or at the first purchase after it."""
    time.sleep(max(0.0, began + asked.at - time.time()))
    if asked.aim:
        before = sum(stack.ledger()["sold"].values())
        _until(lambda: sum(stack.ledger()["sold"].values()) > before, seconds=30, pause=0.001)
    peer.kill()
    return time.time()


def _outcome(peer: Mortal, stack: Stack, began: float, asked: argparse.Namespace) -> tuple[str, ...]:
    def otherwise() -> int:
        return peer.otherwise() if isinstance(peer, MortalOurs) else 0

    _until(lambda: len(peer.finished()) + otherwise() >= asked.films, seconds=began + asked.bound - time.time(), pause=1.0)
    ended, others, twice = peer.finished(), otherwise(), stack.ledger()["boughtTwice"]
    if isinstance(peer, MortalOurs):
        print("\n".join(peer.unfinished()), file=sys.stderr)
    walls = [end - start for start, end in ended.values()]
    times = (f"{median(walls):.0f} s", f"{max(walls):.0f} s") if walls else ("-", "-")
    return (str(asked.films), str(len(ended)), str(others), str(asked.films - len(ended) - others), str(twice["kie"]),
            str(twice["fal"]), *times)


def _start(design: str, stack: Stack) -> Mortal:
    if design == "ours":
        return MortalOurs(stack, ours.Wishes())
    return cast(Mortal, importlib.import_module(f"benchmarks.peers.{design}").start(stack))


def _until(is_so: Callable[[], bool], seconds: float, pause: float) -> None:
    bound = time.time() + seconds
    while not is_so() and time.time() < bound:
        time.sleep(pause)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.crash", description=__doc__)
    parser.add_argument("--peer", default="naive,dbos,ours", help="designs, one after another (%(default)s)")
    parser.add_argument("--films", type=int, default=20, help="at once (%(default)s)")
    parser.add_argument("--runs", type=int, default=1, help="of each design (%(default)s)")
    parser.add_argument("--at", type=float, default=12.0, help="seconds until the kill (%(default)s)")
    parser.add_argument("--aim", action="store_true", help="kill at the first purchase after that")
    parser.add_argument("--away", type=float, default=2.0, help="seconds until it is started again (%(default)s)")
    parser.add_argument("--bound", type=float, default=150.0, help="what has not ended by then is stranded (%(default)s)")
    parser.add_argument("--callbacks", action="store_true", help="the provider calls back those who ask for it")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""One design on one stack: brought up, warmed up, and measured row by row."""

from __future__ import annotations

import argparse
import importlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import flames, ours
from .measure import CpuMeter, Sampler, Statements
from .peers import Peer
from .report import Row
from .stack import Stack

OURS = "aida"


class Bench:
    """One design on one stack; rows are measured one after another, a warm-up film before the first."""

    def __init__(self, asked: argparse.Namespace, design: str, *, callbacks: bool, counting: bool) -> None:
        self._asked, self._design, self._callbacks, self._counting = asked, design, callbacks, counting
        self._folder = tempfile.TemporaryDirectory(prefix="aida-bench-", ignore_cleanup_errors=True)
        self._stack = Stack(Path(self._folder.name), callbacks=callbacks, media=asked.media, counting=counting)
        self._peer: Peer | ours.Ours

    def __enter__(self) -> Bench:
        self._stack.start()
        if self._design == OURS:
            env = dict(pair.split("=", 1) for pair in self._asked.env)
            wishes = ours.Wishes(self._asked.slots, self._asked.workers, self._asked.serving,
                                 tuple(shlex.split(self._asked.worker_args)), env)
            self._peer = ours.start(self._stack, wishes)
            say(f"worker pid {self._peer.worker_pid()}, logs in {self._stack.folder}/ours")
        else:
            self._peer = importlib.import_module(f"benchmarks.peers.{self._design}").start(self._stack)
        for _ in range(self._asked.warm):
            say("one film to warm up")
            self.measure(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.stop()
        self._stack.stop()
        if self._asked.keep:
            say(f"kept: {self._stack.folder}")
            self._folder._finalizer.detach()  # type: ignore[attr-defined]
        else:
            self._folder.cleanup()

    def measure(self, films: int) -> Row:
        """Submit so many at once and wait until all are complete or the bound is over."""
        stack, peer = self._stack, self._peer
        before = set(peer.finished())
        stack.reset()
        log = Statements(stack.statement_log) if self._counting else None
        sampler = Sampler(peer.memory_pids() if isinstance(peer, ours.Ours) else peer.pids())
        meter, transactions, began = CpuMeter(_roots(peer, stack)), stack.transactions(), time.time()
        recorder = self._record()
        peer.submit(films)
        say(f"{films} films taken in {time.time() - began:.1f} s")
        ended = self._wait(films, before, began)
        used, others = meter.read()
        sampler.stop()
        if recorder is not None:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(30)
        time.sleep(1.2)  # the server tells its transactions late
        ledger, calls = stack.ledger(), stack.broker_calls()
        minutes = (max(end for _, end in ended.values()) - min(start for start, _ in ended.values())) / 60 if ended else 0.0
        row = Row(
            self._design, "callback" if self._callbacks else "polling", films, len(ended),
            [end - start for start, end in ended.values()], minutes, provider=used.pop("provider") / films,
            stores=(used["postgres"] + used["valkey"]) / films,
            cpu=sum(seconds for name, seconds in used.items() if name not in ("postgres", "valkey")) / films,
            parts={name: round(seconds / films, 4) for name, seconds in used.items()}, others=round(others, 3),
            rss=sampler.rss, pss=sampler.pss, polls=sum(ledger["polls"].values()) / max(1, sum(ledger["sold"].values())),
            transactions=(stack.transactions() - transactions) / films, messages=calls.get("lpush", 0) / films,
            events=calls.get("publish", 0) / films, claude=_asked(ledger, "anthropic") / films,
            embeddings=_asked(ledger, "openai") / films, twice=sum(ledger["boughtTwice"].values()), ledger=ledger)
        say(f"CPU seconds a film: {row.parts}; the rest of the machine, this program included, used {others:.0%} of it")
        if self._asked.stages and isinstance(peer, ours.Ours):
            print("\n".join(peer.stages()), flush=True)
        if log is not None:
            log.read()
            row.statements, row.trips = log.total / films, log.trips / films
            if self._asked.statements:
                print("\n".join(log.table(films)), flush=True)
        return row

    def _record(self) -> subprocess.Popen[bytes] | None:
        if self._asked.profile is None or not isinstance(self._peer, ours.Ours):
            return None
        return flames.record(self._peer.worker_pid(), self._asked.profile)

    def _wait(self, films: int, before: set[str], began: float) -> dict[str, tuple[float, float]]:
        bound = began + (self._asked.bound or 300 + films)
        told = began
        while True:
            ended = {film: span for film, span in self._peer.finished().items() if film not in before}
            if len(ended) >= films:
                return ended
            if time.time() > bound:
                self._complain(films, len(ended))
                return ended
            if time.time() - told > 15:
                told = time.time()
                say(f"{told - began:4.0f} s: {len(ended)} of {films} films")
            time.sleep(1.0)

    def _complain(self, films: int, ended: int) -> None:
        say(f"{films - ended} films did not end within the bound")
        for line in self._peer.unfinished() if isinstance(self._peer, ours.Ours) else []:
            say(f"  {line}")


def _roots(peer: Peer | ours.Ours, stack: Stack) -> dict[str, int]:
    """Whose CPU is counted, by name."""
    names = peer.names() if isinstance(peer, ours.Ours) else None
    own = peer.pids()
    named = dict(zip(names or (f"process {number}" for number in range(1, len(own) + 1)), own, strict=True))
    return {**named, **{name: stack.pid(name) for name in ("postgres", "valkey", "provider")}}


def _asked(ledger: dict[str, Any], provider: str) -> int:
    return sum(times for what, times in ledger["requests"].items() if what.startswith(provider))


def say(line: str) -> None:
    """Progress, beside the table."""
    print(line, file=sys.stderr, flush=True)

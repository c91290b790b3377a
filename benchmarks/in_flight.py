"""Films at once, waiting for slow providers: how long each takes over its critical path, and what that costs.

`python -m benchmarks.in_flight --films 1,20,200,1000 --both --peers naive,dbos`. The columns are told under the table and
in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from . import flames, ours
from .measure import Sampler, Statements, cpu_seconds
from .peers import Peer
from .stack import Stack

CRITICAL = 45.1  # 3 x Claude 1 s, 0.1 s embedding, 2 rounds of pictures of 3 s, 6 clips of 6 s
_OURS = "aida"
_HEAD = (
    "design", "told by", "films", "median", "p95", "films/min", "CPU s", "stores", "provider", "RSS", "PSS", "polls/job",
    "tx", "stmts", "trips", "msgs", "events", "Claude", "embed", "twice",
)
_LEGEND = """\
median, p95: a film's wall over its critical path of 45.1 s. All else but RSS, PSS, polls/job and twice is for one film.
CPU s: of the design's own processes, of PostgreSQL and Valkey, of the provider. RSS, PSS: peak MiB (ours: web and worker).
tx, stmts, trips: with PostgreSQL. msgs, events: LPUSH, PUBLISH. Claude, embed: calls. twice: jobs that were bought twice."""


@dataclass
class Row:
    """One measured run."""

    design: str
    told_by: str
    films: int
    finished: int
    wall: list[float] = field(repr=False)
    minutes: float
    cpu: float
    stores: float
    provider: float
    rss: float
    pss: float
    polls: float
    transactions: float
    messages: float
    events: float
    claude: float
    embeddings: float
    twice: int
    ledger: dict[str, Any] = field(repr=False)
    statements: float | None = None
    trips: float | None = None

    def cells(self) -> list[str]:
        """As printed."""
        ratios = sorted(seconds / CRITICAL for seconds in self.wall)
        p95 = quantiles(ratios, n=20, method="inclusive")[-1] if len(ratios) > 1 else (ratios or [0.0])[0]
        counted = [f"{value:.1f}" if value is not None else "-" for value in (self.statements, self.trips)]
        return [
            self.design, self.told_by, f"{self.finished}/{self.films}", f"{median(ratios or [0.0]):.3f}", f"{p95:.3f}",
            f"{self.finished / self.minutes if self.minutes else 0:.1f}", f"{self.cpu:.3f}", f"{self.stores:.3f}",
            f"{self.provider:.3f}", f"{self.rss:.0f}", f"{self.pss:.0f}", f"{self.polls:.2f}", f"{self.transactions:.1f}",
            *counted, f"{self.messages:.1f}", f"{self.events:.1f}", f"{self.claude:.2f}", f"{self.embeddings:.2f}",
            str(self.twice),
        ]


class Bench:
    """One design on one stack; rows are measured one after another, a warm-up film before the first."""

    def __init__(self, asked: argparse.Namespace, design: str, *, callbacks: bool, counting: bool) -> None:
        self._asked, self._design, self._callbacks, self._counting = asked, design, callbacks, counting
        self._folder = tempfile.TemporaryDirectory(prefix="aida-bench-", ignore_cleanup_errors=True)
        self._stack = Stack(Path(self._folder.name), callbacks=callbacks, media=asked.media, counting=counting)
        self._peer: Peer | ours.Ours

    def __enter__(self) -> Bench:
        self._stack.start()
        if self._design == _OURS:
            wishes = ours.Wishes(self._asked.slots, tuple(shlex.split(self._asked.worker_args)),
                                 dict(pair.split("=", 1) for pair in self._asked.env))
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
        groups = (peer.pids(), [stack.pid("postgres"), stack.pid("valkey")], [stack.pid("provider")])
        used, transactions, began = [cpu_seconds(group) for group in groups], stack.transactions(), time.time()
        recorder = self._record()
        peer.submit(films)
        say(f"{films} films taken in {time.time() - began:.1f} s")
        ended = self._wait(films, before, began)
        used = [cpu_seconds(group) - since for group, since in zip(groups, used, strict=True)]
        sampler.stop()
        if recorder is not None:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(30)
        time.sleep(1.2)  # the server tells its transactions late
        ledger, calls = stack.ledger(), stack.broker_calls()
        minutes = (max(end for _, end in ended.values()) - min(start for start, _ in ended.values())) / 60 if ended else 0.0
        row = Row(
            self._design, "callback" if self._callbacks else "polling", films, len(ended),
            [end - start for start, end in ended.values()], minutes, *(seconds / films for seconds in used),
            rss=sampler.rss, pss=sampler.pss, polls=sum(ledger["polls"].values()) / max(1, sum(ledger["sold"].values())),
            transactions=(stack.transactions() - transactions) / films, messages=calls.get("lpush", 0) / films,
            events=calls.get("publish", 0) / films, claude=_asked(ledger, "anthropic") / films,
            embeddings=_asked(ledger, "openai") / films, twice=sum(ledger["boughtTwice"].values()), ledger=ledger)
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


def main() -> None:
    """Measure each design, told by callbacks and by polling as asked, and print one table."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    modes = [True, False] if asked.both else [not asked.polling]
    rows: list[Row] = []
    for callbacks in modes:
        for design in asked.designs:
            say(f"{design}, {'callbacks' if callbacks else 'polling'}")
            counted = _count(asked, design, callbacks)
            with Bench(asked, design, callbacks=callbacks, counting=False) as bench:
                for films in asked.films:
                    row = bench.measure(films)
                    row.statements, row.trips = counted.get(films, (None, None))
                    rows.append(row)
                    say("  ".join(f"{name} {cell}" for name, cell in zip(_HEAD, row.cells(), strict=True)))
    _print_table(rows, asked)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def _count(asked: argparse.Namespace, design: str, callbacks: bool) -> dict[int, tuple[float | None, float | None]]:
    """Statements and trips a film, from runs of their own with a logging server."""
    if not asked.count:
        return {}
    with Bench(asked, design, callbacks=callbacks, counting=True) as bench:
        rows = [bench.measure(films) for films in asked.count]
    return {row.films: (row.statements, row.trips) for row in rows}


def _print_table(rows: list[Row], asked: argparse.Namespace) -> None:
    table = [list(_HEAD), *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(_HEAD))]
    print(f"\n{os.cpu_count()} cores, {'with' if asked.media else 'without'} media, worker -c {asked.slots}\n")
    for line in table:
        print("  ".join(cell.ljust(width) if place < 2 else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(line, widths, strict=True))))
    print(f"\n{_LEGEND}", flush=True)


def _asked(ledger: dict[str, Any], provider: str) -> int:
    return sum(times for what, times in ledger["requests"].items() if what.startswith(provider))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.in_flight", description=__doc__)
    parser.add_argument("--films", type=_numbers, default=[1, 20, 200], help="how many at once, row by row (1,20,200)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--callbacks", action="store_true", help="providers call back (as asked for by default)")
    mode.add_argument("--polling", action="store_true", help="no callbacks: look once a second")
    mode.add_argument("--both", action="store_true", help="one after the other")
    parser.add_argument("--media", action="store_true", help="copy pictures and clips, and join the films")
    parser.add_argument("--peers", default="", help="other designs beside ours: naive,dbos")
    parser.add_argument("--only-peers", action="store_true", help="leave ours out")
    parser.add_argument("--slots", type=int, default=64, help="threads of our worker (%(default)s)")
    parser.add_argument("--worker-args", default="", help="more arguments for our worker, as one word")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a setting of ours; repeatable")
    parser.add_argument("--warm", type=int, default=1, help="films before the first row (%(default)s)")
    parser.add_argument("--count", type=_numbers, default=[], help="count statements in further runs with so many films")
    parser.add_argument("--statements", action="store_true", help="with --count: print the 25 statements called most")
    parser.add_argument("--bound", type=float, default=0.0, help="seconds until a row is given up (300 + films)")
    parser.add_argument("--profile", type=Path, help="record our worker with py-spy here; read it with benchmarks.flames")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and database")
    parser.add_argument("--json", type=Path, help="write all rows here too")
    asked = parser.parse_args()
    asked.designs = [*([] if asked.only_peers else [_OURS]), *filter(None, asked.peers.split(","))]
    return asked


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def say(line: str) -> None:
    """Progress, beside the table."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""Requests a second and their 99th percentile, of one gunicorn over tables with thousands of films. README.md says how."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles

import redis

from . import films, ours
from .bench import say
from .load import Ask, Seen, at_rate, in_turns
from .measure import CpuMeter
from .stack import Stack

_HEAD = ("requests", "asked/s", "done/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors", "web CPU ms", "PG CPU ms",
         "client", "others")
_LEGEND = """\
ms: from the moment a request was due to its whole answer. CPU ms: of a request, whatever kinds a row mixes.
client, others: share of the machine that the asking program and everything not of the service used; believe no row where
others is more than a few per cent. `closed` rows: 16 callers that ask again as soon as they are answered."""
_QUICK = ("--claude", "0.05", "--embedding", "0.01", "--picture", "0.05", "--clip", "0.05")


@dataclass
class Row:
    """One kind of request in one load."""

    requests: str
    asked: float
    done: float
    p50: float
    p95: float
    p99: float
    most: float
    errors: int
    wrong: dict[str, int]
    web_ms: float
    postgres_ms: float
    client: float
    others: float

    def cells(self) -> list[str]:
        """As printed."""
        asked = f"{self.asked:.0f}" if self.asked else "closed"
        times = [f"{one:.1f}" for one in (self.p50, self.p95, self.p99, self.most)]
        return [self.requests, asked, f"{self.done:.1f}", *times, str(self.errors), f"{self.web_ms:.2f}",
                f"{self.postgres_ms:.2f}", f"{self.client:.0%}", f"{self.others:.0%}"]


class ApiBench:
    """A web server over full tables, and the requests it is asked."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self._asked = asked
        self._stack = Stack(folder, callbacks=True, provider_args=_QUICK)
        self._draw = random.Random(7)  # noqa: S311
        self._numbers = count(1000)
        self.rows: list[Row] = []

    def run(self) -> None:
        """Fill, then measure row by row."""
        asked, stack = self._asked, self._stack
        stack.start()
        try:
            self._ours = ours.start(stack, ours.Wishes(web=asked.processes))
            try:
                self._fill()
                self._all_rows()
            finally:
                self._ours.stop()
        finally:
            stack.stop()

    def _fill(self) -> None:
        self._ours.submit(1)
        until = time.monotonic() + 120
        while not self._ours.finished():
            if time.monotonic() > until:
                raise SystemExit("the one film did not end: " + "; ".join(self._ours.unfinished()))
            time.sleep(0.5)
        time.sleep(2)  # it is being put into memory
        self._ours.stop_work()
        began = time.monotonic()
        self._done, self._open = films.fill(self._ours.dsn, self._asked.films, self._asked.films // 20)
        say(f"filled in {time.monotonic() - began:.0f} s: {films.rows(self._ours.dsn)}")

    def _all_rows(self) -> None:
        kinds = {"status": self._status, "create": self._create}
        for kind, make in kinds.items():  # libraries, connections and caches
            asyncio.run(in_turns(self._ours.port, 16, make, 3))
            say(f"{kind} warmed up")
        for rate in self._asked.status:
            self._at_rate({"status": (rate, self._status)})
        self._at_rate({"status, under way": (100, self._status_open)})
        for rate in self._asked.create:
            self._at_rate({"create": (rate, self._create)})
        self._at_rate({"status, mixed": (80, self._status), "status u.w., mixed": (20, self._status_open),
                       "create, mixed": (20, self._create)})
        for kind, make in {"status": self._status, "status, under way": self._status_open, "create": self._create}.items():
            meter = self._meter()
            seen = asyncio.run(in_turns(self._ours.port, 16, make, self._asked.seconds))
            self._note({kind: (0, make)}, [seen], meter)

    def _at_rate(self, streams: dict[str, tuple[float, Callable[[], Ask]]]) -> None:
        meter = self._meter()
        seen = asyncio.run(at_rate(self._ours.port, streams.values(), self._asked.seconds))
        self._note(streams, seen, meter)

    def _meter(self) -> CpuMeter:
        stores = {name: self._stack.pid(name) for name in ("postgres", "valkey")}
        return CpuMeter({"web": self._ours.web_pid(), **stores})

    def _note(self, streams: dict[str, tuple[float, Callable[[], Ask]]], seen: list[Seen], meter: CpuMeter) -> None:
        used, others = meter.read()
        wall, cpu = seen[0].wall, seen[0].client_cpu
        client = cpu / wall / (os.cpu_count() or 1)
        requests = max(1, sum(len(one.seconds) for one in seen))
        for (kind, (rate, _)), one in zip(streams.items(), seen, strict=True):
            spread = quantiles(one.seconds, n=100, method="inclusive") if len(one.seconds) > 1 else [0.0] * 99
            p50, p95, p99, most = (1000 * at for at in (spread[49], spread[94], spread[98], max(one.seconds, default=0.0)))
            row = Row(kind, rate, len(one.seconds) / one.wall, p50, p95, p99, most, one.errors, one.wrong,
                      used["web"] / requests * 1000, used["postgres"] / requests * 1000, client, max(0.0, others - client))
            self.rows.append(row)
            say("  ".join(row.cells()) + (f"  {one.wrong}" if one.wrong else ""))
        with redis.Redis.from_url(self._stack.redis_url) as broker:
            broker.flushdb()  # nobody works: the messages of created films
        time.sleep(1)

    def _status(self) -> Ask:
        return _get(self._draw.choice(self._done))

    def _status_open(self) -> Ask:
        return _get(self._draw.choice(self._open))

    def _create(self) -> Ask:
        number = next(self._numbers)
        body = json.dumps({"userId": f"user-{number:06d}",
                           "message": f"Spot di 30 secondi per una pizzeria di Napoli, bench-{number:06d}"}).encode()
        return Ask(b"POST /api/orchestrator/create-video HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n%s" % (len(body), body), 202)


def _get(task_id: str) -> Ask:
    return Ask(f"GET /api/orchestrator/status/{task_id} HTTP/1.1\r\nHost: bench\r\n\r\n".encode(), 200)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="benchmarks.api", description=__doc__)
    parser.add_argument("--films", type=int, default=10_000, help="in the tables (%(default)s), one in 20 under way")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each row (%(default)s)")
    parser.add_argument("--status", type=_rates, default=[50, 100, 200, 400], help="rates, a second: 50,100,200,400")
    parser.add_argument("--create", type=_rates, default=[20, 50, 100], help="rates, a second: 20,50,100")
    parser.add_argument("--processes", type=int, default=2, help="of gunicorn (%(default)s, as the Procfile)")
    parser.add_argument("--json", type=Path, help="write the rows there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aida-bench-", ignore_cleanup_errors=True) as folder:
        bench = ApiBench(asked, Path(folder))
        bench.run()
    table = [list(_HEAD), *(row.cells() for row in bench.rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(_HEAD))]
    print(f"\n{os.cpu_count()} cores, {asked.films} films, {asked.processes} web processes, {asked.seconds:g} s a row\n")
    for line in table:
        print("  ".join(cell.ljust(width) if place == 0 else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(line, widths, strict=True))))
    print(f"\n{_LEGEND}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in bench.rows], indent=1))


def _rates(text: str) -> list[float]:
    return [float(part) for part in text.split(",") if part]


if __name__ == "__main__":
    main()

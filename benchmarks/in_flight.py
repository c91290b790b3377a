"""Films at once, waiting for slow providers: how long each takes over its critical path, and what that costs.

`python -m benchmarks.in_flight --films 1,20,200,1000 --both --peers naive,dbos`. The columns are told under the table and
in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from aida_orchestrator.local.processes import dies_with_parent

from .bench import OURS, Bench, say
from .report import HEAD, Row, print_table


def main() -> None:
    """Measure each design, told by callbacks and by polling as asked, and print one table."""
    asked = _arguments()
    if asked.alone:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        asked.json.write_text(json.dumps([asdict(row) for row in _measure(asked)]))
        return
    rows: list[Row] = []
    for mode in ("--callbacks", "--polling") if asked.both else ("--polling",) if asked.polling else ("--callbacks",):
        for design in asked.designs:
            say(f"{design} {mode}")
            counted = {row.films: row for row in _apart(design, mode, "--counting")} if asked.count else {}
            for row in _apart(design, mode):
                if row.films in counted:
                    row.statements, row.trips = counted[row.films].statements, counted[row.films].trips
                rows.append(row)
    print_table(rows, f"{'with' if asked.media else 'without'} media, our workers: {_workers(asked)}")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def _apart(design: str, *more: str) -> list[Row]:
    """The rows of one design, from a process of its own: what a library keeps in a process must not reach the next one."""
    given = [word for word in sys.argv[1:] if word not in ("--both", "--callbacks", "--polling")]
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        argv = [sys.executable, "-m", "benchmarks.in_flight", *given, "--alone", design, "--json", file.name, *more]
        subprocess.run(argv, check=True, preexec_fn=dies_with_parent(signal.SIGTERM))
        return [Row(**row) for row in json.loads(Path(file.name).read_text())]


def _measure(asked: argparse.Namespace) -> Iterator[Row]:
    """All rows of one design; what a row left unfinished must not weigh on the next one, so that one starts afresh."""
    left = list(asked.count if asked.counting else asked.films)
    while left:
        with Bench(asked, asked.alone, callbacks=not asked.polling, counting=asked.counting) as bench:
            complete = True
            while left and complete:
                row = bench.measure(left.pop(0))
                complete = row.finished == row.films
                say("  ".join(f"{name} {cell}" for name, cell in zip(HEAD, row.cells(), strict=True)))
                yield row


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
    parser.add_argument("--slots", type=int, default=64, help="threads of each of our workers (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="how many workers of ours (%(default)s)")
    parser.add_argument("--serving", type=_serving, default=(), metavar="QUEUES=THREADS/...",
                        help="one worker of ours for each, such as context,script,storyboard=200/visual,video,sweep=16")
    parser.add_argument("--worker-args", default="", help="more arguments for our worker, as one word")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a setting of ours; repeatable")
    parser.add_argument("--warm", type=int, default=1, help="films before the first row (%(default)s)")
    parser.add_argument("--count", type=_numbers, default=[], help="count statements in further runs with so many films")
    parser.add_argument("--statements", action="store_true", help="with --count: print the 25 statements called most")
    parser.add_argument("--stages", action="store_true", help="print where our films' seconds went, part by part")
    parser.add_argument("--bound", type=float, default=0.0, help="seconds until a row is given up (300 + films)")
    parser.add_argument("--profile", type=Path, help="record our worker with py-spy here; read it with benchmarks.flames")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and database")
    parser.add_argument("--json", type=Path, help="write all rows here too")
    parser.add_argument("--alone", default="", help=argparse.SUPPRESS)
    parser.add_argument("--counting", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.designs = [*([] if asked.only_peers else [OURS]), *filter(None, asked.peers.split(","))]
    return asked


def _workers(asked: argparse.Namespace) -> str:
    serving = [f"-Q {queues} -c {threads}" for queues, threads in asked.serving]
    return ", ".join(serving or [f"-c {asked.slots}"] * asked.workers)


def _serving(text: str) -> tuple[tuple[str, int], ...]:
    parts = [part.rpartition("=") for part in text.split("/")]
    return tuple((queues, int(threads)) for queues, _, threads in parts)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


if __name__ == "__main__":
    main()

"""How much of what Claude is sent comes from its prompt cache, over films that one user makes one after another.

Claude and the embedder are the sandbox, which bills cached prompts as the API does; pictures and clips come at once and
empty from the benchmark's own provider. The figures are the service's charges. `make bench-caching ARGS="--films 50"`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tests.harness import Sandbox

from . import ours
from .bench import say
from .stack import Stack

GOAL = 0.9
_QUICK = ("--claude", "0.05", "--embedding", "0.01", "--picture", "0.05", "--clip", "0.05")
_KINDS = ("cache_read_tokens", "cache_write_1h_tokens", "cache_write_5m_tokens", "input_tokens")
_BY_COMPONENT = f"""
SELECT component, count(*), {", ".join(f"sum(coalesce((units->>'{kind}')::bigint, 0))" for kind in _KINDS)}
FROM charges WHERE provider = 'anthropic' GROUP BY component
ORDER BY array_position(ARRAY['orchestrator', 'writer', 'director'], component)"""  # noqa: S608
_SUBJECTS = (
    "una pizzeria di Napoli", "un risotto ai funghi", "the harbour of Genoa at dawn", "a watchmaker and his shop",
    "il pane di Forno Lucia", "una gita in montagna", "a new running shoe", "la vendemmia", "a library at night",
    "una bottega di ceramica",
)
# One in five points back, as people do who come every day.
_WAYS = ("Spot di {n} secondi: {about}", "Voglio un video di {n} secondi su {about}", "A {n} second film about {about}",
         "Un video di {n} secondi, tono ironico, su {about}", "Un video di {n} secondi come l'altra volta, ma su {about}")


def main() -> None:
    """Make the films, print the table, and fail below the goal."""
    asked = _arguments()
    with running() as service:
        rows = _measure(service, asked)
    share = _print(rows, asked)
    if share < GOAL:
        raise SystemExit(f"{share:.1%} is below the goal of {GOAL:.0%}")


@contextmanager
def running(**env: str) -> Iterator[ours.Ours]:
    """The service over the sandbox's Claude and embedder, and pictures and clips that come at once; `env` are settings."""
    with tempfile.TemporaryDirectory(prefix="aida-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        stack, sandbox = Stack(folder, callbacks=True, provider_args=_QUICK), Sandbox(folder)
        stack.start()
        sandbox.start()
        try:
            sandbox.latency(anthropic=0.02, openai=0.0)
            told = sandbox.environment()
            real = {name: told[name] for name in told if name.startswith(("ANTHROPIC_", "OPENAI_"))}
            service = ours.start(stack, ours.Wishes(slots=8, env={**real, "SWEEP_SECONDS": "0.5", **env}))
            try:
                yield service
            finally:
                service.stop()
        finally:
            sandbox.stop()
            stack.stop()


def _measure(service: ours.Ours, asked: argparse.Namespace) -> list[tuple]:
    began = time.monotonic()
    with ThreadPoolExecutor(asked.at_once) as pool:
        made = list(pool.map(lambda number: film(service, number, asked), range(asked.films)))
    say(f"{len(made)} films in {time.monotonic() - began:.0f} s")
    return service.rows(_BY_COMPONENT)


def film(service: ours.Ours, number: int, asked: argparse.Namespace) -> None:
    """Ask for the film of this number and wait for its end."""
    way, about = _WAYS[number % len(_WAYS)], _SUBJECTS[(number // 2) % len(_SUBJECTS)]
    make(service, "one-user", f"{way.format(n=asked.seconds, about=about)}, no. {number + 1}")


def make(service: ours.Ours, user: str, message: str) -> None:
    """Ask for a film and wait for its end, which must be a good one."""
    task = _ask(f"{service.url}/api/orchestrator/create-video", {"userId": user, "message": message})["taskId"]
    until = time.monotonic() + 120
    while True:
        status = _ask(f"{service.url}/api/orchestrator/status/{task}")
        if status["status"] in ("completed", "partial", "failed", "cancelled"):
            break
        if time.monotonic() > until:
            raise SystemExit(f"{message!r} stands in {status['currentStep']}")
        time.sleep(0.1)
    if status["status"] != "completed" or status["degraded"]:
        raise SystemExit(f"{message!r} ended {status['status']}: {status['error']} {status['degraded']}")


def _ask(url: str, body: dict[str, str] | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=60) as answer:  # noqa: S310
        return dict(json.load(answer))


def _print(rows: list[tuple], asked: argparse.Namespace) -> float:
    """The table, and the share over all."""
    total = [sum(row[place] for row in rows) for place in range(1, 6)]
    print(f"\n{asked.films} films of {asked.seconds} s by one user, {asked.at_once} at once\n")
    print(f"{'component':<14}{'calls':>7}{'tokens a call':>15}{'read':>9}{'written 1h':>12}{'written 5m':>12}{'plain':>9}")
    share = 0.0
    for name, calls, *tokens in [*rows, ("all", *total)]:
        whole = sum(tokens) or 1
        share = tokens[0] / whole
        print(f"{name:<14}{calls:>7}{whole / max(1, calls):>15.0f}{share:>9.1%}"
              + "".join(f"{count / whole:>{width}.1%}" for count, width in zip(tokens[1:], (12, 12, 9), strict=True)))
    return share


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.caching", description=__doc__)
    parser.add_argument("--films", type=int, default=50, help="(%(default)s)")
    parser.add_argument("--seconds", type=int, default=10, help="of each film (%(default)s)")
    parser.add_argument("--at-once", type=int, default=2, help="films under way (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

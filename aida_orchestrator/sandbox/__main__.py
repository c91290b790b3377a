"""`python -m aida_orchestrator.sandbox`: the four providers on loopback."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from .faults import PROVIDERS
from .server import Server


def _latency(text: str) -> dict[str, float]:
    pace: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        if name.strip() not in PROVIDERS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PROVIDERS)}")
        try:
            pace[name.strip()] = float(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{part!r}: expected seconds, e.g. kie=1.5") from error
    return pace


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; every sale is on disk before it is answered, so stopping is at once."""
    parser = argparse.ArgumentParser(prog="python -m aida_orchestrator.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one")
    parser.add_argument("--data", type=Path, default=Path(".aida/sandbox"), help="where books and media are kept")
    parser.add_argument("--public-url", default="", help="how callers reach us; in all addresses we hand out")
    parser.add_argument("--latency", type=_latency, default={}, metavar="kie=1.5,fal=2,anthropic=0.2,openai=0")
    parser.add_argument("--concurrency", type=int, default=10, help="clips a fal key may have running at a time")
    wanted = parser.parse_args(arguments)
    try:
        server = Server(wanted.data, wanted.host, wanted.port, wanted.public_url, wanted.latency, wanted.concurrency)
    except (OSError, SystemExit) as error:
        print(f"sandbox: cannot listen on {wanted.host}:{wanted.port}: {error}. Choose another --port.",
              file=sys.stderr)
        return 1

    def stop(signum: int, frame: FrameType | None) -> None:
        server.sandbox.clockwork.stopped.set()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"SANDBOX listening on {server.address} (answers and media are simulated), data in {wanted.data}", flush=True)
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())

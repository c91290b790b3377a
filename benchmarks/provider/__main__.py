"""`python -m benchmarks.provider --port 9100`: the providers until SIGTERM. GET /ledger tells what was asked and sold."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
from contextlib import suppress

from .callbacks import Postman
from .doors import Doors
from .jobs import Jobs
from .media import Media
from .wire import Door


async def serve(asked: argparse.Namespace) -> None:
    """Serve until told to end."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    base = f"http://127.0.0.1:{asked.port}"
    postman = Postman(asked.callbacks_at_once)
    jobs = Jobs(base, asked.picture, asked.clip, postman)
    doors = Doors(jobs, Media() if asked.media else None, asked.claude, asked.embedding)
    server = await loop.create_server(lambda: Door(doors.route), "127.0.0.1", asked.port, backlog=4096)
    postman.start()
    gc.freeze()
    async with server:
        await ended.wait()


def main() -> None:
    """Parse and serve; uvloop is used where it is installed."""
    parser = argparse.ArgumentParser(prog="benchmarks.provider", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    for name, seconds in (("claude", 1.0), ("embedding", 0.1), ("picture", 3.0), ("clip", 6.0)):
        parser.add_argument(f"--{name}", type=float, default=seconds, help="seconds (%(default)s)")
    parser.add_argument("--media", action="store_true", help="serve pictures and clips at the result addresses")
    parser.add_argument("--callbacks-at-once", type=int, default=32)
    with suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

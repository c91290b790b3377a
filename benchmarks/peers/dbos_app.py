"""DBOS's process: it recovers what was pending, hands callbacks to workflows, and takes orders.

Orders come on stdin: `films a b` is answered when both are accepted.
"""

from __future__ import annotations

import asyncio
import os
import sys

from aiohttp import web
from dbos import DBOS, DBOSConfig

from .dbos_film import CALLBACK_PORT, film


async def told(request: web.Request) -> web.Response:
    """Pass a provider's callback on."""
    await DBOS.send_async(request.match_info["workflow"], "done", request.match_info["topic"])
    return web.Response()


async def listen() -> None:
    """Serve the callbacks."""
    app = web.Application()
    app.router.add_post("/told/{workflow}/{topic}", told)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", CALLBACK_PORT).start()


async def main() -> None:
    """Launch, recover, and take orders until stdin ends."""
    config: DBOSConfig = {
        "name": "films", "system_database_url": os.environ["PEER_DATABASE_URL"], "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    if CALLBACK_PORT:
        await listen()
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        word, _, values = line.strip().partition(" ")
        if word == "films":
            for film_id in values.split():
                await DBOS.start_workflow_async(film, film_id)
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(main())

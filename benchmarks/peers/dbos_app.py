"""The film as DBOS's documentation would have it: async workflows, a step for each call, durable sleep between polls.

Sequences that run side by side are child workflows ("Running Async Steps In Parallel" in its workflow tutorial); the
process recovers what was pending when it starts. It takes lines on stdin: `films 20` is answered when all are accepted.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import aiohttp
from dbos import DBOS, DBOSConfig

from . import orders

# One session for all, and no cap of its own: waiting for a free connection would be the client's time, not DBOS's.
_http: list[aiohttp.ClientSession] = []
POLLS_IN_ONE_STEP = bool(os.environ.get("PEER_POLLS_IN_ONE_STEP"))


@DBOS.workflow()
async def film(film_id: str) -> None:
    """One film from its first word to its last clip."""
    for stage in orders.TEXTS:
        await text(film_id, stage)
    await embed(film_id)
    for first in range(0, orders.SHOTS, orders.PICTURES_AT_ONCE):
        shots = range(first, min(first + orders.PICTURES_AT_ONCE, orders.SHOTS))
        handles = [await DBOS.start_workflow_async(make_picture, film_id, shot) for shot in shots]
        for handle in handles:
            await handle.get_result()
    for shot in range(orders.SHOTS):
        addresses = await buy_clip(film_id, shot)
        await wait_for(clip_ready, addresses["status"])
        await fetch_clip(addresses["response"])


@DBOS.workflow()
async def make_picture(film_id: str, shot: int) -> None:
    """One picture, from the order to the result."""
    await wait_for(picture_ready, await buy_picture(film_id, shot))


async def wait_for(look: Any, where: str) -> None:
    """Poll each second: a step and a durable sleep each time, or (the lean way) all of it in one step."""
    if POLLS_IN_ONE_STEP:
        return await poll_in_one_step(look.__name__, where)
    await DBOS.sleep_async(orders.POLL_SECONDS)
    while not await look(where):
        await DBOS.sleep_async(orders.POLL_SECONDS)


@DBOS.step()
async def text(film_id: str, stage: str) -> str:
    """One of the three calls of Claude."""
    return str((await ask(orders.text(film_id, stage)))["content"])


@DBOS.step()
async def embed(film_id: str) -> None:
    """The one embedding."""
    await ask(orders.embedding(film_id))


@DBOS.step()
async def buy_picture(film_id: str, shot: int) -> str:
    """Submit; the provider's id is what is kept."""
    return orders.picture_id(await ask(orders.picture(film_id, shot)))


@DBOS.step()
async def picture_ready(task_id: str) -> bool:
    """One look at a picture."""
    return orders.picture_ready(await ask(orders.look_at_picture(task_id)))


@DBOS.step()
async def buy_clip(film_id: str, shot: int) -> dict[str, str]:
    """Submit; the addresses to look at are what is kept."""
    return orders.clip_addresses(await ask(orders.clip(film_id, shot)))


@DBOS.step()
async def clip_ready(address: str) -> bool:
    """One look at a clip."""
    return orders.clip_ready(await ask(orders.look_at_clip(address)))


@DBOS.step()
async def fetch_clip(address: str) -> str:
    """Where the clip lies."""
    return str((await ask(orders.look_at_clip(address))).get("video", ""))


@DBOS.step()
async def poll_in_one_step(look: str, where: str) -> None:
    """The lean way: nothing is kept between polls, as nothing would be lost."""
    ready = {"picture_ready": picture_ready, "clip_ready": clip_ready}[look]
    await asyncio.sleep(orders.POLL_SECONDS)
    while not await ready(where):
        await asyncio.sleep(orders.POLL_SECONDS)


async def ask(call: orders.Call) -> dict[str, Any]:
    """One HTTP call."""
    if not _http:
        _http.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    method = "GET" if call.body is None else "POST"
    async with _http[0].request(method, call.url, json=call.body, headers=dict(call.headers)) as answer:
        answer.raise_for_status()
        return dict(await answer.json())


async def main() -> None:
    """Launch, recover, and take orders until stdin ends."""
    config: DBOSConfig = {
        "name": "films", "system_database_url": os.environ["PEER_DATABASE_URL"], "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        word, _, values = line.strip().partition(" ")
        if word == "films":
            for film_id in values.split():
                await DBOS.start_workflow_async(film, film_id)
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(main())

"""The film as DBOS's documentation would have it: async workflows, a step for each call, durable sleep between polls.

Sequences that run side by side are child workflows ("Running Async Steps In Parallel" in its workflow tutorial), a
callback is a message to the waiting workflow ("Messages Example" in communicating with workflows).
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import aiohttp
from dbos import DBOS

from . import orders

# One session for all, and no cap of its own: waiting for a free connection would be the client's time, not DBOS's.
_http: list[aiohttp.ClientSession] = []
POLLS_IN_ONE_STEP = bool(os.environ.get("PEER_POLLS_IN_ONE_STEP"))
CALLBACK_PORT = int(os.environ.get("PEER_CALLBACK_PORT") or 0)
CALLBACK_WAIT = 60.0


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
        addresses = await buy_clip(film_id, shot, callback(f"clip-{shot}"))
        await wait_for(clip_ready, addresses["status"], f"clip-{shot}")
        await fetch_clip(addresses["response"])


@DBOS.workflow()
async def make_picture(film_id: str, shot: int) -> None:
    """One picture, from the order to the result."""
    await wait_for(picture_ready, await buy_picture(film_id, shot, callback("picture")), "picture")


async def wait_for(look: Any, where: str, topic: str) -> None:
    """A callback and a look, with polls as the net; or a look each second.

    Each look and each durable sleep is a step; the lean way has all of them in one.
    """
    if CALLBACK_PORT:
        await DBOS.recv_async(topic, CALLBACK_WAIT)
    elif POLLS_IN_ONE_STEP:
        return await poll_in_one_step(look.__name__, where)
    else:
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
async def buy_picture(film_id: str, shot: int, tell: str) -> str:
    """Submit; the provider's id is what is kept."""
    return orders.picture_id(await ask(orders.picture(film_id, shot, tell)))


@DBOS.step()
async def picture_ready(task_id: str) -> bool:
    """One look at a picture."""
    return orders.picture_ready(await ask(orders.look_at_picture(task_id)))


@DBOS.step()
async def buy_clip(film_id: str, shot: int, tell: str) -> dict[str, str]:
    """Submit; the addresses to look at are what is kept."""
    return orders.clip_addresses(await ask(orders.clip(film_id, shot, tell)))


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


def callback(topic: str) -> str:
    """The address by which a provider tells the workflow that runs here; empty where nobody listens."""
    return f"http://127.0.0.1:{CALLBACK_PORT}/told/{DBOS.workflow_id}/{topic}" if CALLBACK_PORT else ""


async def ask(call: orders.Call) -> dict[str, Any]:
    """One HTTP call."""
    if not _http:
        _http.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    method = "GET" if call.body is None else "POST"
    async with _http[0].request(method, call.url, json=call.body, headers=dict(call.headers)) as answer:
        answer.raise_for_status()
        return dict(await answer.json())

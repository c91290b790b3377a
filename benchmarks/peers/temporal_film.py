"""The film as Temporal's documentation would have it.

A purchase is an activity; the waiting is another that polls in a loop and heartbeats (its samples' "frequent polling", meant
for intervals of a second or less).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    import aiohttp

    from . import orders

QUEUE = "films"
_CALL = timedelta(seconds=30)
_WAIT = timedelta(minutes=5)
_BEAT = timedelta(seconds=5)
_http: list[aiohttp.ClientSession] = []


@activity.defn
async def text(film_id: str, stage: str) -> str:
    """One of the three calls of Claude."""
    return str((await _ask(orders.text(film_id, stage)))["content"])


@activity.defn
async def embed(film_id: str) -> None:
    """The one embedding."""
    await _ask(orders.embedding(film_id))


@activity.defn
async def buy_picture(film_id: str, shot: int) -> str:
    """Submit; the provider's id is what is kept."""
    return orders.picture_id(await _ask(orders.picture(film_id, shot)))


@activity.defn
async def wait_for_picture(task_id: str) -> None:
    """Until it is done."""
    while True:
        await asyncio.sleep(orders.POLL_SECONDS)
        if orders.picture_ready(await _ask(orders.look_at_picture(task_id))):
            return
        activity.heartbeat()


@activity.defn
async def buy_clip(film_id: str, shot: int) -> dict[str, str]:
    """Submit; the addresses to look at are what is kept."""
    return orders.clip_addresses(await _ask(orders.clip(film_id, shot)))


@activity.defn
async def wait_for_clip(addresses: dict[str, str]) -> str:
    """Until it is done; where it lies."""
    while True:
        await asyncio.sleep(orders.POLL_SECONDS)
        if orders.clip_ready(await _ask(orders.look_at_clip(addresses["status"]))):
            return str((await _ask(orders.look_at_clip(addresses["response"]))).get("video", ""))
        activity.heartbeat()


@workflow.defn
class Film:
    """One film from its first word to its last clip."""

    @workflow.run
    async def run(self, film_id: str) -> None:
        """Texts, the embedding, pictures four at a time, clips in turn."""
        for stage in orders.TEXTS:
            await workflow.execute_activity(text, args=[film_id, stage], start_to_close_timeout=_CALL)
        await workflow.execute_activity(embed, film_id, start_to_close_timeout=_CALL)
        turns = asyncio.Semaphore(orders.PICTURES_AT_ONCE)
        await asyncio.gather(*(self._picture(film_id, shot, turns) for shot in range(orders.SHOTS)))
        for shot in range(orders.SHOTS):
            addresses = await workflow.execute_activity(buy_clip, args=[film_id, shot], start_to_close_timeout=_CALL)
            await workflow.execute_activity(
                wait_for_clip, addresses, start_to_close_timeout=_WAIT, heartbeat_timeout=_BEAT)

    async def _picture(self, film_id: str, shot: int, turns: asyncio.Semaphore) -> None:
        async with turns:
            task_id = await workflow.execute_activity(buy_picture, args=[film_id, shot], start_to_close_timeout=_CALL)
            await workflow.execute_activity(
                wait_for_picture, task_id, start_to_close_timeout=_WAIT, heartbeat_timeout=_BEAT)


async def _ask(call: orders.Call) -> dict[str, Any]:
    if not _http:
        _http.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    method = "GET" if call.body is None else "POST"
    async with _http[0].request(method, call.url, json=call.body, headers=dict(call.headers)) as answer:
        answer.raise_for_status()
        return dict(await answer.json())

"""Temporal's worker process: it makes films until it is killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from .temporal_film import QUEUE, Film, buy_clip, buy_picture, embed, text, wait_for_clip, wait_for_picture

# The default of 100 would let 25 films make pictures at once; waiting costs a slot each.
SLOTS = 5000


async def main() -> None:
    """Work until killed."""
    client = await Client.connect(os.environ["PEER_TEMPORAL"])
    activities: list[Callable[..., Any]] = [text, embed, buy_picture, wait_for_picture, buy_clip, wait_for_clip]
    async with Worker(client, task_queue=QUEUE, workflows=[Film], activities=activities, max_concurrent_activities=SLOTS):
        print("works", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

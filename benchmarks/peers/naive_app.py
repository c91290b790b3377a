"""The Celery app that everybody writes first: one task a stage, and tasks that sleep while a provider renders.

Settings are Celery's own but for two that its manual advises for long tasks: no results kept, no prefetching.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg2
import requests
from celery import Celery, chain
from psycopg2.extensions import connection

from . import orders

CONNECTIONS = 20
app = Celery("naive", broker=os.environ.get("PEER_REDIS_URL"))
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1)

_here = threading.local()
_free: queue.LifoQueue[connection | None] = queue.LifoQueue()
for _ in range(CONNECTIONS):
    _free.put(None)


def film(film_id: str) -> Any:
    """The whole chain of a film."""
    return chain(*(text.si(film_id, stage) for stage in orders.TEXTS), embed.si(film_id), visual.si(film_id),
                 video.si(film_id))


@app.task
def text(film_id: str, stage: str) -> None:
    """One of the three calls of Claude."""
    _ask(orders.text(film_id, stage))
    _tell(film_id, stage)


@app.task
def embed(film_id: str) -> None:
    """The one embedding."""
    _ask(orders.embedding(film_id))


@app.task
def visual(film_id: str) -> None:
    """All pictures, four at a time."""
    with ThreadPoolExecutor(orders.PICTURES_AT_ONCE) as pool:
        list(pool.map(lambda shot: _make_picture(film_id, shot), range(orders.SHOTS)))
    _tell(film_id, "visual")


@app.task
def video(film_id: str) -> None:
    """All clips, one after another."""
    for shot in range(orders.SHOTS):
        _make_clip(film_id, shot)
    _tell(film_id, "done", ended=time.time())


def _make_picture(film_id: str, shot: int) -> None:
    task_id = orders.picture_id(_ask(orders.picture(film_id, shot)))
    while True:
        time.sleep(orders.POLL_SECONDS)
        if orders.picture_ready(_ask(orders.look_at_picture(task_id))):
            return _tell(film_id, f"picture {shot}")


def _make_clip(film_id: str, shot: int) -> None:
    addresses = orders.clip_addresses(_ask(orders.clip(film_id, shot)))
    while True:
        time.sleep(orders.POLL_SECONDS)
        if orders.clip_ready(_ask(orders.look_at_clip(addresses["status"]))):
            _ask(orders.look_at_clip(addresses["response"]))
            return _tell(film_id, f"clip {shot}")


def _ask(call: orders.Call) -> dict[str, Any]:
    if not hasattr(_here, "session"):
        _here.session = requests.Session()
    method = "GET" if call.body is None else "POST"
    answer = _here.session.request(method, call.url, json=call.body, headers=dict(call.headers), timeout=60)
    answer.raise_for_status()
    return dict(answer.json())


def _tell(film_id: str, progress: str, ended: float | None = None) -> None:
    with _database() as cursor:
        cursor.execute("UPDATE films SET progress = %s, ended = %s WHERE id = %s", (progress, ended, film_id))


@contextmanager
def _database() -> Iterator[Any]:
    """A cursor in a transaction of its own, on one of a few connections that all threads share."""
    link = _free.get()
    try:
        link = link or psycopg2.connect(os.environ["PEER_DATABASE_URL"])
        with link, link.cursor() as cursor:
            yield cursor
    finally:
        _free.put(link)

"""Rows of workers: each says every few seconds that it lives and which queues it serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .db import Tx, load_queries

_SQL = load_queries("workers")


@dataclass(frozen=True, slots=True)
class Serving:
    """How many workers serve a queue, and how many messages they can work on at once."""

    workers: int
    slots: int


def put_worker(tx: Tx, *, owner: str, node: str, queues: Sequence[str], slots: int, now: datetime) -> None:
    """Say that a worker lives; `owner` is its host and process, `node` its name in Celery."""
    tx.later(_SQL["put_worker"], owner=owner, node=node, queues=list(queues), slots=slots, now=now)


def remove_worker(tx: Tx, owner: str) -> None:
    """Say that a worker ends."""
    tx.later(_SQL["remove_worker"], owner=owner)


def forget_workers(tx: Tx, now: datetime) -> None:
    """Forget those that ended a day ago without saying so."""
    tx.later(_SQL["forget_workers"], now=now)


def count_workers(tx: Tx, now: datetime, patience: float) -> dict[str, Serving]:
    """By queue, those that were heard of within `patience` seconds."""
    return {row["queue"]: Serving(int(row["workers"]), int(row["slots"]))
            for row in tx.all(_SQL["count_workers"], now=now, patience=patience)}

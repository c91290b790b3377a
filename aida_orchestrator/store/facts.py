"""What whoever looks after the service wants to know of the server and of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .db import Tx, load_queries

_SQL = load_queries("facts")


@dataclass(frozen=True, slots=True)
class Server:
    """`vector` is the installed pgvector, `vector_available` the one that could be; `at` is the server's clock."""

    number: int
    title: str
    vector: str | None
    vector_available: str | None
    standby: bool
    at: datetime
    most: int
    connections: int


def server(tx: Tx) -> Server:
    """The facts; asks nothing of our own tables."""
    row = tx.one(_SQL["server"])
    assert row is not None
    return Server(**row)


def sample_assets(tx: Tx, after_key: str, limit: int) -> list[tuple[str, int]]:
    """Keys and sizes of some files, the first at or after a key."""
    return [(row["key"], row["bytes"]) for row in tx.all(_SQL["sample_assets"], after_key=after_key, limit=limit)]

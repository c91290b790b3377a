"""Vectors of files, campaigns and what was said: one row a part and an embedder, always asked for with tenant and user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .db import Tx, as_json, load_queries

_SQL = load_queries("vectors")

Part = tuple[str, int, Sequence[float]]
"""(item id, part, vector)"""


def put_vectors(
    tx: Tx, *, kind: str, embedder: str, tenant_id: str, user_id: str, parts: Sequence[Part], now: datetime
) -> int:
    """Write or replace vectors (kind: file, campaign, said); how many rows were written."""
    return tx.run(
        _SQL["put_vectors"], kind=kind, embedder=embedder, tenant_id=tenant_id, user_id=user_id, now=now,
        parts=as_json([{"item_id": item, "part": part, "embedding": literal(vector)} for item, part, vector in parts]),
    )


def nearest_items(
    tx: Tx, *, kind: str, tenant_id: str, user_id: str, embedder: str, vector: Sequence[float], limit: int, floor: float,
    among: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Rows with item_id, part (the nearest one) and similarity (cosine, at least `floor`), best first."""
    return tx.all(
        _SQL["nearest_items"], kind=kind, tenant_id=tenant_id, user_id=user_id, embedder=embedder, vector=literal(vector),
        limit=limit, floor=floor, item_ids=list(among) if among is not None else None,
    )


def forget_vectors(tx: Tx, *, kind: str, tenant_id: str, user_id: str, items: Sequence[str] | None = None) -> int:
    """Delete the vectors of these items of the user, or of all of this kind; how many there were."""
    return tx.run(_SQL["forget_vectors"], kind=kind, tenant_id=tenant_id, user_id=user_id,
                  item_ids=list(items) if items is not None else None)


def literal(vector: Sequence[float]) -> str:
    """pgvector's text form: no adapter has to be registered on each connection."""
    return "[" + ",".join(["%.9g"] * len(vector)) % tuple(vector) + "]"  # it keeps four bytes a number: nine digits

"""Rows of charges: one for each call to a provider, priced when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .db import Tx, as_json, load_queries


def add_charge(
    tx: Tx, *, tenant_id: str, user_id: str, project_id: str | None, task_id: str | None, component: str,
    provider: str, model: str, units: Mapping[str, int], tokens: int, api_calls: int, dollars: Decimal | None,
    cache_hit_rate: Decimal | None, price_version: str, formula: str, job_id: str | None, now: datetime,
) -> None:
    """Write one charge; a job that has one already keeps it. `dollars` None = no price is known; no task = of no film."""
    tx.later(
        load_queries("charges")["add_charge"], tenant_id=tenant_id, user_id=user_id, project_id=project_id,
        task_id=task_id, component=component, provider=provider, model=model, units=as_json(dict(units)),
        tokens=tokens, api_calls=api_calls, dollars=dollars, cache_hit_rate=cache_hit_rate,
        price_version=price_version, formula=formula, job_id=job_id, now=now,
    )


def task_cost(tx: Tx, task_id: str) -> dict[str, Any]:
    """{tokens, dollars, unknown, by_component: {component: the same}}; `unknown` = some call has no known price."""
    rows = tx.all(load_queries("charges")["task_cost"], task_id=task_id)
    return {
        "tokens": sum(int(row["tokens"]) for row in rows),
        "dollars": sum((row["dollars"] for row in rows), Decimal(0)),
        "unknown": any(row["unknown_calls"] for row in rows),
        "by_component": {
            row["component"]: {
                "tokens": int(row["tokens"]), "api_calls": int(row["api_calls"]), "dollars": row["dollars"],
                "unknown": bool(row["unknown_calls"]),
            }
            for row in rows
        },
    }

"""Rows of charges: one for each call to a provider, priced when it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .db import Tx, as_json, load_queries


def add_charge(
    tx: Tx, *, tenant_id: str, user_id: str, project_id: str | None, task_id: str | None, component: str,
    provider: str, model: str, units: Mapping[str, int], tokens: int, api_calls: int, dollars: Decimal | None,
    cache_hit_rate: Decimal | None, price_version: str, formula: str, job_id: str | None, now: datetime,
    request_id: str | None = None, counted: Decimal | None = None, reservation: str | None = None,
) -> None:
    """Write one charge; a job that has one already keeps it. `dollars` None = no price is known; no task = of no film.
    `request_id` is what the provider's bill calls it, `counted` what counts against ceilings where no price is known,
    `reservation` the key of what was set aside for it."""
    tx.later(
        load_queries("charges")["add_charge"], tenant_id=tenant_id, user_id=user_id, project_id=project_id,
        task_id=task_id, component=component, provider=provider, model=model, units=as_json(dict(units)),
        tokens=tokens, api_calls=api_calls, dollars=dollars, cache_hit_rate=cache_hit_rate,
        price_version=price_version, formula=formula, job_id=job_id, request_id=request_id, now=now,
        counted=counted, reservation=reservation,
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


@dataclass(frozen=True, slots=True)
class Charge:
    """One booked call; `dollars` None = no price was known."""

    id: int
    user_id: str
    task_id: str | None
    component: str
    provider: str
    model: str
    units: Mapping[str, int]
    dollars: Decimal | None
    price_version: str
    formula: str
    job_id: str | None
    request_id: str | None
    created_at: datetime


def list_charges(tx: Tx, begin: datetime, end: datetime, after: int, limit: int) -> list[Charge]:
    """Charges of begin <= time < end whose number is above `after`, in order, at most `limit`."""
    rows = tx.all(load_queries("charges")["list_charges"], begin_at=begin, end_at=end, after_number=after,
                  limit=limit)
    return [_charge(row) for row in rows]


def list_jobs_charges(
    tx: Tx, provider: str, begin: datetime, end: datetime, request_ids: Sequence[str],
) -> list[Charge]:
    """A provider's charges of that time, and those of these requests whenever they were made."""
    rows = tx.all(load_queries("charges")["list_jobs_charges"], provider=provider, begin_at=begin, end_at=end,
                  ids=list(request_ids))
    return [_charge(row) for row in rows]


def find_requests(tx: Tx, provider: str, request_ids: Sequence[str]) -> dict[str, str]:
    """Which of these requests a job of ours knows, also one without a charge: {request id: job id}."""
    rows = tx.all(load_queries("charges")["find_requests"], provider=provider, ids=list(request_ids))
    return {row["request_id"]: row["job_id"] for row in rows}


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(**{name: row[name] for name in Charge.__dataclass_fields__})

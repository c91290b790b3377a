"""Rows of which the story of a film is told: its events and its charges, both only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .db import Tx, load_queries

_SQL = load_queries("story")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `began_at` of the end of a stage is when it was begun."""

    number: int
    at: datetime
    stage: str | None
    kind: str
    data: dict[str, Any]
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge; `so_far` is all that was paid for the film until then, `dollars` None where no price is known."""

    id: int
    at: datetime
    component: str
    provider: str
    model: str
    tokens: int
    units: dict[str, Any]
    dollars: Decimal | None
    cache_hit_rate: Decimal | None
    job_id: str | None
    shot: int | None
    so_far: Decimal


def list_events(tx: Tx, task_id: str, after: int, limit: int) -> list[EventRow]:
    """The events of a film after this number, in order, at most `limit`."""
    return [EventRow(**row) for row in tx.all(_SQL["list_story_events"], task_id=task_id, after_number=after, limit=limit)]


def list_charges(tx: Tx, task_id: str, after: int, limit: int) -> list[ChargeRow]:
    """The charges of a film after the one with this id, in order, at most `limit`."""
    rows = tx.all(_SQL["list_story_charges"], task_id=task_id, after_charge=after, limit=limit)
    return [ChargeRow(**{**row, "job_id": row["job_id"] or None}) for row in rows]


def paid_until(tx: Tx, task_id: str, charge: int) -> Decimal:
    """What had been paid for a film when the charge with this id was booked."""
    row = tx.one(_SQL["paid_until"], task_id=task_id, after_charge=charge)
    return Decimal(row["dollars"]) if row else Decimal(0)

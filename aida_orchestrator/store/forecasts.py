"""Rows that estimates are made from, and held against afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..model import Category, Evidence, Forecast, Reason
from .db import Tx, load_queries

_SQL = load_queries("forecasts")
_OWN, _OTHERS = 20, 40


@dataclass(frozen=True, slots=True)
class PastFilm:
    """A finished film: whether it is the asking user's own, what was expected of it, how it came out, what it cost by
    component (None where some call has no price)."""

    own: bool
    forecast: Forecast
    seconds: int | None
    shots: int | None
    cost: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Past:
    """Former films, the newest first, and what is known of how long this user likes films."""

    films: tuple[PastFilm, ...]
    evidence: tuple[Evidence, ...]
    said: Any


@dataclass(frozen=True, slots=True)
class Ended:
    """A film of which it is known what was expected and what it cost."""

    id: str
    forecast: Forecast
    cost: Mapping[str, Decimal | None]


def read_past(tx: Tx, tenant_id: str, user_id: str, after: datetime) -> Past:
    """What an estimate for this user learns from, by one statement; evidence since `after`."""
    row = tx.one(_SQL["read_past"], tenant_id=tenant_id, user_id=user_id, after_at=after, own=_OWN, others=_OTHERS)
    assert row is not None
    return Past(
        tuple(PastFilm(one["own"], Forecast.model_validate(one["forecast"]), one["seconds"], one["shots"], one["cost"] or {})
              for one in row["films"]),
        tuple(Evidence(Category.DURATION, one["value"], float(one["weight"]), Reason.FINISHED, "", "",
                       datetime.fromisoformat(one["at"])) for one in row["evidence"]),
        row["said"])


def list_ended(tx: Tx, begin: datetime, end: datetime, after: str, limit: int) -> list[Ended]:
    """Estimated films of begin <= asked for < end that have ended with a film, in order of their ids, above `after`."""
    rows = tx.all(_SQL["list_ended"], begin_at=begin, end_at=end, after=after, limit=limit)
    return [Ended(row["id"], Forecast.model_validate(row["forecast"]), {
        name: None if dollars is None else Decimal(dollars) for name, dollars in (row["cost"] or {}).items()})
        for row in rows]

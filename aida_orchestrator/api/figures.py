"""Amounts and moments as callers read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def dollars(amount: Any) -> Any:
    """An amount as callers read it: a number of at most six decimals."""
    rounded = round(float(amount), 6)
    return int(rounded) if rounded == int(rounded) else rounded


def moment(at: datetime | None) -> str | None:
    """A moment as callers read it: ISO 8601 in UTC, with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None

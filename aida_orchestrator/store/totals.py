"""Sums over all charges ever: those of old ones are kept, those of the last hour are added when asked for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .db import Tx, load_queries

_SQL = load_queries("totals")


def settle_sums(tx: Tx, now: datetime) -> None:
    """Add charges that are an hour old to the sums that are kept; nothing while somebody else does."""
    tx.later(_SQL["settle_sums"], now=now)


def charge_totals(tx: Tx) -> dict[tuple[str, str], Decimal]:
    """(component, measure) → amount; a measure is dollars, calls, unpriced, or a unit of a charge."""
    return {(row["component"], row["measure"]): row["amount"] for row in tx.all(_SQL["charge_totals"])}

"""Rows of what may be spent: a reservation before each paid call, and the switch of all spending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ..model import Job
from .db import Tx, load_queries

_SQL = load_queries("spending")


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What may stand in the way of a call: the switch, the provider's pause and who is let through, whether any ceiling."""

    stopped_since: datetime | None
    stop_reason: str | None
    paused_since: datetime | None
    pause_message: str | None
    probe: str | None
    limited: bool


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is set aside for calls: dollars (where a price is known), how many calls, and how many of them are in doubt."""

    dollars: Decimal
    count: int
    old: int


def reserve(tx: Tx, *, key: str, tenant_id: str, user_id: str, task_id: str | None, component: str, provider: str,
            dollars: Decimal | None, now: datetime, until: datetime) -> InTheWay:
    """Set aside what a call may cost (None: no price is known) until it is booked, released, or `until`."""
    row = tx.one(_SQL["reserve"], key=key, tenant_id=tenant_id, user_id=user_id, task_id=task_id, component=component,
                 provider=provider, dollars=dollars, now=now, until_at=until)
    assert row is not None
    return InTheWay(**row)


def lock_budgets(tx: Tx, key: str) -> list[str]:
    """Ids of the ceilings that a reservation counts against, held still until this transaction ends."""
    return [row["id"] for row in tx.all(_SQL["lock_budgets"], key=key)]


def release(tx: Tx, key: str) -> None:
    """A call was certainly not made."""
    tx.later(_SQL["release"], key=key)


def expire(tx: Tx, now: datetime) -> int:
    """Let reservations go whose time is over; how many."""
    return tx.run(_SQL["expire"], now=now)


def task_reserved(tx: Tx, task_id: str) -> tuple[Decimal, bool]:
    """(dollars that are set aside for a film, whether some of it has no known price)."""
    row = tx.one(_SQL["task_reserved"], task_id=task_id)
    return (Decimal(row["dollars"]), bool(row["unknown"])) if row else (Decimal(0), False)


def sum_reserved(tx: Tx, now: datetime) -> dict[str, Reserved]:
    """What is set aside at this moment, by provider."""
    return {row["provider"]: Reserved(Decimal(row["dollars"]), int(row["calls"]), int(row["old"]))
            for row in tx.all(_SQL["sum_reserved"], now=now)}


def stop(tx: Tx, reason: str | None, now: datetime) -> datetime:
    """Nothing is bought from this commit on; since when that holds."""
    row = tx.one(_SQL["stop_spending"], reason=reason, now=now)
    assert row is not None
    since: datetime = row["since"]
    return since


def start(tx: Tx) -> bool:
    """What waits for the switch goes on; False when it was on."""
    return tx.run(_SQL["start_spending"]) == 1


def find_stop(tx: Tx) -> tuple[datetime, str | None] | None:
    """(since when nothing may be bought, why), or None."""
    row = tx.one(_SQL["find_stop"])
    return (row["since"], row["reason"]) if row else None


def key_of(job: Job) -> str:
    """The key of the reservation, and of the charge, of a job's latest sending."""
    return f"{job.id}#{job.attempt}"

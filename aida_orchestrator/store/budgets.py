"""Rows of ceilings: what may be spent by whom in which period, and how each stands."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .db import Tx, load_queries

_SQL = load_queries("budgets")
EACH = "*"
_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Whose it is: `scope` tenant, user, campaign or film, `subject` the id ('' of a tenant, * for each user who has none of
    their own); `period` day, month, total."""

    tenant_id: str
    scope: str
    subject: str
    period: str


@dataclass(frozen=True, slots=True)
class Budget:
    """A ceiling in dollars, and how it stands: what was spent in its period, and all that is reserved now. `inherited`: it
    is a user's, and that for each user."""

    id: str
    scope: str
    subject: str
    period: str
    dollars: Decimal
    inherited: bool
    spent: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be reserved; below zero where the ceiling was set below what had been spent."""
        return self.dollars - self.spent - self.reserved


def put_budget(tx: Tx, of: Ceiling, dollars: Decimal, now: datetime) -> bool:
    """Set a ceiling, and count what was spent under it; True when it is a new one."""
    row = tx.one(_SQL["put_budget"], id=f"budget_{secrets.token_hex(10)}", tenant_id=of.tenant_id, scope=of.scope,
                 subject=of.subject, budget_period=of.period, dollars=dollars, now=now)
    assert row is not None
    tx.later(_SQL["recount_budgets"], ids=[row["id"]], now=now)
    # A charge that is being written now does not see this ceiling yet, and is not seen by it.
    tx.later(_SQL["recount_later"], recount_at=now + _AGAIN, id=row["id"])
    if of.scope == "user" and of.subject == EACH:
        tx.later(_SQL["hand_down"], tenant_id=of.tenant_id, budget_period=of.period, dollars=dollars, now=now)
    return bool(row["is_new"])


def inherit(tx: Tx, tenant_id: str, user_id: str, now: datetime) -> None:
    """Give a user the ceilings that are for each user, where they have none of their own."""
    rows = tx.all(_SQL["inherit_budgets"], tenant_id=tenant_id, user_id=user_id, now=now)
    recount(tx, [row["id"] for row in rows], now)


def drop_budget(tx: Tx, of: Ceiling) -> bool:
    """Take a ceiling away; False when there was none."""
    return tx.run(_SQL["drop_budget"], tenant_id=of.tenant_id, scope=of.scope, subject=of.subject,
                  budget_period=of.period) > 0


def find_budget(tx: Tx, of: Ceiling, now: datetime) -> Budget | None:
    """One ceiling as it stands, or None."""
    row = tx.one(_SQL["find_budget"], tenant_id=of.tenant_id, scope=of.scope, subject=of.subject, budget_period=of.period)
    return next(iter(stand(tx, [row["id"]], now)), None) if row else None


def list_budgets(tx: Tx, tenant_id: str, now: datetime, *, scope: str | None = None, subject: str | None = None,
                 limit: int = 1000) -> list[Budget]:
    """The ceilings of a tenant as they stand; those of single films only where `scope` says so."""
    rows = tx.all(_SQL["list_budgets"], tenant_id=tenant_id, scope=scope, subject=subject, limit=limit)
    found = {budget.id: budget for budget in stand(tx, [row["id"] for row in rows], now)}
    return [found[row["id"]] for row in rows if row["id"] in found]


def count_budgets(tx: Tx) -> int:
    """How many ceilings somebody has set, but for those of films that have ended."""
    return int((tx.one(_SQL["count_budgets"]) or {"n": 0})["n"])


def list_of_task(tx: Tx, task_id: str, now: datetime) -> list[Budget]:
    """The ceilings that whatever a film buys counts against, as they stand."""
    return stand(tx, [row["id"] for row in tx.all(_SQL["budgets_of_task"], task_id=task_id)], now)


def stand(tx: Tx, ids: Sequence[str], now: datetime) -> list[Budget]:
    """How these ceilings stand, in the order of their ids."""
    return [Budget(**row) for row in tx.all(_SQL["room_of"], ids=list(ids), now=now)]


def recount(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    """Count again, from the charges, what was spent under these ceilings."""
    if ids:
        tx.later(_SQL["hold_budgets"], ids=list(ids))
        tx.flush()
        tx.later(_SQL["recount_budgets"], ids=list(ids), now=now)


def recount_due(tx: Tx, now: datetime) -> None:
    """Count those again that were set a moment ago."""
    recount(tx, [row["id"] for row in tx.all(_SQL["recounts_due"], now=now)], now)


def recount_campaign(tx: Tx, tenant_id: str, campaign_id: str, now: datetime) -> None:
    """A film has joined a campaign: what it cost before counts there too."""
    found = tx.all(_SQL["budgets_of_campaign"], tenant_id=tenant_id, campaign_id=campaign_id)
    recount(tx, [row["id"] for row in found], now)

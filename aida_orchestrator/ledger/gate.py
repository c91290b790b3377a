"""May it be bought now? Asked before each paid call, in the transaction of its intent, and answered by a reservation.

A call's price is set aside first; then the ceilings that it counts against are held still, and with all that is spent and
reserved each must hold. Whoever comes second waits for the row of the first, and sees its reservation: so a ceiling cannot
be passed, however many ask at once. The charge lets the reservation go and adds to what is spent, in one statement.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from ..errors import AccountEmpty, BudgetReached, PriceUnknown, SpendingStopped
from ..model import Component, Usage
from ..store import budgets, spending
from ..store.budgets import Budget
from ..store.db import Tx
from ..store.spending import InTheWay
from .book import Price, PriceBook
from .charging import TaskKeys

_MILLIONTH = Decimal("0.000001")
_AND = ", and of "
_WHOSE = {"tenant": "everything", "user": "this user", "campaign": "this campaign", "film": "this film"}
_WHEN = {"day": " a day", "month": " a month", "total": ""}
_WHAT = {Component.MIDJOURNEY: "a picture by Midjourney", Component.KLING: "a clip by Kling",
         Component.MEMORY: "memory's vectors"}


class Gate:
    """Reserves what calls may cost, or raises Held. One whose account was empty lets those through that try it."""

    def __init__(self, book: PriceBook) -> None:
        self._book = book

    def reserve(self, tx: Tx, key: str, keys: TaskKeys, component: Component, usage: Usage, now: datetime,
                lasts: timedelta, probe: str | None = None) -> bool:
        """Set aside what `usage` costs, in the caller's transaction, which must be rolled back where this raises Held.

        `key` names the call, `lasts` is how long it stays reserved if nothing is heard of it, `probe` who asks (job or
        task). True when this call tries a provider whose account was empty.
        """
        task_id, _, tenant_id, user_id = keys
        price = self._book.price(usage, now)
        dollars = _rounded_up(price)
        found = spending.reserve(
            tx, key=key, tenant_id=tenant_id, user_id=user_id, task_id=task_id, component=component.value,
            provider=usage.provider, dollars=dollars, now=now, until=now + lasts)
        _not_stopped(found, usage.provider, dollars)
        probes = _not_paused(found, usage.provider, dollars, probe)
        if found.limited:
            budgets.inherit(tx, tenant_id, user_id, now)
            self._fits(tx, key, component, usage, price, dollars, now)
        return probes

    def price(self, usage: Usage, now: datetime) -> Decimal | None:
        """What is reserved for a usage, in dollars; None where no price is known and nobody said what to take it for."""
        return _rounded_up(self._book.price(usage, now))

    def _fits(self, tx: Tx, key: str, component: Component, usage: Usage, price: Price, dollars: Decimal | None,
              now: datetime) -> None:
        standing = budgets.stand(tx, spending.lock_budgets(tx, key), now)
        if standing and dollars is None:
            raise PriceUnknown(f"{_what(component)} has no known price ({price.formula}), and there is a "
                       f"ceiling of {_ceiling(standing[0])}: it cannot be told whether that holds", dollars=None,
                       provider=usage.provider)
        over = [budget for budget in standing if budget.left < 0]
        if over and dollars is not None:
            raise _held(component, dollars, min(over, key=lambda budget: budget.left), usage.provider)


def _rounded_up(price: Price) -> Decimal | None:
    return None if price.counted is None else price.counted.quantize(_MILLIONTH, ROUND_UP)


def _not_stopped(found: InTheWay, provider: str, dollars: Decimal | None) -> None:
    if found.stopped_since is not None:
        why = f" ({found.stop_reason})" if found.stop_reason else ""
        raise SpendingStopped(f"the operator has stopped all spending{why}", dollars=dollars, provider=provider)


def _not_paused(found: InTheWay, provider: str, dollars: Decimal | None, probe: str | None) -> bool:
    if found.paused_since is None:
        return False
    if found.probe is not None and found.probe == probe:
        return True
    raise AccountEmpty(found.pause_message or "", dollars=dollars, provider=provider)


def _held(component: Component, dollars: Decimal, budget: Budget, provider: str) -> BudgetReached:
    before = replace(budget, reserved=budget.reserved - dollars)  # but for this step
    return BudgetReached(
        f"the next step ({_what(component)}) would cost {_up_to(component)}{_money(dollars)}{_AND}{_in_the_way(before)}",
        dollars=dollars, provider=provider, details={"ceiling": {
            "scope": budget.scope, "subject": budget.subject, "period": budget.period, "dollars": str(budget.dollars),
            "spent": str(budget.spent), "reserved": str(before.reserved)}})


def told_anew(message: str, budget: Budget) -> str:
    """The message of a step that was held, with the ceiling that is in its way now."""
    return f"{message.partition(_AND)[0]}{_AND}{_in_the_way(budget)}"


def _in_the_way(budget: Budget) -> str:
    """How a ceiling stands, in words."""
    there = f", {_money(budget.reserved)} reserved" if budget.reserved > 0 else ""
    return f"the {_ceiling(budget)} {_money(budget.spent)} is spent{there}"


def _ceiling(budget: Budget) -> str:
    return f"{_money(budget.dollars)}{_WHEN[budget.period]} for {_WHOSE[budget.scope]}"


def _what(component: Component) -> str:
    return _WHAT.get(component, f"an answer of Claude for the {component}")


def _up_to(component: Component) -> str:
    return "" if component in (Component.MIDJOURNEY, Component.KLING) else "up to "


def _money(dollars: Decimal) -> str:
    """Cents, and what is less than a cent where it matters: $0.42, $0.0131."""
    plain = f"{dollars.normalize():f}" if dollars else "0"
    whole, _, part = plain.partition(".")
    return f"${whole}.{part.ljust(2, '0')}"

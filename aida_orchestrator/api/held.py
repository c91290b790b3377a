"""Metrics of what may not be bought now, and of the money that is set aside. See docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from prometheus_client.core import Metric

from ..services import Services
from ..store import budgets, holds, spending
from ..store.budgets import Budget
from ..store.db import Tx
from ..store.holds import WORDS
from ..store.spending import Reserved
from .asking import TENANT
from .families import gauge, known

PROVIDERS = ("kie", "fal", "anthropic", "openai")


def stops(services: Services, tx: Tx) -> Iterable[Metric]:
    """The switch, and empty accounts."""
    now, stop = services.clock(), spending.find_stop(tx)
    yield gauge("aida_spending_stopped", "1 while the operator has stopped all spending.", (), [((), stop is not None)])
    yield gauge("aida_spending_stopped_seconds", "For how long; 0 while it is on.", (), [((), _age(stop and stop[0], now))])
    since = dict[str, datetime | None](dict.fromkeys(PROVIDERS))
    for pause in holds.list_pauses(tx):
        since[known(pause.provider, PROVIDERS)] = pause.since
    yield gauge("aida_provider_paused", "1 while the provider's account is empty or capped, and nothing is asked of it.",
                ("provider",), (((provider,), at is not None) for provider, at in since.items()))
    yield gauge("aida_provider_paused_seconds", "For how long; 0 while it is not.", ("provider",),
                (((provider,), _age(at, now)) for provider, at in since.items()))


def films(services: Services, tx: Tx) -> Iterable[Metric]:
    """Films that may not buy what they need next."""
    now, counted = services.clock(), holds.count_held(tx, services.clock())
    nobody = (0, now)
    yield gauge("aida_held_films", "Films that may not buy something now: for want of room under a ceiling, for the switch, "
                "for a provider's empty account.", ("for",), (((word,), counted.get(word, nobody)[0]) for word in WORDS))
    yield gauge("aida_held_oldest_seconds", "How long the first of them has waited for it.", ("for",),
                (((word,), _age(counted.get(word, nobody)[1], now)) for word in WORDS))


def reserved(services: Services, tx: Tx) -> Iterable[Metric]:
    """What is set aside for calls under way, and for those in doubt."""
    summed = dict.fromkeys(PROVIDERS, Reserved(Decimal(0), 0, 0))
    for provider, found in spending.sum_reserved(tx, services.clock()).items():
        name = known(provider, PROVIDERS)
        before = summed.get(name, Reserved(Decimal(0), 0, 0))
        summed[name] = Reserved(before.dollars + found.dollars, before.count + found.count, before.old + found.old)
    yield gauge("aida_reserved_dollars", "Dollars set aside for calls under way, or of which nobody knows whether they were "
                "made.", ("provider",), (((provider,), float(found.dollars)) for provider, found in summed.items()))
    yield gauge("aida_reservations", "These calls.", ("provider",),
                (((provider,), found.count) for provider, found in summed.items()))
    yield gauge("aida_reservations_old", "Those that were set aside more than an hour ago: purchases in doubt.",
                ("provider",), (((provider,), found.old) for provider, found in summed.items()))


def ceilings(services: Services, tx: Tx) -> Iterable[Metric]:
    """What is left under the ceilings of all; those of users, campaigns and films would be labels without end."""
    found = budgets.list_budgets(tx, TENANT, services.clock(), scope="tenant")
    yield gauge("aida_budget_left_dollars", "What may still be spent under the ceiling for everything; less than 0 where it "
                "was set below what had been spent.", ("period",), (((one.period,), float(one.left)) for one in found))
    yield gauge("aida_budget_left_ratio", "The share of that ceiling that is left.", ("period",),
                (((one.period,), _share(one)) for one in found))


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _share(budget: Budget) -> float:
    return min(1.0, max(0.0, float(budget.left / budget.dollars))) if budget.dollars else 0.0

"""The price book, and every charge written. A call is charged when it is made, whatever becomes of its stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import genai_prices

from . import tracing
from .model import Component, Task, Usage
from .store.charges import add_charge
from .store.db import Database, Tx

# US dollars per second of Kling film at fal.ai, audio off, as printed on the endpoints' pages (2025 to 2026-11).
# An endpoint that is missing has no price that could be verified: its charges say unknown rather than a guess.
KLING_PRICES_AS_OF = "2026-11-22"
KLING_DOLLARS_PER_SECOND: dict[str, Decimal] = {
    f"fal-ai/kling-video/{version}/image-to-video": Decimal(dollars)
    for version, dollars in (
        ("v1/standard", "0.045"),
        ("v2.1/pro", "0.098"),
        ("v2.1/master", "0.28"),
        ("v2.5-turbo/standard", "0.042"),
        ("v2.5-turbo/pro", "0.07"),
        ("v2.6/pro", "0.07"),
        ("v3/pro", "0.112"),
        ("v3/4k", "0.42"),
        ("o1", "0.112"),
    )
}

TaskKeys = tuple[str | None, str | None, str, str]
"""(task id, project id, tenant id, user id); no task and no project for what belongs to no film."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one Usage (None = unknown), by which price list, and how they were reckoned."""

    dollars: Decimal | None
    version: str
    formula: str


class PriceBook:
    """Prices by provider: token prices from genai-prices, Kling from the table above, Midjourney from a setting."""

    def __init__(self, kie_task_dollars: Decimal) -> None:
        self._kie_task_dollars = kie_task_dollars

    def price(self, usage: Usage, at: datetime) -> Price:
        """What the usage cost at that time (prices change by date)."""
        if usage.provider == "kie":
            tasks = usage.units.get("tasks", 0)
            return Price(
                tasks * self._kie_task_dollars, "KIE_TASK_DOLLARS", f"{tasks} tasks x {self._kie_task_dollars} USD")
        if usage.provider == "fal":
            return _kling(usage)
        if usage.provider == "local":
            return Price(Decimal(0), "local", f"{usage.tokens} tokens of {usage.model}, made here")
        return _tokens(usage, at)


class Ledger:
    """Writes charges into the caller's transaction, or at once into one of its own."""

    def __init__(self, db: Database, book: PriceBook) -> None:
        self._db = db
        self._book = book

    def record(
        self, tx: Tx, *, task: Task | TaskKeys, component: Component, usage: Usage, now: datetime,
        job_id: str | None = None,
    ) -> None:
        """Price one call and write its charge; a job that was charged before is not charged again.

        `task` is the Task or (id, project_id, tenant_id, user_id).
        """
        keys = task if isinstance(task, tuple) else (task.id, task.project_id, task.tenant_id, task.user_id)
        task_id, project_id, tenant_id, user_id = keys
        price = self._book.price(usage, now)
        tracing.charge(component.value, price.dollars, usage.tokens)
        add_charge(
            tx, tenant_id=tenant_id, user_id=user_id, project_id=project_id, task_id=task_id,
            component=component.value, provider=usage.provider, model=usage.model, units=usage.units,
            tokens=usage.tokens, api_calls=1, dollars=price.dollars, cache_hit_rate=cache_hit_rate(usage),
            price_version=price.version, formula=price.formula, job_id=job_id, now=now,
        )

    def price(self, usage: Usage, at: datetime) -> Price:
        """What such a usage costs; nothing is written."""
        return self._book.price(usage, at)

    def record_now(
        self, *, task: Task | TaskKeys, component: Component, usage: Usage, now: datetime, job_id: str | None = None
    ) -> None:
        """`record` in a transaction of its own: the money is gone even if what follows fails."""
        with self._db.transaction() as tx:
            self.record(tx, task=task, component=component, usage=usage, now=now, job_id=job_id)


def cache_hit_rate(usage: Usage) -> Decimal | None:
    """Share of the input that was read from Claude's cache, 0 to 1; None where there is no cache."""
    if usage.provider != "anthropic":
        return None
    total = _input_tokens(usage)
    return round(Decimal(usage.units.get("cache_read_tokens", 0)) / total, 6) if total else None


def _input_tokens(usage: Usage) -> int:
    return usage.tokens - usage.units.get("output_tokens", 0)


def _kling(usage: Usage) -> Price:
    version = f"kling {KLING_PRICES_AS_OF}"
    seconds = usage.units.get("seconds", 0)
    each = KLING_DOLLARS_PER_SECOND.get(usage.model)
    if each is None:
        return Price(None, version, f"{seconds} s of {usage.model}, no price known")
    return Price(seconds * each, version, f"{seconds} s x {each} USD")


def _tokens(usage: Usage, at: datetime) -> Price:
    version = f"genai-prices {genai_prices.__version__}"
    units = usage.units
    five, hour = units.get("cache_write_5m_tokens", 0), units.get("cache_write_1h_tokens", 0)
    counted = " + ".join(f"{count} {unit.removesuffix('_tokens')}" for unit, count in units.items() if count) or "0"
    # There input_tokens are all input tokens; Anthropic's own count leaves the cached ones out.
    whole: dict[str, int] = {"input_tokens": _input_tokens(usage), "output_tokens": units.get("output_tokens", 0)}
    if usage.provider == "anthropic":
        whole |= {"cache_read_tokens": units.get("cache_read_tokens", 0), "cache_write_tokens": five + hour,
                  "cache_write_5m_tokens": five, "cache_write_1h_tokens": hour}
    try:
        found = genai_prices.calc_price(
            genai_prices.Usage(**whole), usage.model, provider_id=usage.provider, genai_request_timestamp=at)
    except LookupError:
        return Price(None, version, f"{counted} tokens of {usage.model}, no price known")
    return Price(
        found.total_price, version,
        f"{counted} tokens of {usage.model}: {found.input_price} in, {found.output_price} out (USD)")

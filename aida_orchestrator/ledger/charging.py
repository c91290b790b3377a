"""Every charge written. A call is charged when it is made, whatever becomes of its stage."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .. import tracing
from ..model import Component, Task, Usage
from ..store.charges import add_charge
from ..store.db import Database, Tx
from .book import Price, PriceBook, booked
from .tokens import input_tokens

TaskKeys = tuple[str | None, str | None, str, str]
"""(task id, project id, tenant id, user id); no task and no project for what belongs to no film."""


class Ledger:
    """Writes charges into the caller's transaction, or at once into one of its own."""

    def __init__(self, db: Database, book: PriceBook) -> None:
        self._db = db
        self._book = book

    def record(
        self, tx: Tx, *, task: Task | TaskKeys, component: Component, usage: Usage, now: datetime,
        job_id: str | None = None, request_id: str | None = None, reservation: str | None = None,
    ) -> None:
        """Price one call and write its charge; a job that was charged before is not charged again.

        `task` is the Task or (id, project_id, tenant_id, user_id); `request_id` is what the provider's bill calls it;
        `reservation` is the key of what was set aside for the call, where that is not the job's.
        """
        keys = task if isinstance(task, tuple) else (task.id, task.project_id, task.tenant_id, task.user_id)
        task_id, project_id, tenant_id, user_id = keys
        price = self._book.price(usage, now)
        tracing.charge(component.value, price.dollars, usage.tokens)
        add_charge(
            tx, tenant_id=tenant_id, user_id=user_id, project_id=project_id, task_id=task_id,
            component=component.value, provider=usage.provider, model=usage.model, units=usage.units,
            tokens=usage.tokens, api_calls=1, dollars=booked(price.dollars), cache_hit_rate=cache_hit_rate(usage),
            price_version=price.version, formula=price.formula, job_id=job_id, request_id=request_id, now=now,
            counted=booked(price.counted) if price.dollars is None else None, reservation=reservation or job_id,
        )

    def price(self, usage: Usage, at: datetime) -> Price:
        """What such a usage costs; nothing is written."""
        return self._book.price(usage, at)

    def record_now(
        self, *, task: Task | TaskKeys, component: Component, usage: Usage, now: datetime, job_id: str | None = None,
        reservation: str | None = None,
    ) -> None:
        """`record` in a transaction of its own: the money is gone even if what follows fails."""
        with self._db.transaction() as tx:
            self.record(tx, task=task, component=component, usage=usage, now=now, job_id=job_id, reservation=reservation)


def cache_hit_rate(usage: Usage) -> Decimal | None:
    """Share of the input that was read from Claude's cache, 0 to 1; None where there is no cache."""
    if usage.provider != "anthropic":
        return None
    total = input_tokens(usage)
    return round(Decimal(usage.units.get("cache_read_tokens", 0)) / total, 6) if total else None

"""What a film waits for, as callers read it: in a word; and where it may not buy, why, and what the next step would cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ..jobs import STAGE_OF
from ..ledger import told_anew
from ..model import JobKind, Stage, Task
from ..pipeline.next_step import complete
from ..services import Services
from ..store import budgets, holds, watch
from ..store.budgets import Ceiling
from ..store.db import Tx
from ..store.holds import Hold
from ..store.watch import Waiting
from .figures import dollars, moment

_WHICH = ("scope", "subject", "period")


def what_it_waits_for(services: Services, tx: Tx, task: Task) -> dict[str, Any]:
    """What the film waits for at this moment, in one word, and when a job that was put off is tried again.

    None when it is being worked on, or has ended. `hold` says why something may not be bought now, and what it would cost.
    """
    now = services.clock()
    found = {} if task.status.terminal else watch.list_waiting(tx, [task.id], now)
    waiting = found.get(task.id, Waiting())
    held = None if task.status.terminal else holds.find_hold(tx, task.id, now)
    return {"maxCostDollars": own_ceiling(services, tx, task), "waitingFor": waiting.word,
            "retryAt": moment(waiting.retry_at),
            "hold": _hold(_as_it_stands(tx, task, held, now), services.budget_wait, task.current_step) if held else None}


def _as_it_stands(tx: Tx, task: Task, held: Hold, now: datetime) -> Hold:
    """What was said when the step was held, with the ceiling that is in its way by now: one may have been raised, or more
    been spent."""
    price, said = held.said.get("dollars"), held.said.get("ceiling")
    if held.word != "budget" or price is None or said is None:
        return held
    all_of_it = budgets.list_of_task(tx, task.id, now)
    over = [budget for budget in all_of_it if budget.left < Decimal(str(price))]
    # None: there is room by now, and the next sweep lets it go.
    shown = over or [budget for budget in all_of_it if all(said[name] == getattr(budget, name) for name in _WHICH)]
    if not shown:
        return held
    least = min(shown, key=lambda budget: budget.left)
    ceiling = {**{name: getattr(least, name) for name in _WHICH}, "dollars": least.dollars, "spent": least.spent,
               "reserved": least.reserved}
    return replace(held, said={**held.said, "ceiling": ceiling, "message": told_anew(str(held.said.get("message")), least)})


def own_ceiling(services: Services, tx: Tx, task: Task) -> Any:
    """What the film may cost by its own ceiling, None where it has none."""
    found = budgets.find_budget(tx, Ceiling(task.tenant_id, "film", task.id, "total"), services.clock())
    return dollars(found.dollars) if found else None


def _hold(held: Hold, wait: timedelta, stage: Stage) -> dict[str, Any]:
    """Why a film may not buy what it needs next: what that would cost, which ceiling is in the way, and until when it
    waits."""
    said, price = held.said, held.said.get("dollars")
    ceiling = said.get("ceiling")
    told = complete({"code": str(said.get("code")), "message": said.get("message"), "provider": said.get("provider")},
                    STAGE_OF[JobKind(held.kind)] if held.kind else stage)
    return {
        **told, "for": held.word, "shot": held.shot, "stepDollars": None if price is None else dollars(price),
        "ceiling": None if ceiling is None else {
            **{name: ceiling[name] for name in _WHICH},
            **{name: dollars(ceiling[name]) for name in ("dollars", "spent", "reserved")}},
        "since": moment(held.since), "until": None if held.word == "spending" else moment(held.since + wait)}

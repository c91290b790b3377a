"""Jobs that may not be bought now: back to the queue until there is room, or their provider's account is good again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..errors import AccountEmpty, BudgetReached, Held, PriceUnknown, ProviderBalanceError
from ..model import Job, JobState
from ..providers.fal import PICTURE_UNREAD
from ..store import budgets, holds
from .desk import Desk, Woken
from .telling import job_fields, story_line

log = logging.getLogger(__name__)

_HELD, _PRICELESS = timedelta(days=30), timedelta(minutes=1)  # tried again then, if nobody let it go before
_AT_ONCE = 200


def again_at(held: Held, now: datetime) -> datetime:
    """When what is held is tried again, if nobody let it go before: soon where only a price is missing."""
    return now + (_PRICELESS if isinstance(held, PriceUnknown) else _HELD)


def hold(desk: Desk, job: Job, held: Held, state: JobState, before: Mapping[str, Any] | None) -> Woken:
    """Back to the queue until it may be bought; the sweep lets it go when there is room."""
    told = held.described()
    if unread(before):
        told["unread"] = True
    now, begins = desk.clock(), (before or {}).get("code") != held.code
    # Whoever tried an empty account in vain goes on waiting: its row forgot that it did when it was sent.
    since = now if begins else datetime.fromisoformat((before or {}).get("since") or now.isoformat())
    again = again_at(held, now)
    with desk.db.transaction() as tx:
        holds.hold_job(tx, job, held.word, {**told, "since": since.isoformat()}, again, since, state)
        if isinstance(held, BudgetReached):  # it was rolled back with the intent, and the sweep looks at it
            budgets.inherit(tx, job.tenant_id, job.user_id, now)
    if begins:
        log.warning("a paid request waits", extra={**job_fields(job), "code": held.code, "waitsFor": held.word,
                                                   "said": held.message})
        story_line(desk, job, "job_held", told)
    return Woken()


def account_empty(desk: Desk, job: Job, error: ProviderBalanceError, before: Mapping[str, Any] | None,
                  state: JobState) -> Woken:
    """Nothing was bought, and nothing can be: all that is to be bought there waits until the account is good again."""
    pause(desk, error)
    return hold(desk, job, AccountEmpty(error.message, dollars=None, provider=error.provider), state, before)


def pause(desk: Desk, error: ProviderBalanceError) -> None:
    """Write down that a provider's account is empty: an operator's alarm."""
    with desk.db.single() as tx:
        begins = holds.pause(tx, error.provider, error.message, desk.clock())
    log.log(logging.ERROR if begins else logging.INFO,
            "a provider's account is empty: its queue stands until it is topped up", extra={
                "provider": error.provider, "code": error.code, "status": error.status, "said": error.message})


def hold_behind(desk: Desk) -> None:
    """What queues at a paused provider says why it waits, and does not wait for ever."""
    now = desk.clock()
    with desk.db.single() as tx:
        holds.hold_behind_pause(tx, AccountEmpty.code, PICTURE_UNREAD, now + _HELD, now, _AT_ONCE)


def resume(desk: Desk, provider: str) -> None:
    """A paused provider serves again; what waits for it is let go by the next sweep."""
    with desk.db.single() as tx:
        if holds.resume(tx, provider):
            log.warning("a provider serves again: its queue goes on", extra={"provider": provider})


def unread(before: Mapping[str, Any] | None) -> bool:
    """Whether the job failed there before because its picture could not be read."""
    return before is not None and (before.get("code") == PICTURE_UNREAD or bool(before.get("unread")))

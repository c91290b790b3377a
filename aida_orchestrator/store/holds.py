"""Rows of what may not be bought now, and waits: for room under a ceiling, for the switch, for a provider's account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..model import Job, JobState, Stage
from .db import Tx, as_json, load_queries
from .jobs import JobRef, job_of, ref_of_row
from .runs import Claim

_SQL = load_queries("holds")
WORDS = ("budget", "spending", "provider")
"""What a step may wait for that may not be bought now, as `waitingFor` says it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a film may not buy what it needs next: for which word of `waitingFor`, since when, and what was said then."""

    word: str
    since: datetime
    said: Mapping[str, Any]
    kind: str | None
    shot: int | None


@dataclass(frozen=True, slots=True)
class HeldStage:
    """A stage that has waited to its bound."""

    task_id: str
    stage: Stage
    attempt: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A provider whose account is empty, since when, what it said, and how often it was tried again."""

    provider: str
    since: datetime
    message: str
    checks: int


def pause(tx: Tx, provider: str, message: str, now: datetime) -> bool:
    """A provider's account is empty: nothing is asked of it but to try it; False when that was known."""
    row = tx.one(_SQL["pause_provider"], provider=provider, message=message, now=now)
    return bool(row and row["is_new"])


def resume(tx: Tx, provider: str) -> bool:
    """Its account is good again; False when it was not paused."""
    return tx.run(_SQL["resume_provider"], provider=provider) == 1


def list_pauses(tx: Tx) -> list[Pause]:
    """Providers whose account is empty."""
    return [Pause(**row) for row in tx.all(_SQL["list_pauses"])]


def claim_checks(tx: Tx, now: datetime, first: float, slowest: float) -> list[str]:
    """Paused providers to be tried now, after `first` seconds, then after twice as long each time, at most `slowest`."""
    return [row["provider"] for row in tx.all(_SQL["claim_checks"], now=now, first=first, slowest=slowest)]


def let_through(tx: Tx, provider: str, probe: str) -> None:
    """This job or task may try the paused provider."""
    tx.later(_SQL["let_through"], provider=provider, probe=probe)


def admit_probe(tx: Tx, provider: str, now: datetime) -> JobRef | None:
    """The oldest waiting job of a paused provider, admitted past all others; None when none waits."""
    row = tx.one(_SQL["admit_probe"], provider=provider, now=now)
    return ref_of_row(row) if row else None


def probe_stage(tx: Tx, provider: str, now: datetime) -> tuple[str, Stage] | None:
    """The stage that has waited longest for a paused provider, ready now; None when none waits."""
    row = tx.one(_SQL["probe_stage"], provider=provider, now=now)
    return (row["task_id"], Stage(row["stage"])) if row else None


def hold_job(tx: Tx, job: Job, word: str, error: Mapping[str, Any], again_at: datetime, since: datetime,
             state: JobState) -> bool:
    """Back to the queue from `state`, in which nothing was bought, until there is room; False when it was elsewhere."""
    return tx.run(_SQL["hold_job"], id=job.id, attempt=job.attempt, held_for=word, error=as_json(error), again_at=again_at,
                  since_at=since, state=state) == 1


def hold_behind_pause(tx: Tx, code: str, unread: str, again_at: datetime, now: datetime, limit: int) -> int:
    """Hold what queues at a paused provider, with this code; a job whose picture was `unread` keeps that. How many."""
    return tx.run(_SQL["hold_behind_pause"], code=code, unread=unread, again_at=again_at, now=now, limit=limit)


def hold_stage(tx: Tx, claim: Claim, word: str, said: Mapping[str, Any], now: datetime) -> bool | None:
    """Park a running stage until there is room; True when it begins to wait, None when it belongs to somebody else now."""
    row = tx.one(_SQL["hold_stage"], task_id=claim.task_id, stage=claim.stage, attempt=claim.attempt, held_for=word,
                 held=as_json(said), now=now)
    return bool(row["is_new"]) if row else None


def let_go_jobs(tx: Tx, now: datetime, limit: int) -> int:
    """Let held jobs for which there is room take their turns; how many."""
    return tx.run(_SQL["let_go_jobs"], now=now, limit=limit)


def let_go_stages(tx: Tx, now: datetime, limit: int) -> list[tuple[str, Stage]]:
    """Held stages for which there is room, ready now."""
    return [(row["task_id"], Stage(row["stage"])) for row in tx.all(_SQL["let_go_stages"], now=now, limit=limit)]


def list_overdue_jobs(tx: Tx, now: datetime, wait: timedelta) -> list[Job]:
    """Jobs that have waited longer than `wait` for room or for a provider's account."""
    return [job_of(row) for row in tx.all(_SQL["list_overdue_jobs"], now=now, before=now - wait)]


def list_overdue_stages(tx: Tx, now: datetime, wait: timedelta) -> list[HeldStage]:
    """The same of stages."""
    return [HeldStage(row["task_id"], Stage(row["stage"]), row["attempt"])
            for row in tx.all(_SQL["list_overdue_stages"], before=now - wait)]


def give_up_stage(tx: Tx, held: HeldStage, now: datetime, wait: timedelta) -> dict[str, Any] | None:
    """End the waiting of a stage; what it waited for, None when it waits no more."""
    row = tx.one(_SQL["give_up_stage"], task_id=held.task_id, stage=held.stage, attempt=held.attempt, now=now,
                 before=now - wait)
    return dict(row["held"] or {}) if row else None


def find_hold(tx: Tx, task_id: str, now: datetime) -> Hold | None:
    """Why a film may not buy what it needs next; None when nothing is in its way."""
    row = tx.one(_SQL["find_hold"], task_id=task_id, now=now)
    return Hold(row["held_for"], row["held_since"], row["held"] or {}, row["kind"], row["shot"]) if row else None


def count_held(tx: Tx, now: datetime) -> dict[str, tuple[int, datetime]]:
    """How many films wait for what, and since when the first does: {word of waitingFor: (films, since)}."""
    return {row["held_for"]: (int(row["films"]), row["since"]) for row in tx.all(_SQL["count_held"], now=now)}

"""Rows of jobs that are being made or copied: whose look is due, within the account's reads, and who holds the claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model import Job
from .db import Tx, as_json, load_queries
from .jobs import JobRef, job_of, ref_of_row

_SQL = load_queries("looks")


@dataclass(frozen=True, slots=True)
class RenderTimes:
    """Seconds that the latest `n` jobs took: a quarter was done after `early`, nearly all after `late`."""

    n: int
    early: float
    late: float
    running: int


def render_job(tx: Tx, job: Job, urls: Sequence[str], now: datetime, next_poll_at: datetime, *, took: float | None = None,
               fetching: bool = False) -> Job | None:
    """running → rendered, with the addresses of the result; `fetching`: the caller copies it at once.

    `took`: seconds from acceptance, as far as can be told. None when somebody was quicker.
    """
    row = tx.one(_SQL["render_job"], id=job.id, attempt=job.attempt, result_urls=list(urls), now=now,
                 next_poll_at=next_poll_at, took=took, fetching=fetching)
    return job_of(row) if row else None


@dataclass(frozen=True, slots=True)
class Pace:
    """The status reads that an account may make: one each `each` seconds, and so many `ahead` of that as these seconds hold.

    In any second there are then no more than 1 + (1 + ahead) / each (the generic cell rate algorithm).
    """

    each: float
    ahead: float


def reads_left(tx: Tx, provider: str, pace: Pace, now: datetime) -> int:
    """How many reads the pace allows now; no other machine makes any until this transaction ends."""
    row = tx.one(_SQL["reads_free_at"], provider=provider, now=now)
    assert row is not None
    spare = pace.ahead - (row["free_at"] - now).total_seconds()
    return 1 + int(spare / pace.each) if spare >= 0 else 0


def count_reads(tx: Tx, provider: str, pace: Pace, reads: int, now: datetime) -> None:
    """So many status reads are made now, whatever the pace says."""
    tx.later(_SQL["count_reads"], provider=provider, reads=reads, each=pace.each, now=now)


def take_read(tx: Tx, provider: str, pace: Pace, now: datetime) -> bool:
    """One read, if the pace allows it now."""
    return tx.one(_SQL["take_read"], provider=provider, each=pace.each, ahead=pace.ahead, now=now) is not None


def claim_looks(tx: Tx, provider: str, now: datetime, claimed_until: datetime, *, limit: int) -> list[Job]:
    """Running jobs whose look is due, with when it was due and whether a callback had asked for it (`hurried`)."""
    return [job_of(row) for row in tx.all(_SQL["claim_looks"], provider=provider, now=now, claimed_until=claimed_until,
                                        limit=limit)]


def next_looks(tx: Tx, providers: Sequence[str]) -> dict[str, datetime]:
    """When the next look at each of these providers is due; without those that make nothing."""
    return {row["provider"]: row["at"] for row in tx.all(_SQL["next_looks"], providers=list(providers))
            if row["at"] is not None}


def hold_claims(tx: Tx, job_ids: Sequence[str], claimed_until: datetime, least_at: datetime) -> None:
    """Whoever looks at these jobs, or copies them, still does; what is due before `least_at` is claimed no more."""
    tx.later(_SQL["hold_claims"], ids=list(job_ids), claimed_until=claimed_until, least_at=least_at)


def render_times(tx: Tx, provider: str, endpoint: str) -> RenderTimes:
    """How long the latest jobs of an endpoint took, and how many of the provider's are being made."""
    row = tx.one(_SQL["render_times"], provider=provider, endpoint=endpoint)
    assert row is not None
    return RenderTimes(int(row["n"]), float(row["early"] or 0), float(row["late"] or 0), int(row["running"]))


def claim_fetches(tx: Tx, now: datetime, again_seconds: float) -> list[JobRef]:
    """Rendered jobs whose copying must be rung (again); not before `again_seconds` more, or as long as it has lasted."""
    return [ref_of_row(row) for row in tx.all(_SQL["claim_fetches"], now=now, again=again_seconds)]


def begin_fetch(tx: Tx, job_id: str, claimed_until: datetime) -> Job | None:
    """Somebody copies the result now; None when it is settled already."""
    row = tx.one(_SQL["begin_fetch"], id=job_id, claimed_until=claimed_until)
    return job_of(row) if row else None


def look_later(tx: Tx, job: Job, now: datetime, next_poll_at: datetime, error: Mapping[str, Any] | None) -> None:
    """Look again then; `error` is what stood in the way, if anything did."""
    tx.later(_SQL["look_later"], id=job.id, attempt=job.attempt, now=now, next_poll_at=next_poll_at,
             error=as_json(error) if error else None)


def look_again(tx: Tx, job: Job, now: datetime, deadline_at: datetime) -> bool:
    """Lost, and known at its provider → running, and read now; False when it is not so any more."""
    return tx.run(_SQL["look_again"], id=job.id, provider_id=job.provider_id, now=now, deadline_at=deadline_at) == 1


def note_stopped(tx: Tx, job: Job) -> None:
    """Its provider took our word to stop it."""
    tx.later(_SQL["note_stopped"], id=job.id, provider_id=job.provider_id)


def recall_future(tx: Tx, now: datetime) -> int:
    """Open jobs with moments further ahead than anything we write (a machine's clock was wrong) are due now; how many."""
    return tx.run(_SQL["recall_future"], now=now)


def hurry_job(tx: Tx, job_id: str, now: datetime) -> bool:
    """Poll it now."""
    return tx.run(_SQL["hurry_job"], id=job_id, now=now) == 1

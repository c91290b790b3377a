"""Rows of jobs as a person looks at them, and the moves that a person's word makes: bought, or not bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model import JobKind, JobState, Outcome
from .db import Tx, as_json, load_queries

_SQL = load_queries("doubts")


@dataclass(frozen=True, slots=True)
class Line:
    """A job as it is listed. `sent_at` is the moment of the last sending, `sent` the fields of it; `resolved` what a
    person said of it."""

    id: str
    task_id: str
    project_id: str
    user_id: str
    shot: int
    kind: JobKind
    provider: str
    endpoint: str
    request: dict[str, Any]
    state: JobState
    outcome: Outcome | None
    provider_id: str | None
    attempt: int
    error: dict[str, Any] | None
    sent_at: datetime | None
    sent: dict[str, Any] | None
    created_at: datetime
    token_hash: str | None
    resolved: dict[str, Any] | None

    @property
    def held(self) -> bool:
        """Only a person can settle it: nothing is waited for any more."""
        return self.state is JobState.SETTLED and self.outcome is Outcome.LOST and self.provider_id is None

    @property
    def in_doubt(self) -> bool:
        """Nobody knows whether it was bought."""
        return self.state is JobState.UNKNOWN or self.held


@dataclass(frozen=True, slots=True)
class Search:
    """Which jobs to list; `after` is the (created_at, shot, id) of the last one seen."""

    tenant_id: str
    unknown: bool = False
    task_id: str | None = None
    state: JobState | None = None
    provider: str | None = None
    limit: int = 50
    after: tuple[datetime, int, str] | None = None


def list_lines(tx: Tx, search: Search) -> list[Line]:
    """A page of jobs, the oldest first: the open ones, those of one state, or with `unknown` those in doubt."""
    after_at, after_shot, after_id = search.after or (None, None, None)
    params = {"tenant_id": search.tenant_id, "task_id": search.task_id, "state": search.state, "provider": search.provider,
              "limit": search.limit, "after_at": after_at, "after_shot": after_shot, "after_id": after_id}
    rows = tx.all(_SQL["list_doubts"], **params) if search.unknown else tx.all(_SQL["list_open_jobs"], **params)
    return [_line(row) for row in rows]


def list_held(tx: Tx, task_id: str) -> list[Line]:
    """The jobs of a task that only a person can settle."""
    return [_line(row) for row in tx.all(_SQL["list_held"], task_id=task_id)]


def find_line(tx: Tx, tenant_id: str, job_id: str) -> Line | None:
    """One job of one tenant, or None."""
    row = tx.one(_SQL["find_doubt"], id=job_id, tenant_id=tenant_id)
    return _line(row) if row else None


def lock_provider_id(tx: Tx, provider: str, provider_id: str) -> None:
    """Let claims of this id wait for each other until the transaction ends."""
    tx.later(_SQL["lock_provider_id"], provider=provider, provider_id=provider_id)


def find_owner(tx: Tx, provider: str, provider_id: str) -> str | None:
    """Id of the job that has or had this id at its provider, or None."""
    row = tx.one(_SQL["find_owner"], provider=provider, provider_id=provider_id)
    return row["id"] if row else None


def send_again(tx: Tx, job: Line, now: datetime) -> bool:
    """In doubt → queued; False when it is not in doubt any more."""
    return tx.run(_SQL["send_again"], id=job.id, attempt=job.attempt, now=now) == 1


def mark_not_bought(tx: Tx, job: Line, error: Mapping[str, Any], now: datetime) -> bool:
    """In doubt → settled as failed; False when it is not in doubt any more."""
    return tx.run(_SQL["mark_not_bought"], id=job.id, attempt=job.attempt, error=as_json(error), now=now) == 1


def keep_resolution(tx: Tx, job_id: str, resolved: Mapping[str, Any]) -> None:
    """What a person said of the job, and what was made of it."""
    tx.run(_SQL["keep_resolution"], id=job_id, resolved=as_json(resolved))


def claim_lookups(tx: Tx, provider: str, now: datetime, since_at: datetime, *, first: float, slowest: float,
                  most: int) -> list[str]:
    """Endpoints with jobs in doubt, sent since then, whose turn it is to be looked up; their next turn is set.

    The gaps are `first` seconds and then twice as long each time, up to `slowest`; `most` looks a sending.
    """
    found = tx.all(_SQL["claim_lookups"], provider=provider, now=now, since_at=since_at, first=first, slowest=slowest,
                   most=most)
    return sorted({row["endpoint"] for row in found})


def list_lookups(tx: Tx, provider: str, endpoints: Sequence[str], since_at: datetime) -> list[Line]:
    """The jobs in doubt of these endpoints that can be looked up, the first sent first."""
    found = tx.all(_SQL["list_lookups"], provider=provider, endpoints=list(endpoints), since_at=since_at)
    return [_line(row) for row in found]


def list_owned(tx: Tx, provider: str, provider_ids: Sequence[str]) -> set[str]:
    """Those of these ids that belong, or belonged, to a job of ours."""
    return {row["owned"] for row in tx.all(_SQL["list_owned"], provider=provider, provider_ids=list(provider_ids))}


def _line(row: dict[str, Any]) -> Line:
    return Line(
        id=row["id"], task_id=row["task_id"], project_id=row["project_id"], user_id=row["user_id"], shot=row["shot"],
        kind=JobKind(row["kind"]), provider=row["provider"], endpoint=row["endpoint"], request=row["request"],
        state=JobState(row["state"]), outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        provider_id=row["provider_id"], attempt=row["attempt"], error=row["error"], sent_at=row["intent_at"],
        sent=row["sent"], created_at=row["created_at"], token_hash=row["token_hash"], resolved=row["resolved"])

"""Rows about the health of the whole: films that stand still, what films wait for, and the counts that are watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ..model import STAGES, RunState, Stage
from .db import Tx, as_json, load_queries

_SQL = load_queries("watch")


@dataclass(frozen=True, slots=True)
class AccountLimit:
    """What one kind of job is allowed, and the stage that waits for it."""

    kind: str
    stage: str
    provider: str
    running: int
    per_film: int
    unknown_wait: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things may take, in seconds, before a film counts as stranded.

    `patience`: for what the sweep does within seconds; `stranded`: for a film as a whole; `submit_seconds`: for one POST.
    """

    patience: float
    stranded: float
    submit_seconds: float
    limits: tuple[AccountLimit, ...]


@dataclass(frozen=True, slots=True)
class Stranded:
    """A film that stands still: where, since when and for which reason (a word of `pipeline.stranded`)."""

    task_id: str
    stage: Stage
    reason: str
    since: datetime
    crashes: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a film waits for, in one word (None: it is being worked on), and when a job of it is tried again."""

    word: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """How many jobs are in one state, and since when the oldest is."""

    provider: str
    kind: str
    state: str
    count: int
    since: datetime | None


def take_turn(tx: Tx, name: str, now: datetime, period_seconds: float) -> bool:
    """True for one caller a period, however many there are."""
    return tx.run(_SQL["take_turn"], name=name, now=now, period=period_seconds) == 1


def list_stranded(tx: Tx, now: datetime, bounds: Bounds, task_id: str | None = None) -> list[Stranded]:
    """The films (or this one, if it is one) that stand still, the longest first."""
    rows = tx.all(_SQL["list_stranded"], now=now, task_id=task_id, patience=bounds.patience, stranded=bounds.stranded,
                  submit_seconds=bounds.submit_seconds, limits=as_json([asdict(limit) for limit in bounds.limits]))
    return [Stranded(row["task_id"], Stage(row["stage"]), row["reason"], row["since"], row["crashes"] or 0) for row in rows]


def list_waiting(tx: Tx, task_ids: Sequence[str], now: datetime) -> dict[str, Waiting]:
    """What each of these films waits for; ended ones are left out."""
    rows = tx.all(_SQL["list_waiting"], task_ids=list(task_ids), now=now)
    return {row["task_id"]: Waiting(row["word"], row["retry_at"]) for row in rows}


def restore_stage(tx: Tx, task_id: str, stage: Stage, state: RunState, now: datetime) -> bool:
    """Make a missing or waiting stage `state`; False when it was in another one."""
    return tx.run(_SQL["restore_stage"], task_id=task_id, stage=stage, position=STAGES.index(stage), state=state,
                  now=now) == 1


def count_films(tx: Tx, now: datetime) -> dict[str, int]:
    """Unfinished films and those that ended in the last 24 hours, by status."""
    return {row["status"]: int(row["n"]) for row in tx.all(_SQL["count_films"], now=now)}


def count_jobs(tx: Tx) -> list[OpenJobs]:
    """Open jobs by provider, kind and state."""
    return [OpenJobs(row["provider"], row["kind"], row["state"], int(row["n"]), row["since"])
            for row in tx.all(_SQL["count_jobs"])]


def count_doubts(tx: Tx) -> dict[str, int]:
    """Jobs of which nobody knows whether they were bought, by provider."""
    return {row["provider"]: int(row["n"]) for row in tx.all(_SQL["count_doubts"])}

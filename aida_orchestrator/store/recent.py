"""Figures of the last day: how long films and their stages took, what they cost, what went wrong.

They are counted over the newest films that ended in that day, and no more than `MOST` of them, so that a look costs the same
however many films there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .db import Tx, load_queries

_SQL = load_queries("recent")

MOST = 1000
MOST_CALLS = 20_000
QUANTILES = ("0.5", "0.9", "0.99")


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there were, their sum, and their values at `QUANTILES`."""

    count: int
    total: float
    at: Sequence[float]


@dataclass(frozen=True, slots=True)
class Troubles:
    """Of one stage: how many films have it degraded, and how often a run of it ended without a word or was given back."""

    degraded: int
    crashes: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """How many jobs of a kind had one outcome (`code`: of the error, where there was one), and how often they were sent
    again, or made anew after they had failed at the provider."""

    provider: str
    kind: str
    outcome: str
    code: str | None
    count: int
    sent_again: int
    renewals: int


def film_figures(tx: Tx, now: datetime) -> dict[str, tuple[Figures, Figures]]:
    """Dollars and seconds of a film, by the sort of task (create, refine)."""
    rows = tx.all(_SQL["film_figures"], now=now, most=MOST)
    return {row["kind"]: (_figures(row, "dollars"), _figures(row, "seconds")) for row in rows}


def stage_figures(tx: Tx, now: datetime) -> dict[tuple[str, str], Figures]:
    """Seconds of a film in (stage, phase); a phase is waiting, working or parked."""
    rows = tx.all(_SQL["stage_figures"], now=now, most=MOST)
    return {(row["stage"], row["phase"]): _figures(row, "seconds") for row in rows}


def film_errors(tx: Tx, now: datetime) -> dict[tuple[str, str], int]:
    """(stage, code) → films that failed, or became partial, with it."""
    return {(row["stage"], row["code"]): int(row["n"]) for row in tx.all(_SQL["film_errors"], now=now, most=MOST)}


def stage_troubles(tx: Tx, now: datetime) -> dict[str, Troubles]:
    """By stage, also of films that are still made."""
    rows = tx.all(_SQL["stage_troubles"], now=now, most=MOST)
    return {row["stage"]: Troubles(int(row["degraded"]), int(row["crashes"])) for row in rows}


def job_figures(tx: Tx, now: datetime) -> list[Jobs]:
    """The paid requests of these films, also of films that are still made."""
    return [Jobs(row["provider"], row["kind"], row["outcome"], row["code"], int(row["n"]), int(row["sent_again"]),
                 int(row["renewals"]))
            for row in tx.all(_SQL["job_figures"], now=now, most=MOST)]


def cache_hits(tx: Tx, now: datetime) -> dict[str, float]:
    """By component, the average share of its input that came from Claude's cache."""
    return {row["component"]: float(row["rate"]) for row in tx.all(_SQL["cache_hits"], now=now, most=MOST_CALLS)}


def _figures(row: dict[str, Any], of: str) -> Figures:
    return Figures(int(row["n"]), float(row[of]), tuple(float(value) for value in row[f"{of}_at"]))

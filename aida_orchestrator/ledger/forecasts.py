"""How far estimates were from what the films cost, in all and by component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..model import Component, Span
from ..store import forecasts
from ..store.db import Database
from ..store.forecasts import Ended

_AT_ONCE = 500


@dataclass(slots=True)
class Part:
    """Estimates of one component, or of whole films: how many, the sums of both sides, and how many were inside."""

    films: int = 0
    expected: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    errors: Decimal = Decimal(0)
    inside: int = 0

    def add(self, span: Span, cost: Decimal) -> None:
        """One film more."""
        self.films += 1
        self.expected += span.expected
        self.cost += cost
        self.errors += abs(cost - span.expected)
        self.inside += span.low <= cost <= span.high

    @property
    def mean_error(self) -> Decimal:
        """The mean of the distances, whichever way they go."""
        return self.errors / self.films


@dataclass(slots=True)
class Errors:
    """Films with an estimate and an end. `left_out`: their price was known on one side only."""

    whole: Part = field(default_factory=Part)
    parts: dict[str, Part] = field(default_factory=dict)
    left_out: int = 0


def errors_of(db: Database, begin: datetime, end: datetime) -> Errors:
    """The errors of all films asked for in begin <= time < end that ended with a film.

    A component without a known price counts on neither side; a film where it is known on one side only is left out.
    """
    found = Errors()
    for film in _ended(db, begin, end):
        known = {name.value: span for name in Component if (span := film.forecast.parts.get(name.value)) is not None}
        cost = {name: dollars for name, dollars in film.cost.items() if name in known}
        if None in cost.values() or any(dollars is not None and name not in known for name, dollars in film.cost.items()):
            found.left_out += 1
            continue
        spent = {name: dollars for name, dollars in cost.items() if dollars is not None}
        found.whole.add(film.forecast.total, sum(spent.values(), Decimal(0)))
        for name, span in known.items():
            found.parts.setdefault(name, Part()).add(span, spent.get(name, Decimal(0)))
    return found


def _ended(db: Database, begin: datetime, end: datetime) -> Iterator[Ended]:
    after = ""
    while True:
        with db.single() as tx:
            films = forecasts.list_ended(tx, begin, end, after, _AT_ONCE)
        yield from films
        if len(films) < _AT_ONCE:
            return
        after = films[-1].id

"""The story of one film, in order and in words, told of its rows: what happened, and what was paid.

Both are only ever added to, each in an order of its own, so a reader's place in them is two numbers, and nothing is told
twice or left out however often one looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile
from typing import Any

from ..model import Stage, Task
from ..store import story as rows
from ..store.db import Tx
from ..store.story import ChargeRow, EventRow
from .next_step import complete
from .story_words import charge_words, event_words, stage_of_component

# What two machines write in the same moment becomes visible in any order: a film that goes on is told this much later.
_SETTLED = timedelta(seconds=1)
_BEGINNINGS = ("task_created", "task_retried", "stage_started", "stage_resumed")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader is: the last event's number, the last charge's id, and how many lines were told."""

    event: int = 0
    charge: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story. `dollars` is what it cost itself (None: nothing, or `unpriced`), `so_far` all until then."""

    number: int
    at: datetime
    stage: str | None
    kind: str
    message: str
    shot: int | None
    job_id: str | None
    dollars: Decimal | None
    unpriced: bool
    so_far: Decimal
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, where the next begin, and whether there are more already."""

    lines: tuple[Line, ...]
    place: Place
    more: bool


def tell(tx: Tx, task: Task, place: Place, limit: int, now: datetime) -> Page:
    """The lines after `place`, at most `limit`; of a film that goes on those that are a second old."""
    seen = now - _SETTLED

    def settled(row: EventRow | ChargeRow) -> bool:
        return task.status.terminal or row.at <= seen

    events = list(takewhile(settled, rows.list_events(tx, task.id, place.event, limit + 1)))
    charges = list(takewhile(settled, rows.list_charges(tx, task.id, place.charge, limit + 1)))
    so_far = rows.paid_until(tx, task.id, place.charge) if place.charge else Decimal(0)
    lines: list[Line] = []
    event, charge = place.event, place.charge
    for number, row in enumerate(islice(_merged(events, charges), limit), place.lines + 1):
        if isinstance(row, ChargeRow):
            charge, so_far = row.id, row.so_far
            lines.append(_paid(number, row))
        else:
            event = row.number
            lines.append(_happened(number, row, task, so_far))
    return Page(tuple(lines), Place(event, charge, place.lines + len(lines)), len(events) + len(charges) > len(lines))


def _merged(events: Sequence[EventRow], charges: Sequence[ChargeRow]) -> Iterator[EventRow | ChargeRow]:
    """Both in the order of their times, each kept in its own: machines' clocks differ, their rows' order does not."""
    left, right = 0, 0
    while left < len(events) or right < len(charges):
        if right == len(charges) or (left < len(events) and _comes_first(events[left], charges[right])):
            yield events[left]
            left += 1
        else:
            yield charges[right]
            right += 1


def _comes_first(event: EventRow, charge: ChargeRow) -> bool:
    """In the same moment what begins comes before what is paid for it, and its end after."""
    return event.at < charge.at or (event.at == charge.at and event.kind in _BEGINNINGS)


def _happened(number: int, row: EventRow, task: Task, so_far: Decimal) -> Line:
    code = row.data.get("code")
    error = complete({name: row.data[name] for name in ("code", "message", "provider") if row.data.get(name)},
                     Stage(row.stage) if row.stage else task.current_step) if code else None
    return Line(number, row.at, row.stage, row.kind, event_words(row, task), row.data.get("shot"), row.data.get("jobId"),
                None, False, so_far, error)


def _paid(number: int, row: ChargeRow) -> Line:
    return Line(number, row.at, stage_of_component(row.component), "paid", charge_words(row), row.shot, row.job_id,
                row.dollars, row.dollars is None, row.so_far, None)

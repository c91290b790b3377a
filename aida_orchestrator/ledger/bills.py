"""A provider's bill as a table of requests and amounts; a bad file is refused by its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..errors import SettingsError

# Names of columns as bills have them, letter case and everything but letters and digits aside.
REQUEST = ("requestid", "request", "falrequestid", "taskid", "task", "jobid", "id")
AMOUNT = ("amount", "amountusd", "cost", "costusd", "dollars", "usd", "total", "totalusd", "price", "charge", "charged")
CREDITS = ("credits", "creditsconsumed", "creditscost", "creditsused", "creditcost")
TIME = ("createdat", "createtime", "time", "timestamp", "date", "datetime", "startedat", "sentat", "completedat", "endedat")


@dataclass(frozen=True, slots=True)
class Billed:
    """What a provider asks for one request, all of its lines together; `places`: how finely it says so."""

    request_id: str
    dollars: Decimal
    places: int
    lines: tuple[int, ...]
    at: datetime | None = None


def read_bill(file: Path, credit_dollars: Decimal | None = None) -> dict[str, Billed]:
    """The bill by request id. `credit_dollars` turns a bill in credits into dollars. Raises SettingsError that says what is
    wrong with the file, and where."""
    bill: dict[str, Billed] = {}
    for billed in _lines(file, credit_dollars):
        before = bill.get(billed.request_id)
        bill[billed.request_id] = billed if before is None else replace(
            before, dollars=before.dollars + billed.dollars, places=max(before.places, billed.places),
            lines=before.lines + billed.lines)
    if not bill:
        raise SettingsError(f"{file}: there is no line below the names of the columns")
    return bill


def _lines(file: Path, credit_dollars: Decimal | None) -> Iterator[Billed]:
    try:
        with open(file, encoding="utf-8-sig", newline="") as opened:
            head = opened.readline()
            opened.seek(0)
            rows = csv.reader(opened, delimiter=max(",;\t", key=head.count), strict=True)
            columns = _Columns(file, next(rows, []), credit_dollars)
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield columns.read(rows.line_num, row)
    except OSError as error:
        raise SettingsError(f"{file}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: this is no text in UTF-8: save the bill as CSV") from None
    except csv.Error as error:
        raise SettingsError(f"{file}: this is no CSV: {error}") from None


class _Columns:
    """Where a bill has the request, the amount and perhaps the time."""

    def __init__(self, file: Path, head: Sequence[str], credit_dollars: Decimal | None) -> None:
        names = {re.sub(r"[^a-z0-9]", "", name.lower()): place for place, name in reversed(list(enumerate(head)))}
        self._file, self._width = file, len(head)
        self._request = self._need(names, REQUEST, "a request (request_id, task_id, id ...)", head)
        self._time = _first(names, TIME)
        self._each = Decimal(1)
        amount = _first(names, AMOUNT)
        if credit_dollars is not None:
            self._each = credit_dollars
            amount = self._need(names, CREDITS, "credits (credits ...), which --credit-dollars asks for", head)
        elif amount is None and _first(names, CREDITS) is not None:
            raise SettingsError(f"{file}:1: the bill is in credits: say what one costs with --credit-dollars")
        self._amount = amount if amount is not None else self._need(
            names, AMOUNT, "an amount in dollars (amount, cost, usd ...)", head)

    def read(self, number: int, row: Sequence[str]) -> Billed:
        """One line of the bill."""
        if len(row) != self._width:
            raise self._wrong(number, f"{len(row)} columns instead of {self._width}")
        request = row[self._request].strip()
        if not request:
            raise self._wrong(number, "it names no request")
        told = row[self._amount].strip().removeprefix("$").removesuffix("USD").strip()
        try:
            amount = Decimal(told)
        except InvalidOperation:
            amount = Decimal("nan")
        if not amount.is_finite():
            raise self._wrong(number, f"{told[:40]!r} is no amount: write it like 0.35")
        dollars = amount * self._each
        return Billed(request, dollars, _places(dollars), (number,), self._at(number, row))

    def _at(self, number: int, row: Sequence[str]) -> datetime | None:
        told = row[self._time].strip() if self._time is not None else ""
        if not told:
            return None
        try:
            at = (datetime.fromtimestamp(float(told) / (1000 if len(told) > 11 else 1), UTC)
                  if re.fullmatch(r"\d{10,13}(\.\d+)?", told) else datetime.fromisoformat(told))
        except (ValueError, OverflowError):
            raise self._wrong(number, f"{told[:40]!r} is no time: write it like 2026-11-30T12:00:00Z") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _need(self, names: Mapping[str, int], known: Sequence[str], what: str, head: Sequence[str]) -> int:
        place = _first(names, known)
        if place is None:
            told = ", ".join(name.strip() for name in head if name.strip()) or "nothing"
            raise SettingsError(f"{self._file}:1: no column for {what}; the first line names {told[:200]}")
        return place

    def _wrong(self, number: int, what: str) -> SettingsError:
        return SettingsError(f"{self._file}:{number}: {what}")


def _first(names: Mapping[str, int], known: Sequence[str]) -> int | None:
    return next((names[name] for name in known if name in names), None)


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return min(6, max(2, -exponent)) if isinstance(exponent, int) else 2

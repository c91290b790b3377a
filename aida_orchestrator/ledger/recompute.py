"""The proof of the books: every charge reckoned again from its units and the price list that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..model import Usage
from ..store import charges
from ..store.charges import Charge
from ..store.db import Database
from . import tokens
from .book import FREE, SETTING, UNLISTED, PriceBook, booked, by_line, by_setting

_AT_ONCE = 5000
_OLD_KLING = "kling "  # the table of prices that stood in the code before there were sheets
_OLD_TASKS = re.compile(r"^\d+ tasks x ([\d.]+) USD$")


@dataclass(frozen=True, slots=True)
class Difference:
    """A charge that does not come to what is booked, or whose price list does not say any more what it said."""

    charge: Charge
    dollars: Decimal | None
    why: str


@dataclass(slots=True)
class Recomputed:
    """The sums of a period, in millionths as the books are kept; `unknown` charges have no known price."""

    charges: int = 0
    unknown: int = 0
    booked: Decimal = Decimal(0)
    recomputed: Decimal = Decimal(0)
    differences: int = 0
    by_version: dict[str, int] = field(default_factory=dict)


def recompute(
    db: Database, book: PriceBook, begin: datetime, end: datetime, tell: Callable[[Difference], None],
) -> Recomputed:
    """Reckon all charges of begin <= time < end again, some thousands at a time; a difference is told when it is found."""
    sums = Recomputed()
    for charge in _charges(db, begin, end):
        dollars, why = again(book, charge)
        sums.charges += 1
        sums.unknown += charge.dollars is None
        sums.booked += charge.dollars or 0
        sums.recomputed += booked(dollars) or 0
        sums.by_version[charge.price_version] = sums.by_version.get(charge.price_version, 0) + 1
        if why or booked(dollars) != charge.dollars:
            sums.differences += 1
            tell(Difference(charge, booked(dollars), why or "its units at that price come to another sum"))
    return sums


def again(book: PriceBook, charge: Charge) -> tuple[Decimal | None, str]:
    """(dollars, what is wrong with its price list, or "") by the price list that the charge names."""
    usage = Usage(charge.provider, charge.model, charge.units)
    version = charge.price_version
    if version == FREE:
        return Decimal(0), ""
    if version.startswith(tokens.LIBRARY):
        return _tokens(charge, usage)
    if version.startswith(SETTING):
        return _setting(charge, usage)
    return _sheet(book, charge, usage)


def _tokens(charge: Charge, usage: Usage) -> tuple[Decimal | None, str]:
    """By the library while it is the one that priced the charge; by the rates in the formula when it is another by now."""
    named = tokens.reckoned(charge.formula, usage)
    if named is None and tokens.names_rates(charge.formula):
        return tokens.price(usage, charge.created_at)[0], "its formula counts other tokens than its units"
    if charge.price_version == tokens.version():
        now = tokens.price(usage, charge.created_at)[0]
        if named is not None and named != now:
            return now, "its formula says another rate than the price list"
        return now, ""
    if named is not None or charge.dollars is None:
        return named, ""
    now = tokens.price(usage, charge.created_at)[0]
    if booked(now) == charge.dollars:
        return now, ""
    return now, f"it was priced by {charge.price_version} without naming rates; this is {tokens.version()}"


def _setting(charge: Charge, usage: Usage) -> tuple[Decimal | None, str]:
    _, _, each = charge.price_version.partition("=")
    if not each:  # of a time when the version did not say the price
        found = _OLD_TASKS.match(charge.formula)
        if found is None:
            return None, "its formula does not say what a task cost"
        each = found[1]
    return by_setting(usage, Decimal(each)).dollars, ""


def _sheet(book: PriceBook, charge: Charge, usage: Usage) -> tuple[Decimal | None, str]:
    """By the line that the charge names. A line that was changed, or that another one stands before by now, is told: the
    past is not followed silently."""
    holding = book.sheets.find(charge.provider, charge.model, charge.created_at)
    if charge.price_version.startswith(_OLD_KLING):
        return by_line(usage, holding).dollars, ""
    if charge.price_version == UNLISTED:
        return by_line(usage, holding).dollars, f"{holding.version} prices it now" if holding else ""
    line = book.sheets.named(charge.provider, charge.model, charge.price_version)
    if line is None:
        told = f"; {holding.version} holds for its day" if holding else ""
        return by_line(usage, holding).dollars, f"{charge.price_version} is gone or was changed{told}"
    if holding is not line and holding is not None:
        return by_line(usage, holding).dollars, f"{holding.version} stands now where {line.version} held"
    return by_line(usage, line).dollars, ""


def _charges(db: Database, begin: datetime, end: datetime) -> Iterator[Charge]:
    after = 0
    while True:
        with db.single() as tx:
            found = charges.list_charges(tx, begin, end, after, _AT_ONCE)
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1].id

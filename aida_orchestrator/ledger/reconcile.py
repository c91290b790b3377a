"""A provider's bill held against the books: what only one of them knows, and where both name another amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ..errors import SettingsError
from ..store import charges
from ..store.charges import Charge
from ..store.db import Database
from .bills import Billed

_LATE = timedelta(minutes=10)
"""A request is booked when its acceptance is written, and billed by the provider's clock."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The charges of one request; `dollars` None = no price was known."""

    request_id: str | None
    dollars: Decimal | None
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`not_booked` with the job that knows the request, if one does; `not_billed` only of the bill's time."""

    agreed: int
    billed: Decimal
    booked: Decimal
    not_booked: tuple[tuple[Billed, str | None], ...]
    not_billed: tuple[Booked, ...]
    others: tuple[tuple[Billed, Booked], ...]

    @property
    def balances(self) -> bool:
        """Both say the same."""
        return not (self.not_booked or self.not_billed or self.others)


def period(bill: Mapping[str, Billed]) -> tuple[datetime, datetime]:
    """The time that a bill speaks of, by its lines. Raises SettingsError where they have none."""
    times = [billed.at for billed in bill.values() if billed.at is not None]
    if not times:
        raise SettingsError("the bill has no column for the time (created_at, date ...): say which days it is for with "
                            "--from and --to")
    return min(times), max(times) + timedelta(microseconds=1)


def reconcile(db: Database, provider: str, bill: Mapping[str, Billed], begin: datetime, end: datetime) -> Reconciled:
    """Hold a bill for begin <= time < end against what was booked for that provider."""
    with db.transaction() as tx:
        found = charges.list_jobs_charges(tx, provider, begin - _LATE, end + _LATE, list(bill))
        known = charges.find_requests(tx, provider, list(bill))
    books = _by_request(found)
    agreed, others, missing = 0, [], []
    for request, billed in bill.items():
        own = books.get(request)
        if own is None:
            missing.append((billed, known.get(request)))
        elif own.dollars is None or _rounded(own.dollars, billed.places) != _rounded(billed.dollars, billed.places):
            others.append((billed, own))
        else:
            agreed += 1
    only_ours = tuple(own for request, own in books.items()
                      if request not in bill and any(begin <= one.created_at < end for one in own.charges))
    inside = [own for own in books.values() if own.request_id in bill or own in only_ours]
    return Reconciled(agreed, sum((one.dollars for one in bill.values()), Decimal(0)),
                      sum((own.dollars for own in inside if own.dollars is not None), Decimal(0)),
                      tuple(missing), only_ours, tuple(others))


def _by_request(found: list[Charge]) -> dict[str, Booked]:
    """Charges by their request; one whose request nobody knows stands alone, under its job."""
    groups: dict[str, list[Charge]] = defaultdict(list)
    for charge in found:
        groups[charge.request_id or f"?{charge.job_id}"].append(charge)
    return {key: Booked(group[0].request_id, _sum(group), tuple(group)) for key, group in groups.items()}


def _sum(group: list[Charge]) -> Decimal | None:
    known = [charge.dollars for charge in group if charge.dollars is not None]
    return sum(known, Decimal(0)) if len(known) == len(group) else None


def _rounded(dollars: Decimal, places: int) -> Decimal:
    return dollars.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

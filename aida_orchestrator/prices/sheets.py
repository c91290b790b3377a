"""Dated prices by provider and thing; each line can be found again by the version that a charge keeps of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

OWN = "own/"
"""What the name of a sheet out of PRICES_DIR begins with."""


@dataclass(frozen=True, slots=True)
class Line:
    """US dollars for one unit of a thing from a day on; None where it is known that no price is known.

    `cautious`: what ceilings take a unit without a known price for. It is no price, and no charge says it.
    """

    sheet: str
    provider: str
    thing: str
    unit: str
    dollars: Decimal | None
    since: date
    source: str
    read: date
    cautious: Decimal | None = None

    @property
    def version(self) -> str:
        """The sheet, the line's day, and a print of all that a price is made of: fal.toml@2025-01-01#0f3a9c21."""
        told = "|".join((self.provider, self.thing, self.unit, _plain(self.dollars), self.since.isoformat()))
        return f"{self.sheet}@{self.since.isoformat()}#{hashlib.sha256(told.encode()).hexdigest()[:8]}"


class Sheets:
    """All lines of all sheets. From the day of a thing's first own line (PRICES_DIR) on, only own lines price it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        found: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in lines:
            found[line.provider, line.thing].append(line)
        self._by_thing = {thing: tuple(sorted(group, key=lambda line: line.since)) for thing, group in found.items()}

    def find(self, provider: str, thing: str, at: datetime) -> Line | None:
        """The line that holds at that time; None where no sheet has one."""
        day = at.astimezone(UTC).date()
        holding = [line for line in self._by_thing.get((provider, thing), ()) if line.since <= day]
        own = [line for line in holding if line.sheet.startswith(OWN)]
        return next(iter(reversed(own or holding)), None)

    def named(self, provider: str, thing: str, version: str) -> Line | None:
        """The very line that a charge was priced by; None where it is gone or says something else now."""
        return next((line for line in self._by_thing.get((provider, thing), ()) if line.version == version), None)

    def lines(self) -> tuple[Line, ...]:
        """Every line, things in order of their names, each thing's oldest first."""
        return tuple(line for _, group in sorted(self._by_thing.items()) for line in group)


def _plain(dollars: Decimal | None) -> str:
    return "unknown" if dollars is None else f"{dollars.normalize():f}"

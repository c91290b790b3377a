"""What a Usage costs, by which price list, and how it was reckoned, so that it can be reckoned again for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from ..model import Usage
from ..prices import Line, Sheets
from . import tokens

SETTING = "KIE_TASK_DOLLARS"
UNLISTED = "no sheet"
FREE = "local"
COUNTED = {"second": "seconds", "task": "tasks"}
"""Which of a usage's units a sheet's unit counts."""

_MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one Usage (None = unknown), by which price list, and how they were reckoned.

    `cautious`: what a ceiling takes it for while no price is known; None where nobody said.
    """

    dollars: Decimal | None
    version: str
    formula: str
    cautious: Decimal | None = None

    @property
    def counted(self) -> Decimal | None:
        """What counts against ceilings."""
        return self.cautious if self.dollars is None else self.dollars


class PriceBook:
    """Prices by provider: tokens from genai-prices, Kling and Midjourney from our own sheets.

    `kie_task_dollars`: what a picture task costs whatever the sheets say; None leaves it to them.
    """

    def __init__(self, sheets: Sheets, kie_task_dollars: Decimal | None = None) -> None:
        self.sheets = sheets
        self._kie_task_dollars = kie_task_dollars

    def price(self, usage: Usage, at: datetime) -> Price:
        """What the usage cost at that time (prices change by date)."""
        if usage.provider == "kie" and self._kie_task_dollars is not None:
            return by_setting(usage, self._kie_task_dollars)
        if usage.provider in ("kie", "fal"):
            return by_line(usage, self.sheets.find(usage.provider, usage.model, at))
        if usage.provider == FREE:
            return Price(Decimal(0), FREE, f"{usage.tokens} tokens of {usage.model}, made here")
        return Price(*tokens.price(usage, at))

    def versions(self, usages: list[Usage], at: datetime) -> tuple[str, ...]:
        """The price lists that these usages are priced by, each once."""
        return tuple(dict.fromkeys(self.price(usage, at).version for usage in usages))


def by_setting(usage: Usage, each: Decimal) -> Price:
    """Picture tasks at a price that somebody set; the version says it, for the setting may change."""
    count = usage.units.get("tasks", 0)
    return Price(count * each, f"{SETTING}={each}", f"{count} tasks x {each} USD")


def by_line(usage: Usage, line: Line | None) -> Price:
    """Units at the price of a sheet's line."""
    if line is None:
        told = ", ".join(f"{count} {unit}" for unit, count in usage.units.items())
        return Price(None, UNLISTED, f"{told} of {usage.model}, no price known")
    count = usage.units.get(COUNTED[line.unit], 0)
    if line.dollars is None:
        return Price(None, line.version, f"{count} {COUNTED[line.unit]} of {usage.model}, no price known",
                     None if line.cautious is None else count * line.cautious)
    return Price(count * line.dollars, line.version, f"{count} {COUNTED[line.unit]} x {line.dollars} USD")


def booked(dollars: Decimal | None) -> Decimal | None:
    """As the books keep it: a millionth of a dollar, halves away from zero, as PostgreSQL rounds numeric(14, 6)."""
    return None if dollars is None else dollars.quantize(_MILLIONTH, ROUND_HALF_UP)

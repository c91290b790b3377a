"""A Forecast: what a film is expected to cost, said before anything is bought, with what it was reckoned from."""

from __future__ import annotations

from decimal import Decimal

from .documents import Document


class Span(Document):
    """US dollars: what is expected, and between what it will most likely be."""

    low: Decimal
    expected: Decimal
    high: Decimal


class Forecast(Document):
    """The range of a film's cost, in all (of the parts whose price is known) and by component.

    `parts` has None for a component without a known price. `base` is what the price lists alone say, before former films
    count. `seconds_from`, `shots_from`: who says so (message, project, campaign, preference, history, default). `history`:
    whose former films count (user, tenant, none), and how many. `prices` names the price lists.
    """

    total: Span
    parts: dict[str, Span | None]
    base: dict[str, Decimal | None]
    seconds: int
    seconds_from: str
    shots: int
    shots_from: str
    history: str
    films: int
    prices: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Components whose price nobody knows."""
        return tuple(name for name, part in self.parts.items() if part is None)

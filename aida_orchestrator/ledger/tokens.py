"""Tokens priced by genai-prices. The formula names each rate, so that a charge can be recomputed without that library."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import genai_prices

from ..model import Usage

LIBRARY = "genai-prices "
_MILLION = Decimal(1_000_000)
_TERM = re.compile(r"(\d+) (\w+) x (\d+(?:\.\d+)?)")
# Where a model has no rate of its own for a kind, the next one is what the library takes.
_RATES = {
    "input_tokens": ("input_mtok",),
    "cache_write_5m_tokens": ("cache_write_mtok", "input_mtok"),
    "cache_write_1h_tokens": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "cache_read_tokens": ("cache_read_mtok", "input_mtok"),
    "output_tokens": ("output_mtok",),
}


def version() -> str:
    """The list that prices tokens now."""
    return f"{LIBRARY}{genai_prices.__version__}"


def input_tokens(usage: Usage) -> int:
    """All input tokens, those of the cache included."""
    return usage.tokens - usage.units.get("output_tokens", 0)


def price(usage: Usage, at: datetime) -> tuple[Decimal | None, str, str]:
    """(dollars or None, version, formula) of a call to Claude or to an embedder at that time."""
    units = usage.units
    five, hour = units.get("cache_write_5m_tokens", 0), units.get("cache_write_1h_tokens", 0)
    # There input_tokens are all input tokens; Anthropic's own count leaves the cached ones out.
    whole: dict[str, int] = {"input_tokens": input_tokens(usage), "output_tokens": units.get("output_tokens", 0)}
    if usage.provider == "anthropic":
        whole |= {"cache_read_tokens": units.get("cache_read_tokens", 0), "cache_write_tokens": five + hour,
                  "cache_write_5m_tokens": five, "cache_write_1h_tokens": hour}
    try:
        found = genai_prices.calc_price(
            genai_prices.Usage(**whole), usage.model, provider_id=usage.provider, genai_request_timestamp=at)
    except LookupError:
        counted = " + ".join(f"{count} {_short(unit)}" for unit, count in units.items() if count) or "0"
        return None, version(), f"{counted} tokens of {usage.model}, no price known"
    return found.total_price, version(), _formula(usage, found)


def names_rates(formula: str) -> bool:
    """Whether a formula says what each kind of token cost."""
    return " USD a million tokens of " in formula


def reckoned(formula: str, usage: Usage) -> Decimal | None:
    """What a formula with rates comes to; None where it names none, or not the usage's own counts."""
    if not names_rates(formula):
        return None
    terms = _TERM.findall(formula)
    if {f"{unit}_tokens": int(count) for count, unit, _ in terms} != {unit: n for unit, n in usage.units.items() if n}:
        return None
    return sum((int(count) * Decimal(rate) for count, _, rate in terms), Decimal(0)) / _MILLION


def _formula(usage: Usage, found: Any) -> str:
    rates = {unit: _rate(found.model_price, unit, input_tokens(usage)) for unit, count in usage.units.items() if count}
    told = " + ".join(f"{usage.units[unit]} {_short(unit)} x {rate}" for unit, rate in rates.items()) or "0"
    formula = f"{told} USD a million tokens of {usage.model}"
    if None not in rates.values() and reckoned(formula, usage) == found.total_price:
        return formula
    # Priced in a way that rates alone do not tell; the library's version then has to be there to recompute it.
    counted = " + ".join(f"{count} {_short(unit)}" for unit, count in usage.units.items() if count) or "0"
    return f"{counted} tokens of {usage.model}: {found.input_price} in, {found.output_price} out (USD)"


def _rate(prices: Any, unit: str, whole: int) -> str | None:
    """US dollars a million tokens of a kind; the rate of long prompts where the whole prompt is long."""
    rate = next((found for name in _RATES.get(unit, ()) if (found := getattr(prices, name, None)) is not None), None)
    above = [tier.price for tier in getattr(rate, "tiers", ()) if whole > tier.start]
    rate = above[-1] if above else getattr(rate, "base", rate)
    return f"{rate.normalize():f}" if isinstance(rate, Decimal) else None


def _short(unit: str) -> str:
    return unit.removesuffix("_tokens")

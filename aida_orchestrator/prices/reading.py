"""Reads the sheets that come with the package, and those of PRICES_DIR before them; a broken one is refused by its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from .sheets import OWN, Line, Sheets

UNITS = {"fal": "second", "kie": "task"}
"""What each provider that sheets price is billed by."""

_BEGIN = re.compile(r"^\s*\[\[\s*price\s*\]\]")
_FIELDS: dict[str, type] = {
    "thing": str, "unit": str, "dollars": str, "unknown": bool, "cautious": str, "from": date, "source": str, "read": date,
    "note": str}
_NEEDED = ("thing", "unit", "from", "source", "read")


def load_sheets(folder: Path | None = None) -> Sheets:
    """All prices; `folder` holds sheets that stand before the packaged ones. Raises SettingsError with file, line and what
    is wrong."""
    lines = [line for file in sorted(Path(__file__).parent.glob("*.toml")) for line in _read(file, file.name)]
    if folder is not None:
        if not folder.is_dir():
            raise SettingsError(f"PRICES_DIR: {folder} is no folder")
        lines += [line for file in sorted(folder.glob("*.toml")) for line in _read(file, OWN + file.name)]
    return Sheets(lines)


def _read(file: Path, name: str) -> list[Line]:
    try:
        text = file.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise SettingsError(f"{file}:{at[1] if at else len(text.splitlines())}: no TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}:1: it cannot be read ({type(error).__name__})") from None
    places = _Places(file, text)
    provider = told.get("provider")
    if provider not in UNITS:
        raise places.wrong(None, "provider", f"provider must be one of {', '.join(UNITS)}")
    if others := set(told) - {"provider", "price"}:
        raise places.wrong(None, min(others), f"there is no field {min(others)!r}: a sheet has provider and [[price]]")
    entries = told.get("price", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise places.wrong(None, "price", "prices are written as [[price]]")
    lines = [_line(places, number, entry, name, provider) for number, entry in enumerate(entries)]
    seen: dict[tuple[str, date], int] = {}
    for number, line in enumerate(lines):
        if (line.thing, line.since) in seen:
            raise places.wrong(number, "from", f"{line.thing} has two prices from {line.since} on")
        seen[line.thing, line.since] = number
    return lines


def _line(places: _Places, number: int, entry: Mapping[str, Any], name: str, provider: str) -> Line:
    for field, value in entry.items():
        kind = _FIELDS.get(field)
        if kind is None:
            raise places.wrong(number, field, f"there is no field {field!r}: use {', '.join(_FIELDS)}")
        if not isinstance(value, kind) or isinstance(value, datetime):
            raise places.wrong(number, field, _SHAPES.get(field, f"{field} must be a text in quotes"))
        if isinstance(value, str) and not value.strip():
            raise places.wrong(number, field, f"{field} is empty")
    for field in _NEEDED:
        if field not in entry:
            raise places.wrong(number, None, f"{field} is missing")
    if entry["unit"] != UNITS[provider]:
        raise places.wrong(number, "unit", f"{provider} is billed by the {UNITS[provider]}, not by the {entry['unit']!r}")
    dollars = _dollars(places, number, entry)
    if "cautious" in entry and dollars is not None:
        raise places.wrong(number, "cautious", "cautious is for a thing whose price is unknown")
    cautious = _amount(places, number, "cautious", entry["cautious"]) if "cautious" in entry else None
    return Line(name, provider, entry["thing"], entry["unit"], dollars, entry["from"], entry["source"], entry["read"],
                cautious)


_SHAPES = {
    "dollars": 'dollars must be a text, so that it is exact: dollars = "0.07"',
    "cautious": 'cautious must be a text, so that it is exact: cautious = "0.10"',
    "unknown": "unknown must be true",
    "from": "from must be a day without quotes: from = 2026-12-01",
    "read": "read must be a day without quotes: read = 2026-12-01",
}


def _dollars(places: _Places, number: int, entry: Mapping[str, Any]) -> Decimal | None:
    if "dollars" in entry and "unknown" in entry:
        raise places.wrong(number, "unknown", "a price is either dollars or unknown")
    if "dollars" not in entry:
        if entry.get("unknown") is not True:
            raise places.wrong(number, None, "dollars is missing; a price that nobody knows is unknown = true")
        return None
    return _amount(places, number, "dollars", entry["dollars"])


def _amount(places: _Places, number: int, field: str, text: str) -> Decimal:
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        dollars = Decimal("nan")
    if not dollars.is_finite() or dollars < 0:
        raise places.wrong(number, field, f"{text!r} is no amount of dollars")
    return dollars


class _Places:
    """On which line of a file each price, and each field of it, stands: TOML's reader does not tell."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._begins = [number for number, line in enumerate(self._lines) if _BEGIN.match(line)]

    def wrong(self, entry: int | None, field: str | None, what: str) -> SettingsError:
        """What is wrong with a field of a price (None: of the file), or with the whole of it."""
        first, last = 0, self._begins[0] if self._begins else len(self._lines)
        if entry is not None and entry < len(self._begins):
            first = self._begins[entry]
            last = self._begins[entry + 1] if entry + 1 < len(self._begins) else len(self._lines)
        written = re.compile(rf"""^\s*["']?{re.escape(field or "")}["']?\s*[=.\]]""")
        at = next((number for number in range(first, last) if field and written.match(self._lines[number])), first)
        return SettingsError(f"{self._file}:{at + 1}: {what}")

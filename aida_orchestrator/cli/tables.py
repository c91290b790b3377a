"""Tables, lines and amounts as plain text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """A head and one line a row, each column as wide as its widest cell; those of `right` stand to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return ["  ".join(cell.rjust(width) if column in right else cell.ljust(width)
                      for column, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in [head, *rows]]


def plain(value: object) -> str:
    """One line without anything that a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())


def money(dollars: Any) -> str:
    """Cents, and what is less than a cent where there is some: 2.50, 0.0131."""
    whole, _, part = f"{float(dollars or 0):.6f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"

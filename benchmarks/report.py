"""One measured run as a row, and the table of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

CRITICAL = 45.1  # 3 x Claude 1 s, 0.1 s embedding, 2 rounds of pictures of 3 s, 6 clips of 6 s
HEAD = (
    "design", "told by", "films", "median", "p95", "films/min", "CPU s", "stores", "provider", "RSS", "PSS", "polls/job",
    "tx", "stmts", "trips", "msgs", "events", "Claude", "embed", "twice",
)
_LEGEND = """\
median, p95: a film's wall over its critical path of 45.1 s. All else but RSS, PSS, polls/job and twice is for one film.
CPU s: of the design's own processes, of PostgreSQL and Valkey, of the provider. RSS, PSS: peak MiB (ours: web and worker).
tx, stmts, trips: with PostgreSQL. msgs, events: LPUSH, PUBLISH. Claude, embed: calls. twice: jobs that were bought twice."""


@dataclass
class Row:
    """One measured run."""

    design: str
    told_by: str
    films: int
    finished: int
    wall: list[float] = field(repr=False)
    minutes: float
    cpu: float
    stores: float
    provider: float
    rss: float
    pss: float
    polls: float
    transactions: float
    messages: float
    events: float
    claude: float
    embeddings: float
    twice: int
    ledger: dict[str, Any] = field(repr=False)
    parts: dict[str, float] = field(default_factory=dict, repr=False)
    others: float = 0.0
    statements: float | None = None
    trips: float | None = None

    def cells(self) -> list[str]:
        """As printed."""
        ratios = sorted(seconds / CRITICAL for seconds in self.wall)
        p95 = quantiles(ratios, n=20, method="inclusive")[-1] if len(ratios) > 1 else (ratios or [0.0])[0]
        counted = [f"{value:.1f}" if value is not None else "-" for value in (self.statements, self.trips)]
        return [
            self.design, self.told_by, f"{self.finished}/{self.films}", f"{median(ratios or [0.0]):.3f}", f"{p95:.3f}",
            f"{self.finished / self.minutes if self.minutes else 0:.1f}", f"{self.cpu:.3f}", f"{self.stores:.3f}",
            f"{self.provider:.3f}", f"{self.rss:.0f}", f"{self.pss:.0f}", f"{self.polls:.2f}", f"{self.transactions:.1f}",
            *counted, f"{self.messages:.1f}", f"{self.events:.1f}", f"{self.claude:.2f}", f"{self.embeddings:.2f}",
            str(self.twice),
        ]


def print_table(rows: Sequence[Row], setting: str) -> None:
    """The rows, the machine and `setting` above them, and what the columns mean."""
    table = [list(HEAD), *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(HEAD))]
    print(f"\n{os.cpu_count()} cores, {setting}\n")
    for line in table:
        print("  ".join(cell.ljust(width) if place < 2 else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(line, widths, strict=True))))
    print(f"\n{_LEGEND}", flush=True)

"""CPU and memory of process trees from /proc, and the statements of a PostgreSQL log."""

from __future__ import annotations

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024
_LITERAL = re.compile(r"[eE]?'(?:[^'\\]|''|\\.)*'|\$\d+|\b\d+(?:\.\d+)?\b")
_COMMENT = re.compile(r"--[^\n]*")
_LIST = re.compile(r"\?(?:\s*,\s*\?)+|\(\?\)(?:\s*,\s*\(\?\))+")
_ENTRY = re.compile(r"duration: ([\d.]+) ms  (?:statement|execute [^:]*): (.*)", re.DOTALL)


def family(pid: int) -> Iterator[int]:
    """The process and its living descendants."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text().split():
                    yield from family(int(child))


def cpu_seconds(pids: Sequence[int]) -> float:
    """Used so far by these processes, their living descendants, and the children they have buried."""
    total = 0
    for pid in {member for root in pids for member in family(root)}:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(fields[place]) for place in (11, 12, 13, 14))  # proc(5): utime stime cutime cstime
    return total / _TICKS


class CpuMeter:
    """CPU seconds of named process trees since it was made, and what share of the machine all others used meanwhile."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = roots
        self._before = self._now()
        self._machine = _machine_ticks()

    def read(self) -> tuple[dict[str, float], float]:
        """Seconds by name; and a share of all cores, 0 to 1, which should be near 0 where figures are to be believed."""
        used = {name: seconds - self._before[name] for name, seconds in self._now().items()}
        busy, all_ = (now - before for now, before in zip(_machine_ticks(), self._machine, strict=True))
        return used, max(0.0, busy / _TICKS - sum(used.values())) / max(1.0, all_ / _TICKS)

    def _now(self) -> dict[str, float]:
        return {name: cpu_seconds([pid]) for name, pid in self._roots.items()}


def _machine_ticks() -> tuple[int, int]:
    """Busy and all ticks of all cores (proc(5), /proc/stat: fields 4 and 5 are idle and waiting for disks)."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def memory(pids: Sequence[int]) -> tuple[float, float]:
    """RSS and PSS of the trees in MiB; shared pages count whole in the one and in parts in the other."""
    rss = pss = 0
    for pid in {member for root in pids for member in family(root)}:
        with suppress(OSError):
            rss += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            pss += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return rss / _MIB, pss / _MIB


class Sampler:
    """Looks at memory each second and keeps the peaks."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.rss = self.pss = 0.0
        self._pids = pids
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look a last time."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            rss, pss = memory(self._pids)
            self.rss, self.pss = max(self.rss, rss), max(self.pss, pss)
            if self._stop.wait(1.0):
                return


class Statements:
    """What was sent to PostgreSQL since this object was made: trips to the server, and statements by their wording."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._from = log.stat().st_size
        self.trips = 0
        self.calls: Counter[str] = Counter()
        self.milliseconds: Counter[str] = Counter()

    def read(self) -> None:
        """Read what the log has; several statements sent as one are told apart, their time goes to the longest wording."""
        with self._log.open("rb") as file:
            file.seek(self._from)
            for line in file:
                with suppress(ValueError):
                    self._note(json.loads(line))

    @property
    def total(self) -> int:
        """All statements, BEGIN and COMMIT among them."""
        return self.calls.total()

    def table(self, films: int, most: int = 25) -> list[str]:
        """The statements called most: calls and milliseconds a film, milliseconds in all, wording."""
        lines = [f"{'calls/film':>10} {'ms/film':>8} {'ms total':>9}  statement"]
        for wording, calls in self.calls.most_common(most):
            spent = self.milliseconds[wording]
            lines.append(f"{calls / films:10.2f} {spent / films:8.2f} {spent:9.0f}  {wording[:150]}")
        return lines

    def _note(self, entry: dict[str, str]) -> None:
        if entry.get("application_name") == "bench" or not str(entry.get("dbname", "")).startswith("bench"):
            return
        found = _ENTRY.match(entry.get("message", ""))
        if found is None:
            return
        self.trips += 1
        parts = [part for part in map(str.strip, wording_of(found[2]).split(";")) if part]
        self.calls.update(parts)
        if parts:
            self.milliseconds[max(parts, key=len)] += float(found[1])  # type: ignore[assignment]


def wording_of(statement: str) -> str:
    """The statement without its values, so that equal ones look equal."""
    return " ".join(_LIST.sub("?", _LITERAL.sub("?", _COMMENT.sub("", statement))).split())

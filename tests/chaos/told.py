"""Tracebacks in the logs of our processes: those of a database or a broker that was away are told, anything else is ours."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_OUTAGES = re.compile(
    r"^(psycopg2\.(errors\.\w+|OperationalError|InterfaceError)|(\w+\.)*StoreUnavailable"
    r"|redis\.exceptions\.(ConnectionError|TimeoutError|BusyLoadingError)|kombu\.exceptions\.OperationalError"
    r"|(builtins\.)?(ConnectionResetError|ConnectionRefusedError|BrokenPipeError|ConnectionAbortedError)"
    r"|celery\.beat\.SchedulingError: Couldn't apply scheduled task \w+: "
    r"(Error (\d+|while)|Connection|Timeout|LOADING|\w+ is loading)"
    r"|celery\.exceptions\.(WorkerShutdown|WorkerTerminate)|SystemExit|KeyboardInterrupt)\b")
_LAST_LINE = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Unavailable|Shutdown|Terminate|Timeout|Lost\w*)\b")


def tracebacks(logs: Path) -> Iterator[str]:
    """Each traceback that no outage explains, as a sentence."""
    for log in sorted([*logs.glob("web*.log"), *logs.glob("worker*.log"), *logs.glob("beat*.log")]):
        found: Counter[str] = Counter()
        for last, where in _ended_by(log.read_text(errors="replace").splitlines()):
            if not _OUTAGES.match(last):
                found[f"a traceback in {log.name}:{where}: {last[:200]}"] += 1
        yield from found


def _ended_by(lines: list[str]) -> Iterator[tuple[str, int]]:
    """The last line of each traceback and where it stands."""
    inside = False
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            inside = False
            try:
                told = json.loads(line).get("traceback")
            except ValueError:
                continue
            if told:
                yield next((text for text in reversed(told.splitlines()) if _LAST_LINE.match(text)), told[-200:]), number
        elif line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and line and not line[0].isspace():
            inside = False
            if not line.startswith(("During handling", "The above exception")):
                yield line, number

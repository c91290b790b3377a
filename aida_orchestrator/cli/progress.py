"""Waits for a film and shows how far it is: a bar per stage on a terminal, a line per step elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .client import ApiError, Client, Unreachable
from .steps import TERMINAL, Holds, hold_lines, step_words, steps_of
from .tables import money

_PATIENCE = 60.0


class Display(Protocol):
    """Where progress is shown."""

    def show(self, status: Mapping[str, Any]) -> None:
        """Show the latest status."""

    def close(self) -> None:
        """Leave the screen tidy."""


def wait_for_film(
    client: Client, task: str, display: Display, between: Callable[[], None] = lambda: None, pause: float = 0.5,
) -> dict[str, Any]:
    """Return the terminal status. A service that is away for up to a minute is waited for; then Unreachable.

    `between` is called a few times a second, for whoever has something to look after meanwhile.
    """
    unreachable_since: float | None = None
    try:
        while True:
            try:
                status = client.status(task)
                unreachable_since = None
            except (ApiError, Unreachable) as error:
                if isinstance(error, ApiError) and error.status < 500:
                    raise
                unreachable_since = unreachable_since or time.monotonic()
                if time.monotonic() - unreachable_since > _PATIENCE:
                    raise
            else:
                display.show(status)
                if status.get("status") in TERMINAL:
                    return status
            next_look = time.monotonic() + pause
            while time.monotonic() < next_look:
                between()
                time.sleep(min(0.1, pause))
    finally:
        display.close()


def make_display() -> Display:
    """Bars if somebody watches, plain lines if the output goes to a file or a pipe."""
    if not sys.stderr.isatty():
        return PlainLines()
    try:
        from .bars import Bars  # rich takes its time to load: only for somebody who watches
    except ImportError:
        return PlainLines()
    return Bars()


class PlainLines:
    """One line whenever a stage moves on, on stderr: stdout is for the result."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._holds = Holds()

    def show(self, status: Mapping[str, Any]) -> None:
        """Print what changed."""
        for step in steps_of(status):
            words = step_words(step)
            if self._said.get(step["stage"], "waiting") != words:
                self._said[step["stage"]] = words
                progress = int(status.get("progress") or 0)
                print(f"{progress:3d} %  {step['stage']:<10} {words}", file=sys.stderr, flush=True)
        for line in self._holds.news(status):
            print(f"       {line}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing to tidy."""


def summary(status: Mapping[str, Any]) -> list[str]:
    """What is worth saying beside the address: cost, what was degraded, what went wrong, what can be done."""
    lines = []
    cost = status.get("cost") or {}
    if cost:
        reserved = float(cost.get("reserved") or 0)
        lines.append(f"cost: {cost.get('tokens', 0)} tokens, {float(cost.get('dollars') or 0):.2f} dollars"
                     + (f", {reserved:.2f} reserved" if reserved else ""))
    if status.get("maxCostDollars") is not None:
        lines.append(f"ceiling: {money(status['maxCostDollars'])} dollars")
    lines += hold_lines(status)
    for note in status.get("degraded") or []:
        lines.append(f"simplified: {note.get('stage')}: {note.get('what')} ({note.get('reason')})")
    for error in [status.get("error"), *(status.get("errors") or [])]:
        if isinstance(error, Mapping):
            nxt = error.get("nextStep") or error.get("next")
            lines.append(f"error: {error.get('code')}: {error.get('message')}" + (f"; {nxt}" if nxt else ""))
    for purchase in status.get("unknownPurchases") or []:
        lines.append(f"in doubt: the {purchase.get('kind')} of shot {purchase.get('shot')}, sent to "
                     f"{purchase.get('provider')} at {purchase.get('sentAt')}: {purchase.get('jobId')} "
                     "(`aida jobs --unknown` says what to do)")
    offers = status.get("offer") or status.get("offers")
    if offers:
        lines.append(f"offer: {offers}")
    return list(dict.fromkeys(lines))

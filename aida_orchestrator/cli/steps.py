"""The five steps of a film as a status lists them, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tables import money, plain

TERMINAL = ("completed", "partial", "failed", "cancelled")
STAGES = ("context", "script", "storyboard", "visual", "video")


def steps_of(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The five stages in order, also from a service that lists none."""
    given = {str(step.get("stage")): dict(step) for step in status.get("steps") or []}
    return [given.get(stage, {"stage": stage, "state": "waiting"}) for stage in STAGES]


def step_words(step: Mapping[str, Any]) -> str:
    """State and count of a step, as `running 2/6`; queued and parked are told as what they mean."""
    done, total = step.get("done"), step.get("total")
    state = str(step.get("state"))
    if state in ("ready", "parked"):
        state = "running" if state == "parked" or done else "waiting"
    counted = f" {done}/{total}" if isinstance(total, int) and total > 1 and isinstance(done, int) else ""
    return state + (counted if state != "waiting" else "")


def hold_lines(status: Mapping[str, Any]) -> list[str]:
    """Why an unfinished film may not buy what it needs next, what that would cost, and what to do; nothing if it may."""
    hold = status.get("hold")
    if not isinstance(hold, Mapping):
        return []
    price = hold.get("stepDollars")
    # Of a ceiling the message says it.
    cost = f"; the next step would cost {money(price)} dollars" if price is not None and hold.get("for") != "budget" else ""
    until = f", until {str(hold['until'])[:16].replace('T', ' ')} UTC" if hold.get("until") else ""
    todo = hold.get("nextStep")
    return [plain(f"waits ({hold.get('for')}{until}): {hold.get('message')}{cost}"), *([f"  {plain(todo)}"] if todo else [])]


class Holds:
    """Says once why a film waits for money, and that it goes on."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def news(self, status: Mapping[str, Any]) -> list[str]:
        """What is to be said now that was not said last time."""
        lines = hold_lines(status)
        if lines == self._said or status.get("status") in TERMINAL:
            return []
        self._said = lines
        return lines or ["goes on"]

"""The five steps of a film as a status lists them, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tables import money

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


def hold_words(status: Mapping[str, Any]) -> str | None:
    """Why an unfinished film may not buy what it needs next, and what that would cost where the reason does not say it."""
    hold = status.get("hold")
    if not isinstance(hold, Mapping):
        return None
    price = hold.get("stepDollars")
    cost = f"; the next step would cost {money(price)} dollars" if price is not None and hold.get("for") != "budget" else ""
    until = f", until {str(hold['until'])[:16].replace('T', ' ')} UTC" if hold.get("until") else ""
    return f"waits ({hold.get('for')}{until}): {hold.get('message')}{cost}"

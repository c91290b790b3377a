"""Errors as callers see them: what somebody can do about each code stands beside it, in every status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..codes import UNKNOWN_PURCHASE, of_film, whose
from ..model import Stage


def error_body(code: str, message: str, stage: Stage, **more: Any) -> dict[str, Any]:
    """An error as it is kept with its film: code, message, stage, whether a retry can help, and what to do next."""
    meant = of_film(code)
    return {"code": code, "message": message, "stage": stage.value, "retryable": meant.retryable,
            "nextStep": meant.next_step, **{key: value for key, value in more.items() if value is not None}}


def from_described(told: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """The same for an error that was kept in a row by `jobs.describe`."""
    return error_body(str(told.get("code", "internal")), str(told.get("message", "")), stage, provider=told.get("provider"))


def complete(error: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """An error of a film or a shot with all that the catalogue knows of its code; what was kept with it stays as it was."""
    code, provider = of_film(str(error.get("code"))), error.get("provider")
    where = str(error.get("stage", stage.value))
    return {**whose(code, provider, where), "nextStep": code.next_step, **error}


def with_purchases(error: Mapping[str, Any] | None, held: bool) -> dict[str, Any] | None:
    """The error of a film, with what to do about purchases of it that only a person can settle (`held`)."""
    if error is None or not held or "aida jobs resolve" in str(error.get("nextStep")):
        return dict(error) if error is not None else None
    return {**error, "nextStep": f"{UNKNOWN_PURCHASE} {error.get('nextStep', '')}".strip()}

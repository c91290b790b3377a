"""One way for writer and director to settle an answer: fit it, check it, have it repaired once, mend the rest by code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..model import ClaudeRequest
from .checks import MINOR, Finding, is_unusable
from .loop import Ask, structured, unusable

T = TypeVar("T")
log = logging.getLogger(__name__)


def reviewed(
    what: str,
    ask: Ask,
    request: ClaudeRequest,
    parse: Callable[[Any], T],
    *,
    check: Callable[[T], Sequence[Finding]],
    mend: Callable[[T], T],
    parts: Callable[[T], int],
) -> T:
    """The document made of Claude's answer; `parts` counts its beats or shots.

    Raises AnswerUnusable when even the better of two answers is not worth mending: nothing of it may be bought.
    """
    first: list[Finding] | None = None

    def faults(document: T) -> list[str]:
        nonlocal first
        found = list(check(document))
        first = found if first is None else first
        return [finding.words for finding in found if finding.code not in MINOR]

    answered = structured(ask, request, parse, check=faults)
    left = check(answered.value)
    mended = mend(answered.value)
    # Codes and places only: nothing that a user or a model wrote goes into the log.
    log.info("checked %s: first answer %s, given again: %s, left to code %s, not mended %s", what, _codes(first or left),
             answered.given_again, _codes(left), _codes(check(mended)))
    if is_unusable(left, parts(answered.value)):
        unusable(f"Claude's {what} was not usable after one repair: {', '.join(sorted({one.code for one in left}))}")
    return mended


def _codes(findings: Sequence[Finding]) -> list[str]:
    return [f"{finding.code}:{finding.where}" for finding in findings]

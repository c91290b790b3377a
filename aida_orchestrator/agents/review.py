"""One way for writer and director to settle an answer: fit it, check it, have it repaired once, mend the rest by code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from ..model import ClaudeRequest
from .checks import MINOR, Finding, check_leak, is_unusable
from .loop import Ask, structured, unusable

T = TypeVar("T", bound=BaseModel)
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

    def findings(document: T) -> list[Finding]:
        # The first block is the role's own; of the style catalogue in the second an answer may well take words.
        said = " ".join(_strings(document.model_dump(mode="json")))
        return [*check(document), *check_leak(said, str(request.system[0]["text"]))]

    def faults(document: T) -> list[str]:
        nonlocal first
        found = findings(document)
        first = found if first is None else first
        return [finding.words for finding in found if finding.code not in MINOR]

    answered = structured(ask, request, parse, check=faults)
    left = findings(answered.value)
    mended = mend(answered.value)
    # Codes and places only: nothing that a user or a model wrote goes into the log.
    log.info("checked %s: first answer %s, given again: %s, left to code %s, not mended %s", what, _codes(first or left),
             answered.given_again, _codes(left), _codes(findings(mended)))
    if is_unusable(left, parts(answered.value)):
        unusable(f"Claude's {what} was not usable after one repair: {', '.join(sorted({one.code for one in left}))}")
    return mended


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _codes(findings: Sequence[Finding]) -> list[str]:
    return [f"{finding.code}:{finding.where}" for finding in findings]

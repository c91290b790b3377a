"""What is known of a code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SERVICE = "service"  # the component that is none of a film's: our own processes, storage and database


class Who(StrEnum):
    """Who must act before it can go better."""

    YOU = "you"
    OPERATOR = "operator"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `retryable`: the same can succeed when it is asked for again, once whoever must act has acted.

    `components` are those that it can come from, `providers` the outer APIs; `status` that of the answer to a request.
    """

    name: str
    who: Who
    meaning: str
    next_step: str
    retryable: bool = True
    components: tuple[str, ...] = (SERVICE,)
    providers: tuple[str, ...] = ()
    status: int | None = None


def by_name(codes: Iterable[Code]) -> dict[str, Code]:
    """The codes by their names; a name that stands twice is a mistake."""
    found: dict[str, Code] = {}
    for code in codes:
        assert code.name not in found, code.name
        found[code.name] = code
    return found

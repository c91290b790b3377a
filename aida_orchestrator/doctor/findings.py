"""What a look finds: a verdict, what it means, and what to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`UNKNOWN`: it could not be told, and that is no fault by itself."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's. `check` is a name that scripts may hold on to; neither text ever holds a secret."""

    check: str
    verdict: Verdict
    says: str
    mend: str = ""


def ok(check: str, says: str) -> Finding:
    """As it should be."""
    return Finding(check, Verdict.OK, says)


def unknown(check: str, says: str, mend: str = "") -> Finding:
    """Nobody could be asked, or the answer says neither."""
    return Finding(check, Verdict.UNKNOWN, says, mend)


def warning(check: str, says: str, mend: str) -> Finding:
    """It works, and will not always."""
    return Finding(check, Verdict.WARNING, says, mend)


def wrong(check: str, says: str, mend: str) -> Finding:
    """Films stop, money is lost, or somebody may come in."""
    return Finding(check, Verdict.WRONG, says, mend)


def is_wrong(findings: Iterable[Finding]) -> bool:
    """Whether any of them must be mended."""
    return any(finding.verdict is Verdict.WRONG for finding in findings)

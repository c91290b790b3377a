"""The clock of this machine against every other that we could read: leases, polls and pauses are times of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .findings import Finding, ok, unknown, warning, wrong

_WARNED, _WRONG = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What another clock said when ours said `here`; `grain`: by how much it cannot say it more exactly."""

    whose: str
    there: datetime
    here: datetime
    grain: float

    @property
    def ahead(self) -> float:
        """Seconds by which ours is before it."""
        return (self.here - self.there).total_seconds()


def check(readings: Sequence[Reading]) -> Iterator[Finding]:
    """One line for each clock that differs, or one for all that agree."""
    if not readings:
        yield unknown("clock", "no other clock could be read")
        return
    agreeing = []
    for reading in readings:
        off = abs(reading.ahead) - reading.grain
        told = f"this machine is {abs(reading.ahead):.1f} s {'ahead of' if reading.ahead > 0 else 'behind'} {reading.whose}"
        if off > _WRONG:
            yield wrong("clock", f"{told}: stages are taken over while they run, or sweeps are dropped",
                        "run NTP on both (`timedatectl`); where only one differs from all the others, mend that one")
        elif off > _WARNED:
            yield warning("clock", told, "run NTP on both (`timedatectl`)")
        else:
            agreeing.append(reading.whose)
    if agreeing:
        yield ok("clock", f"agrees with {', '.join(agreeing)}")

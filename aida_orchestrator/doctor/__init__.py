"""What is wrong with this installation, and what to mend; asks and never changes, costs nothing, prints no secret.

It must tell something when everything is broken, so each check stands alone, and one that falls over is a finding itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from . import broker, clock, database, environment, exposure, media, providers, workers
from .findings import Finding, Verdict, is_wrong, unknown

__all__ = ["Finding", "Verdict", "examine", "is_wrong"]


def examine() -> Iterator[Finding]:
    """All findings, each as soon as it is there."""
    found = environment.read()
    settings, readings, broker_answers = found.settings, list[clock.Reading](), False
    yield from _standing("settings", lambda: environment.check(found))
    yield from _standing("database", lambda: database.check(settings, datetime.now(UTC), readings))
    for finding in _standing("broker", lambda: broker.check(settings, readings)):
        broker_answers = broker_answers or (finding.check == "broker" and finding.verdict is Verdict.OK)
        yield finding
    yield from _standing("workers", lambda: workers.check(broker_answers))
    yield from _standing("provider", lambda: providers.check(settings, datetime.now(UTC), readings))
    yield from _standing("media", lambda: media.check(settings))
    yield from _standing("clock", lambda: clock.check(readings))
    yield from _standing("exposure", lambda: exposure.check(found))


def _standing(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:
        # Not its message: it may hold an address with a password.
        yield unknown(name, f"the check itself fell over ({type(error).__name__})", "tell whoever maintains the service")

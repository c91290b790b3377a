"""A provider of pictures on the test's own clock: what it took is done so many seconds later, and reads fail as planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from aida_orchestrator import jobs
from aida_orchestrator.errors import ProviderError
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Accepted, Job, JobKind, JobState, Rendering
from tests.builders import Clock, find_job


class SlowProvider:
    """What a desk asks of KIE. `fails` says what goes wrong with the nth read of all, if anything does."""

    def __init__(self, clock: Clock, seconds: float, fails: Callable[[int], ProviderError | None] = lambda _: None) -> None:
        self.clock, self.seconds, self.fails = clock, seconds, fails
        self.sold: dict[str, datetime] = {}
        self.read_at: list[datetime] = []

    def fields(self, request: Any) -> dict[str, Any]:
        return {"prompt": request.prompt}

    def submit(self, fields: Mapping[str, Any], callback_url: str | None) -> Accepted:
        number = f"bought-{len(self.sold)}"
        self.sold[number] = self.clock()
        return Accepted(number)

    def poll(self, provider_id: str, handles: Mapping[str, str]) -> Rendering:
        self.read_at.append(self.clock())
        error = self.fails(len(self.read_at))
        if error is not None:
            raise error
        done = (self.clock() - self.sold[provider_id]).total_seconds() >= self.seconds
        return Rendering(done=True, urls=("https://tempfile.aiquickdraw.com/a.png",)) if done else Rendering()

    def gaps(self) -> list[float]:
        """Seconds between its reads."""
        return [(after - before).total_seconds() for before, after in zip(self.read_at, self.read_at[1:], strict=False)]


def at(desk: Desk, provider: SlowProvider) -> Desk:
    """The same desk, with this provider in KIE's place."""
    return replace(desk, kie=cast(Any, provider))


def buy(desk: Desk, job_id: str) -> Job:
    """Admit and submit; the job as it is then."""
    jobs.admit(desk, [JobKind.PICTURE])
    jobs.submit(desk, job_id)
    bought = find_job(desk.db, job_id)
    assert bought.state is JobState.RUNNING
    return bought


def watch(desk: Desk, job: Job, clock: Clock, seconds: float, step: float = 1) -> float:
    """Look at what is due until the job is running no more, at most so long; the seconds that went by."""
    began = clock()
    while find_job(desk.db, job.id).state is JobState.RUNNING and (clock() - began).total_seconds() < seconds:
        clock.advance(step)
        jobs.look_at_due(desk)
    return (clock() - began).total_seconds()

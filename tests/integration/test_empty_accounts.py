"""Who comes while an account is empty waits behind it: that is told, counted, and over when the account is good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.model import JobState, Stage, Task
from aida_orchestrator.pipeline import held
from aida_orchestrator.services import Services
from aida_orchestrator.store import holds
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, find_job, park
from tests.harness import Sandbox
from tests.integration.purchase import service_maker


@pytest.fixture
def make(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Services]:
    return service_maker(shared.dsn, sandbox, tmp_path, clock)


@pytest.fixture
def film(database: Database) -> Task:
    """A film whose pictures are wished for."""
    task = add_film(database, first=Stage.VISUAL)
    add_jobs(database, task, 3)
    park(database, task)
    return task


def sweep(services: Services, clock: Clock, seconds: float) -> None:
    """After a while, what the sweep does: try, let go, admit; and the messages that come of it."""
    clock.advance(seconds)
    for ref in [*held.let_go(services).submits, *jobs.admit(services.desk).submits]:
        jobs.submit(services.desk, ref.id)


def empty(sandbox: Sandbox) -> None:
    """KIE takes no order; what it says of its credits stays."""
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "balance", "times": None})


def states(services: Services) -> set[tuple[str, str | None]]:
    with services.db.transaction() as tx:
        return {(row["state"], row["held_for"]) for row in tx.all("SELECT state, held_for FROM jobs")}


def test_who_comes_later_waits_behind_the_account_as_those_do_that_were_told(
    make: Callable[..., Services], database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    services = make()
    empty(sandbox)
    sweep(services, clock, 1)
    later, came = add_film(database, clock(), "u2", first=Stage.VISUAL), clock()
    made = add_jobs(database, later, 2, now=clock(), words="later")
    park(database, later, now=clock())
    sweep(services, clock, 3)
    assert states(services) == {("queued", "provider")}
    with database.transaction() as tx:
        assert holds.count_held(tx, clock())["provider"][0] == 2
        hold = holds.find_hold(tx, later.id, clock())
    assert hold is not None
    assert (hold.word, hold.since) == ("provider", came)
    assert (hold.said["code"], hold.said["provider"]) == ("provider_balance", "kie")
    sandbox.reset()
    sweep(services, clock, 301)
    sweep(services, clock, 3)
    assert {find_job(database, job.id).state for job in made} == {JobState.RUNNING}

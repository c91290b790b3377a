"""Stop the process at every step around a purchase, start another one, and look into the seller's books.

Never is anything bought twice. Where it can be known what became of the purchase, the job ends done; where it cannot, it
becomes unknown, then lost, and is not sent again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import JobKind, JobState, Outcome, Stage
from aida_orchestrator.pipeline.sweep import sweep
from aida_orchestrator.services import Services
from aida_orchestrator.store import projects
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, find_job, make_services, park, stage_row
from tests.harness import Sandbox
from tests.integration.crashing import Crash, Steps, crashing

# Every step of one purchase, in order, and what another process makes of a crash there: (sold, outcome).
STEPS = {
    "before commit 1": (1, Outcome.DONE),     # admission
    "after commit 1": (1, Outcome.DONE),
    "before commit 2": (1, Outcome.DONE),     # reading the request
    "after commit 2": (1, Outcome.DONE),
    "before commit 3": (1, Outcome.DONE),     # the intent
    "after commit 3": (0, Outcome.LOST),      # nothing was sent, but nobody can know
    "before submit 1": (0, Outcome.LOST),
    "after submit 1": (1, Outcome.LOST),      # sold, and nobody knows the id
    "before commit 4": (1, Outcome.LOST),
    "after commit 4": (1, Outcome.DONE),      # the provider's id
    "before commit 5": (1, Outcome.DONE),     # a poll is claimed
    "after commit 5": (1, Outcome.DONE),
    "before poll 1": (1, Outcome.DONE),
    "after poll 1": (1, Outcome.DONE),
    "before commit 6": (1, Outcome.DONE),     # rendered
    "after commit 6": (1, Outcome.DONE),
    "before commit 7": (1, Outcome.DONE),     # the copying is begun
    "after commit 7": (1, Outcome.DONE),
    "before fetch 1": (1, Outcome.DONE),
    "after fetch 1": (1, Outcome.DONE),
    "before put 1": (1, Outcome.DONE),
    "after put 1": (1, Outcome.DONE),
    "before fetch 2": (1, Outcome.DONE),      # the other takes
    "after put 4": (1, Outcome.DONE),
    "before commit 8": (1, Outcome.DONE),     # settled, and the stage is ready
    "after commit 8": (1, Outcome.DONE),      # the ring is lost
}
# What follows is the same as after a neighbour of theirs: the rows say the same, and memory is gone either way.
LIKE_ANOTHER = {
    "before commit 1", "after commit 1", "before commit 2", "after commit 2", "before commit 5", "before poll 1",
    "before commit 7", "after commit 7", "before fetch 1", "after fetch 1", "before put 1", "before fetch 2",
}
STOPS = [step for step in STEPS if step not in LIKE_ANOTHER]
AMONG_THE_TAKES = {f"{side} {call} {number}" for side in ("before", "after") for call in ("fetch", "put")
                   for number in (2, 3, 4)}


@pytest.fixture
def database(shared: Shared) -> Database:
    return shared.empty()


@pytest.fixture
def start(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[[], Services]:
    """Start a process: its own objects, the same rows and files. A key of the test's own, so its rate is its own."""
    sandbox.latency(kie=0, fal=0)
    env = {name.lower(): value for name, value in sandbox.environment().items()}
    env["kie_api_key"] = env["fal_key"] = uuid.uuid4().hex
    return lambda: make_services(shared.dsn, tmp_path, clock, **env)


def buy(desk: Desk, job_id: str, clock: Clock, sandbox: Sandbox) -> None:
    """One process carries one job from its wish to its end, as messages would."""
    jobs.admit(desk, [JobKind.PICTURE])
    jobs.submit(desk, job_id)
    wait_until_made(sandbox)
    clock.advance(2)
    jobs.look_at(desk, job_id)
    jobs.collect(desk, job_id)


def wait_until_made(sandbox: Sandbox) -> None:
    until = time.monotonic() + 20
    while any(line["state"] != "done" for line in sandbox.sold("kie")):
        assert time.monotonic() < until
        time.sleep(0.02)


def carry_on(services: Services, clock: Clock, seconds: float) -> list[tuple[str, Stage]]:
    """What sweeps and messages make of the rows from now on; the stages that were rung."""
    rings: list[tuple[str, Stage]] = []
    until = clock().timestamp() + seconds
    while clock().timestamp() < until:
        clock.advance(4)
        swept = sweep(services)
        assert swept
        for ref in swept.woken.submits:
            swept.woken.add(jobs.submit(services.desk, ref.id))
        for ref in swept.woken.fetches:
            swept.woken.add(jobs.collect(services.desk, ref.id))
        rings += swept.woken.rings
    return rings


def test_the_steps_of_a_purchase_are_those_of_the_table(
    start: Callable[[], Services], database: Database, clock: Clock, sandbox: Sandbox,
) -> None:
    task = add_film(database, first=Stage.VISUAL)
    job = add_jobs(database, task)[0]
    park(database, task)
    steps = Steps()
    buy(crashing(start().desk, steps), job.id, clock, sandbox)
    assert [step for step in steps.passed if step not in AMONG_THE_TAKES - set(STEPS)] == list(STEPS)
    assert find_job(database, job.id).outcome is Outcome.DONE


@pytest.mark.parametrize("step", STOPS)
def test_a_crash_never_buys_twice(
    start: Callable[[], Services], database: Database, clock: Clock, sandbox: Sandbox, step: str,
) -> None:
    sold, outcome = STEPS[step]
    task = add_film(database, first=Stage.VISUAL)
    job = add_jobs(database, task)[0]
    park(database, task)
    with pytest.raises(Crash):
        buy(crashing(start().desk, Steps(stop_at=step)), job.id, clock, sandbox)
    wait_until_made(sandbox)

    rings = carry_on(start(), clock, 120)

    kept = find_job(database, job.id)
    assert (kept.state, kept.outcome) == (JobState.SETTLED, outcome)
    assert len(sandbox.sold("kie")) == sold
    assert len(sandbox.requests("kie", "submit")) == sold
    assert rings[0] == (task.id, Stage.VISUAL)
    assert stage_row(database, task.id, Stage.VISUAL)["state"] == "ready"
    with database.transaction() as tx:
        kept_files = [asset.take for asset in projects.list_job_assets(tx, [job.id]).get(job.id, [])]
        charges = tx.all("SELECT job_id FROM charges")
    assert kept_files == ([0, 1, 2, 3] if outcome is Outcome.DONE else [])
    assert len(charges) == (1 if outcome is Outcome.DONE else 0)
    if outcome is Outcome.LOST:
        assert (kept.error or {})["code"] == "outcome_unknown"

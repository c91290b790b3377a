"""How the tests of purchases buy: one desk a process, the sandbox as the seller, and a parked film that waits."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Job, JobKind, JobState, Stage
from aida_orchestrator.services import Services
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, add_jobs, find_job, make_services, park
from tests.harness import Sandbox

NOWHERE = "http://127.0.0.1:9"


def desk_maker(dsn: str, sandbox: Sandbox, folder: Path, clock: Clock) -> Callable[..., Desk]:
    """`make_desk(**settings)`: the desk of one process."""
    make = service_maker(dsn, sandbox, folder, clock)
    return lambda **changes: make(**changes).desk


def service_maker(dsn: str, sandbox: Sandbox, folder: Path, clock: Clock) -> Callable[..., Services]:
    """`make(**settings)`: the services of one process. Keys of the test's own, so that their rates are its own."""
    sandbox.latency(kie=0, fal=0)
    env: dict[str, Any] = {name.lower(): value for name, value in sandbox.environment().items()}
    env |= {"kie_api_key": uuid.uuid4().hex, "fal_key": uuid.uuid4().hex, "provider_timeout_seconds": 5}
    return lambda **changes: make_services(dsn, folder, clock, **{**env, **changes})


def waited_for(database: Database) -> Job:
    """A queued picture that a parked film waits for."""
    task = add_film(database, first=Stage.VISUAL)
    made = add_jobs(database, task)[0]
    park(database, task)
    return made


def send(desk: Desk, job_id: str) -> Job:
    """Admit what may be admitted, and let the submit message come."""
    jobs.admit(desk, [JobKind.PICTURE])
    jobs.submit(desk, job_id)
    return find_job(desk.db, job_id)


def finish(desk: Desk, job_id: str, clock: Clock) -> Job:
    """Look until the result is there, and copy it."""
    look_until_it_ends(desk, job_id, clock)
    jobs.collect(desk, job_id)
    return find_job(desk.db, job_id)


def look_until_it_ends(desk: Desk, job_id: str, clock: Clock) -> Job:
    """Look until the job is running no more.

    The job is made in true time while the looks' clock is ours: without a pause the deadline could pass on a quick machine
    before the provider is done, and more reads go out than it allows in a second.
    """
    until = time.monotonic() + 20
    while (job := find_job(desk.db, job_id)).state is JobState.RUNNING:
        assert time.monotonic() < until
        clock.advance(2)
        jobs.look_at_due(desk)
        time.sleep(0.02)
    return job


def posts(sandbox: Sandbox) -> int:
    """How many pictures were asked for, however that ended."""
    return len(sandbox.requests("kie", "submit"))


def fault(sandbox: Sandbox, kind: str, operation: str = "submit", **more: Any) -> None:
    """Let KIE misbehave."""
    sandbox.fault({"provider": "kie", "operation": operation, "fault": kind, **more})

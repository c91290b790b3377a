"""What the tests of stranded films share: a row edited by hand, a worker's claim, and who stands still at this moment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aida_orchestrator.model import Stage, Task
from aida_orchestrator.pipeline import stranded
from aida_orchestrator.services import Services
from aida_orchestrator.store import runs, tasks
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.runs import Claim
from tests.builders import Clock, make_services

STRANDED = 900.0
LEASE = timedelta(seconds=30)
Where = tuple[str, Stage, str]


def watching(dsn: str, folder: Path, clock: Clock) -> Services:
    """Live objects with two slots, of a film and of the account."""
    return make_services(dsn, folder, clock, stranded_seconds=STRANDED, kie_running_limit=2, pictures_per_film=2)


def found(services: Services) -> list[Where]:
    """The films that stand still at this moment: (task, stage, reason)."""
    with services.db.transaction() as tx:
        return [(one.task_id, one.stage, one.reason) for one in stranded.find(services, tx)]


def edit(database: Database, text: str, **params: object) -> None:
    """Rows changed by hand."""
    with database.transaction() as tx:
        assert tx.run(text, **params) > 0


def claim(database: Database, task: Task, stage: Stage, clock: Clock) -> Claim:
    """A worker takes the stage."""
    with database.transaction() as tx:
        claimed = runs.claim_stage(tx, task.id, stage, "worker", LEASE, clock())
        assert claimed is not None
        tasks.begin_stage(tx, task.id, stage, clock())
        tasks.add_event(tx, task.id, "stage_started", clock(), stage, attempt=claimed.attempt)
    return claimed

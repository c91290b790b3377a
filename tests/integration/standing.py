"""What the tests of stranded films share: a row edited by hand, a worker's claim, what may not be bought now, and who stands
still at this moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from aida_orchestrator import jobs
from aida_orchestrator.errors import AccountEmpty, BudgetReached, Held, SpendingStopped
from aida_orchestrator.model import Job, JobState, Stage, Task
from aida_orchestrator.pipeline import stranded
from aida_orchestrator.pipeline.held import park
from aida_orchestrator.services import Services
from aida_orchestrator.store import budgets, holds, runs, spending, tasks
from aida_orchestrator.store.budgets import Ceiling
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


def held_back(word: str, dollars: str = "0.04") -> Held:
    """Why a step may not be bought now, by the word of `waitingFor`."""
    price = Decimal(dollars)
    if word == "budget":
        return BudgetReached("the next step would cost more than is left", dollars=price, provider="kie")
    if word == "spending":
        return SpendingStopped("the operator has stopped all spending", dollars=price, provider="kie")
    return AccountEmpty("the account has no credit", dollars=price, provider="kie")


def hold_stage(services: Services, task: Task, stage: Stage, clock: Clock, word: str) -> None:
    """A worker takes the stage, and may not buy what it needs."""
    park(services, claim(services.db, task, stage, clock), held_back(word))


def hold_job(services: Services, job: Job, word: str, dollars: str = "0.04") -> None:
    """An admitted job may not be bought now."""
    jobs.held.hold(services.desk, job, held_back(word, dollars), JobState.ADMITTED, None)


def in_the_way(services: Services, task: Task, word: str) -> None:
    """What keeps a film from buying, for true: a ceiling of nothing, the switch, or KIE's empty account."""
    now = services.clock()
    with services.db.transaction() as tx:
        if word == "budget":
            budgets.put_budget(tx, Ceiling(task.tenant_id, "film", task.id, "total"), Decimal(0), now)
        elif word == "spending":
            spending.stop(tx, None, now)
        else:
            holds.pause(tx, "kie", "the account has no credit", now)


def out_of_the_way(services: Services, task: Task, word: str) -> None:
    """Room for it again."""
    with services.db.transaction() as tx:
        if word == "budget":
            assert budgets.drop_budget(tx, Ceiling(task.tenant_id, "film", task.id, "total"))
        elif word == "spending":
            assert spending.start(tx)
        else:
            assert holds.resume(tx, "kie")

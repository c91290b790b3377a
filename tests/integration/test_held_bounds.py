"""How long what is held may wait: to its bound and no longer, whatever is tried meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.model import (
    ClaudeAnswer,
    ClaudeRequest,
    Component,
    JobKind,
    JobState,
    Outcome,
    Stage,
    Task,
    Usage,
)
from aida_orchestrator.pipeline import commands, held, runner
from aida_orchestrator.services import Services
from aida_orchestrator.store import holds, spending
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Clock, Shared, add_film, add_jobs, find_job, park, stage_row
from tests.harness import Sandbox
from tests.integration.purchase import posts, service_maker
from tests.integration.test_held import PricedClaude
from tests.integration.test_runner import Embedder
from tests.unit.agents.scripted import says
from tests.unit.agents.works import brief_answer

BOUND = 3600


@pytest.fixture
def services(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Services:
    make: Callable[..., Services] = service_maker(shared.dsn, sandbox, tmp_path, clock)
    return make(kie_task_dollars="0.04", budget_wait_seconds=BOUND)


def test_what_is_held_is_not_taken_for_dated_by_a_wrong_clock(services: Services, database: Database, clock: Clock) -> None:
    task = add_film(database, first=Stage.VISUAL)
    job = add_jobs(database, task)[0]
    park(database, task)
    with database.transaction() as tx:
        spending.stop(tx, None, clock())
    for ref in jobs.admit(services.desk).submits:
        jobs.submit(services.desk, ref.id)
    before = find_job(database, job.id)
    assert before.state is JobState.QUEUED
    jobs.doubt_silent(services.desk)
    assert find_job(database, job.id) == before
    assert jobs.admit(services.desk).submits == []


def test_whoever_tries_an_empty_account_in_vain_waits_no_longer_than_others(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock,
) -> None:
    for operation in ("submit", "credit"):
        fault = {"fault": "balance"} if operation == "submit" else {"fault": "status", "status": 404}
        sandbox.fault({"provider": "kie", "operation": operation, "times": None, **fault})
    task = add_film(database, first=Stage.VISUAL)
    job = add_jobs(database, task)[0]
    park(database, task)
    for ref in jobs.admit(services.desk).submits:
        jobs.submit(services.desk, ref.id)
    asked = posts(sandbox)
    for _ in range(11):
        clock.advance(BOUND / 10)
        for ref in held.let_go(services).submits:
            jobs.submit(services.desk, ref.id)
    assert posts(sandbox) > asked + 2
    clock.advance(3)
    held.let_go(services)
    ended = find_job(database, job.id)
    assert (ended.outcome, (ended.error or {})["code"]) == (Outcome.FAILED, "provider_balance")
    assert "waited" in (ended.error or {})["message"]


def test_what_comes_to_a_paused_provider_later_says_why_it_waits_and_has_its_own_bound(
    services: Services, database: Database, clock: Clock,
) -> None:
    with database.transaction() as tx:
        holds.pause(tx, "fal", "the fal account has no credit left", clock())
    clock.advance(BOUND / 2)
    task = add_film(database, first=Stage.VIDEO)
    job = add_jobs(database, task, 1, JobKind.CLIP)[0]
    with database.transaction() as tx:
        tx.run("UPDATE jobs SET next_try_at = %(now)s WHERE id = %(id)s", now=clock(), id=job.id)
    park(database, task, JobKind.CLIP)
    asked_at = clock()
    with database.transaction() as tx:
        tx.run("UPDATE provider_pauses SET checked_at = %(now)s, checks = 10", now=clock())  # not tried for five minutes
    held.let_go(services)
    with database.transaction() as tx:
        hold = holds.find_hold(tx, task.id, clock())
    assert hold is not None
    assert (hold.word, hold.since, hold.said["code"]) == ("provider", asked_at, "provider_balance")
    assert hold.said["message"] == "the fal account has no credit left"
    with database.transaction() as tx:
        tx.run("UPDATE provider_pauses SET checked_at = %(later)s", later=clock())
    clock.advance(BOUND * 0.9)
    with database.transaction() as tx:
        tx.run("UPDATE provider_pauses SET checked_at = %(now)s", now=clock())
    held.let_go(services)
    assert find_job(database, job.id).state is JobState.QUEUED
    clock.advance(BOUND * 0.2)
    with database.transaction() as tx:
        tx.run("UPDATE provider_pauses SET checked_at = %(now)s", now=clock())
    assert held.let_go(services).rings == [(task.id, Stage.VIDEO)]
    ended = find_job(database, job.id)
    assert (ended.outcome, (ended.error or {})["code"]) == (Outcome.FAILED, "provider_balance")


def test_the_trial_of_an_empty_account_keeps_the_cap_of_its_film(
    services: Services, database: Database, clock: Clock,
) -> None:
    task, other = add_film(database, first=Stage.VIDEO), add_film(database, user="u2", first=Stage.VIDEO)
    add_jobs(database, task, 2, JobKind.CLIP)
    making = jobs.admit(services.desk, [JobKind.CLIP]).submits
    assert len(making) == 1
    clock.advance(5)
    theirs = add_jobs(database, other, 1, JobKind.CLIP)[0]
    with database.transaction() as tx:
        holds.pause(tx, "fal", "the fal account has no credit left", clock())
    clock.advance(20)
    assert [ref.id for ref in held.let_go(services).submits] == [theirs.id]


def test_a_stage_that_bought_something_since_it_was_held_waits_anew(
    services: Services, database: Database, clock: Clock,
) -> None:
    def answers(_: ClaudeRequest) -> ClaudeAnswer:
        return says(brief_answer())

    claude = replace(services, make_claude=lambda: PricedClaude(answers), make_embedder=lambda: Embedder(),
                     make_quick_embedder=lambda: Embedder(), memory_provider="local")
    task = add_film(database)
    since = []
    for ceiling in ("0.01", "0.02", "0.03"):
        commands.set_ceiling(claude, TENANT, task.id, Decimal(ceiling))
        _ready(database, task)
        assert runner.run(claude, Stage.CONTEXT, task.id).word == "held"
        since.append(stage_row(database, task.id, Stage.CONTEXT)["held_since"])
        clock.advance(60)
        if ceiling == "0.02":
            claude.ledger.record_now(task=task, component=Component.ORCHESTRATOR, now=clock(), usage=Usage(
                "anthropic", PricedClaude.model, {"input_tokens": 10, "output_tokens": 10}))
    assert since[0] == since[1], "it was only looked at again"
    assert since[2] > since[1]


def _ready(database: Database, task: Task) -> None:
    with database.transaction() as tx:
        tx.run("UPDATE stage_runs SET state = 'ready' WHERE task_id = %(task)s AND state = 'parked'", task=task.id)

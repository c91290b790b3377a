"""One stage of one film: it is run when it is its turn, once, and whoever comes late changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import psycopg2
import pytest

from aida_orchestrator.errors import ProviderAuthError, ProviderUnavailable
from aida_orchestrator.model import ClaudeAnswer, ClaudeRequest, RunState, Stage, Task, TaskStatus, Usage
from aida_orchestrator.pipeline import commands, runner
from aida_orchestrator.pipeline.leases import Leases
from aida_orchestrator.pipeline.sweep import sweep
from aida_orchestrator.services import Services, utc_now
from aida_orchestrator.store import projects, runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    TENANT,
    Clock,
    Shared,
    add_film,
    add_jobs,
    bring_to,
    event_numbers,
    find_job,
    find_task,
    make_brief,
    make_services,
    stage_row,
    with_desk,
)
from tests.integration.crashing import Crash, CrashingDatabase, Steps
from tests.unit.agents.scripted import says
from tests.unit.agents.works import brief_answer

Ask = Callable[[ClaudeRequest], ClaudeAnswer]


class Claude:
    """Answers with whatever it is told to do."""

    model = "claude-test"

    def __init__(self, answer: Ask) -> None:
        self._answer = answer
        self.asked = 0

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """One answer."""
        self.asked += 1
        return self._answer(request)


class Embedder:
    """Finds everything alike."""

    name = "test"

    def embed(self, texts: list[str], *, role: str = "passage") -> tuple[list[list[float]], Usage]:
        """One vector a text."""
        return [[1.0] * 1536 for _ in texts], Usage("openai", "test", {"input_tokens": 1})


def away(_: ClaudeRequest) -> ClaudeAnswer:
    raise ProviderUnavailable("anthropic", "Claude cannot take the request at the moment")


@pytest.fixture
def process(shared: Shared, database: Database, tmp_path: Path, clock: Clock) -> Callable[..., Services]:
    """`process(ask)`: the services of one process whose Claude does as told, by default is away."""
    return lambda ask=away: replace(
        make_services(shared.dsn, tmp_path, clock), make_claude=lambda: Claude(ask), make_embedder=lambda: Embedder(),
        make_quick_embedder=lambda: Embedder())


def checkpoint(database: Database, task: Task, stage: Stage) -> dict[str, Any] | None:
    with database.transaction() as tx:
        return tasks.list_checkpoints(tx, task.id).get(stage)


def test_a_finished_stage_leaves_its_output_and_readies_the_next(
    database: Database, process: Callable[..., Services],
) -> None:
    task = add_film(database)
    assert runner.run(process(lambda _: says(brief_answer())), Stage.CONTEXT, task.id).word == runner.GO_ON
    assert (checkpoint(database, task, Stage.CONTEXT) or {})["title"] == "Il pane del mattino"
    assert [stage_row(database, task.id, stage)["state"] for stage in Stage] == [
        "done", "ready", "waiting", "waiting", "waiting"]
    now = find_task(database, task.id)
    assert (now.status, now.current_step, now.degraded) == (TaskStatus.PROCESSING, Stage.CONTEXT, ())
    assert event_numbers(database, task.id) == [1, 2]


def test_text_stages_fall_back_and_say_so(database: Database, process: Callable[..., Services]) -> None:
    task, services = add_film(database, message="A film about bread"), process()
    for stage in (Stage.CONTEXT, Stage.SCRIPT, Stage.STORYBOARD):
        assert runner.run(services, stage, task.id).word == runner.GO_ON
    assert [item.stage for item in find_task(database, task.id).degraded] == [
        Stage.CONTEXT, Stage.SCRIPT, Stage.STORYBOARD]
    assert "bread" in str(checkpoint(database, task, Stage.SCRIPT)).lower()
    assert len((checkpoint(database, task, Stage.STORYBOARD) or {})["shots"]) == 3


def test_a_new_message_in_an_old_project_falls_back_on_its_own_words(
    database: Database, process: Callable[..., Services],
) -> None:
    bread = add_film(database)
    with database.transaction() as tx:
        projects.update_documents(tx, bread.project_id, NOON, brief=make_brief())
        tasks.end_task(tx, bread.id, TaskStatus.COMPLETED, NOON)
    sea = add_film(database, project_id=bread.project_id, message="A film about whales in the sea")
    assert runner.run(process(), Stage.CONTEXT, sea.id).word == runner.GO_ON
    assert "whales" in (checkpoint(database, sea, Stage.CONTEXT) or {})["intent"]


def test_a_doubled_message_changes_nothing(database: Database, process: Callable[..., Services]) -> None:
    task, services = add_film(database), process()
    runner.run(services, Stage.CONTEXT, task.id)
    before = (event_numbers(database, task.id), stage_row(database, task.id, Stage.CONTEXT))
    assert runner.run(services, Stage.CONTEXT, task.id).word == "not its turn"
    assert (event_numbers(database, task.id), stage_row(database, task.id, Stage.CONTEXT)) == before


def test_messages_in_any_order_lead_to_one_run_of_each_stage(
    database: Database, process: Callable[..., Services],
) -> None:
    task, services = add_film(database), process()
    order = [Stage.STORYBOARD, Stage.SCRIPT, Stage.CONTEXT, Stage.STORYBOARD, Stage.SCRIPT, Stage.SCRIPT, Stage.STORYBOARD]
    words = [runner.run(services, stage, task.id).word for stage in order]
    assert words == ["not its turn", "not its turn", "done", "not its turn", "done", "not its turn", "done"]
    assert [stage_row(database, task.id, stage)["attempt"] for stage in Stage] == [1, 1, 1, 0, 0]


def test_a_lease_lost_while_claude_answers_lets_the_late_writer_change_nothing(
    database: Database, process: Callable[..., Services], clock: Clock,
) -> None:
    task = add_film(database)

    def slow(_: ClaudeRequest) -> ClaudeAnswer:
        clock.advance(31)  # nobody renewed the lease; another process takes over and finishes
        quick = process(lambda _: says(brief_answer(title="The owner's")))
        assert runner.run(quick, Stage.CONTEXT, task.id).word == runner.GO_ON
        return says(brief_answer(title="The late one's"))

    assert runner.run(process(slow), Stage.CONTEXT, task.id).word == "lost lease"
    assert (checkpoint(database, task, Stage.CONTEXT) or {})["title"] == "The owner's"
    assert stage_row(database, task.id, Stage.SCRIPT)["state"] == RunState.READY
    assert event_numbers(database, task.id) == [1, 2, 3]


def test_a_cancel_while_claude_answers_stops_the_film_there(
    database: Database, process: Callable[..., Services],
) -> None:
    task = add_film(database)

    def meanwhile(_: ClaudeRequest) -> ClaudeAnswer:
        commands.cancel(process(), TENANT, task.id)
        return says(brief_answer())

    assert runner.run(process(meanwhile), Stage.CONTEXT, task.id).word == "lost lease"
    assert checkpoint(database, task, Stage.CONTEXT) is None
    assert find_task(database, task.id).status is TaskStatus.CANCELLED
    assert stage_row(database, task.id, Stage.SCRIPT)["state"] == RunState.SKIPPED


def test_an_answer_that_was_paid_for_is_not_asked_again_after_a_crash(
    database: Database, process: Callable[..., Services], clock: Clock,
) -> None:
    def bought(_: ClaudeRequest) -> ClaudeAnswer:
        return says(brief_answer())

    dry = Steps()
    runner.run(replace(process(bought), db=cast(Any, CrashingDatabase(database, dry))), Stage.CONTEXT, add_film(database).id)
    last = dry.passed[-1].removeprefix("after ")  # the commit that finishes the stage
    task, claude = add_film(database), Claude(bought)
    dying = CrashingDatabase(database, Steps(stop_at=f"before {last}"))
    with pytest.raises(Crash):
        runner.run(replace(process(), db=cast(Any, dying), make_claude=lambda: claude), Stage.CONTEXT, task.id)
    assert claude.asked == 1
    clock.advance(31)
    again = Claude(away)
    assert runner.run(replace(process(), make_claude=lambda: again), Stage.CONTEXT, task.id).word == runner.GO_ON
    assert again.asked == 0
    assert find_task(database, task.id).degraded == ()


def test_a_missing_key_stops_the_film_before_it_costs_more(
    database: Database, process: Callable[..., Services],
) -> None:
    def locked(_: ClaudeRequest) -> ClaudeAnswer:
        raise ProviderAuthError("anthropic", "check ANTHROPIC_API_KEY", status=401)

    task = add_film(database)
    assert runner.run(process(locked), Stage.CONTEXT, task.id).word == "failed"
    ended = find_task(database, task.id)
    assert (ended.status, (ended.error or {})["code"]) == (TaskStatus.FAILED, "provider_auth")
    assert [stage_row(database, task.id, stage)["state"] for stage in Stage] == ["failed"] + ["skipped"] * 4


@pytest.mark.parametrize("trouble", [RuntimeError("a fault of ours"), psycopg2.OperationalError("away")])
def test_trouble_of_our_own_is_tried_again_and_after_four_times_told(
    database: Database, process: Callable[..., Services], clock: Clock, trouble: Exception,
) -> None:
    def broken(_: ClaudeRequest) -> ClaudeAnswer:
        raise trouble

    task, services = add_film(database), process(broken)
    for crashes in range(1, 5):
        assert runner.run(services, Stage.CONTEXT, task.id).word == "again later"
        row = stage_row(database, task.id, Stage.CONTEXT)
        assert (row["state"], row["crashes"], row["sends"]) == ("ready", crashes, crashes)
    assert runner.run(services, Stage.CONTEXT, task.id).word == "failed"
    assert (find_task(database, task.id).error or {})["code"] == "internal"


def test_a_lease_is_kept_while_its_stage_runs_and_not_longer(
    shared: Shared, database: Database, tmp_path: Path,
) -> None:
    services = replace(make_services(shared.dsn, tmp_path, Clock()), clock=utc_now, lease=timedelta(seconds=0.6))
    task = add_film(database)
    with database.transaction() as tx:
        claim = runs.claim_stage(tx, task.id, Stage.CONTEXT, "me", services.lease, utc_now())
    assert claim
    leases = Leases()
    with leases.hold(services, claim):
        time.sleep(1.0)
        assert stage_row(database, task.id, Stage.CONTEXT)["lease_until"] > utc_now()
    time.sleep(0.3)
    until = stage_row(database, task.id, Stage.CONTEXT)["lease_until"]
    time.sleep(0.5)
    assert stage_row(database, task.id, Stage.CONTEXT)["lease_until"] == until < utc_now()


def test_a_second_sweep_in_the_same_moment_does_nothing(process: Callable[..., Services], clock: Clock) -> None:
    assert sweep(process())
    assert sweep(process()) is None
    clock.advance(1)
    assert sweep(process())


def test_a_fault_in_one_step_of_the_sweep_does_not_keep_films_from_the_others(
    database: Database, process: Callable[..., Services], clock: Clock,
) -> None:
    class Broken:
        def poll(self, *_: object) -> None:
            raise RuntimeError("a fault of ours")

    bring_to(database, add_jobs(database, add_film(database))[0], "running")
    waiting = add_jobs(database, add_film(database))[0]
    clock.advance(5)
    swept = sweep(with_desk(process(), kie=cast(Any, Broken())))
    assert swept
    assert [ref.id for ref in swept.woken.submits] == [waiting.id]


def test_a_swept_film_goes_on_after_its_message_and_its_submit_were_lost(
    database: Database, process: Callable[..., Services], clock: Clock,
) -> None:
    task = add_film(database, NOON)
    job = bring_to(database, add_jobs(database, add_film(database, first=Stage.VISUAL))[0], "admitted")
    clock.advance(16)
    swept = sweep(process())
    assert swept
    assert (task.id, Stage.CONTEXT) in swept.woken.rings
    assert [ref.id for ref in swept.woken.submits] == [job.id]
    assert find_job(database, job.id) == job

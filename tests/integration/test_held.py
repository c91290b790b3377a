"""What may not be bought now waits in the rows, says why, and goes on by itself when it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.errors import ProviderBalanceError
from aida_orchestrator.model import (
    ClaudeAnswer,
    ClaudeRequest,
    Job,
    JobKind,
    JobState,
    Outcome,
    Stage,
    Task,
    TaskStatus,
)
from aida_orchestrator.pipeline import commands, held, runner
from aida_orchestrator.pipeline.resolve import resolve
from aida_orchestrator.pipeline.sweep import sweep
from aida_orchestrator.services import Services
from aida_orchestrator.store import budgets, charges, holds, looks, spending, watch
from aida_orchestrator.store.budgets import Budget, Ceiling
from aida_orchestrator.store.db import Database
from tests.builders import (
    TENANT,
    Clock,
    Shared,
    add_documents,
    add_film,
    add_jobs,
    find_job,
    find_task,
    make_storyboard,
    park,
    stage_row,
)
from tests.harness import Sandbox
from tests.integration.purchase import fault, finish, posts, send, service_maker
from tests.integration.test_runner import Claude, Embedder
from tests.unit.agents.scripted import says
from tests.unit.agents.works import brief_answer

PICTURE = Decimal("0.04")


@pytest.fixture
def make(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Services]:
    return service_maker(shared.dsn, sandbox, tmp_path, clock)


@pytest.fixture
def services(make: Callable[..., Services]) -> Services:
    return make(kie_task_dollars="0.04")


@pytest.fixture
def film(database: Database) -> Task:
    """A film that waits for three pictures."""
    task = add_film(database, first=Stage.VISUAL)
    add_documents(database, task, make_storyboard(3))
    return task


def ceiling(services: Services, dollars: str, scope: str = "tenant", subject: str = "", period: str = "total") -> None:
    with services.db.transaction() as tx:
        budgets.put_budget(tx, Ceiling(TENANT, scope, subject, period), Decimal(dollars), services.clock())


def stands(services: Services) -> Budget:
    with services.db.transaction() as tx:
        found = budgets.find_budget(tx, Ceiling(TENANT, "tenant", "", "total"), services.clock())
    assert found is not None
    return found


def reserved(services: Services, task_id: str) -> Decimal:
    with services.db.transaction() as tx:
        return spending.task_reserved(tx, task_id)[0]


def waits_for(services: Services, task: Task) -> str | None:
    with services.db.transaction() as tx:
        return watch.list_waiting(tx, [task.id], services.clock())[task.id].word


def buy_all(services: Services, kind: JobKind = JobKind.PICTURE) -> None:
    """Give out slots and submit, as long as there is something to submit."""
    for _ in range(20):
        admitted = jobs.admit(services.desk, [kind]).submits
        if not admitted:
            return
        for ref in admitted:
            jobs.submit(services.desk, ref.id)


def ask_for_pictures(services: Services, film: Task) -> None:
    """Run the stage, and submit what may be."""
    for ref in runner.run(services, Stage.VISUAL, film.id).woken.submits:
        jobs.submit(services.desk, ref.id)
    buy_all(services)


def let_go(services: Services, clock: Clock) -> jobs.Woken:
    """What the sweep does, a little later."""
    clock.advance(3)
    return held.let_go(services)


def of(services: Services, task: Task) -> list[Job]:
    return [find_job(services.db, row["id"]) for row in _rows(services, task)]


def _rows(services: Services, task: Task) -> list[dict[str, Any]]:
    with services.db.transaction() as tx:
        return tx.all("SELECT id FROM jobs WHERE task_id = %(task)s ORDER BY shot", task=task.id)


def test_a_film_at_its_ceiling_buys_what_fits_waits_and_goes_on_after_a_raise(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    ceiling(services, "0.09", "film", film.id)
    ask_for_pictures(services, film)
    states = [job.state for job in of(services, film)]
    assert sorted(states) == [JobState.QUEUED, JobState.RUNNING, JobState.RUNNING]
    waiting = next(job for job in of(services, film) if job.state is JobState.QUEUED)
    assert waiting.attempt == 0
    assert (waiting.error or {})["code"] == "budget_reached"
    assert (waiting.error or {})["ceiling"]["dollars"] == "0.090000"
    assert waits_for(services, film) == "pictures"  # two are being made
    for job in of(services, film):
        if job.state is JobState.RUNNING:
            finish(services.desk, job.id, clock)
    assert waits_for(services, film) == "budget"
    for _ in range(3):
        sweep(services)
        assert let_go(services, clock).rings == []
    buy_all(services)
    assert (posts(sandbox), find_job(database, waiting.id).error) == (2, waiting.error)
    with database.single() as tx:
        assert looks.recall_future(tx, clock()) == 0  # it is far ahead, and not by a wrong clock
    commands.set_ceiling(services, TENANT, film.id, Decimal("0.12"))
    let_go(services, clock)
    buy_all(services)
    assert posts(sandbox) == 3
    assert finish(services.desk, waiting.id, clock).outcome is Outcome.DONE
    with database.transaction() as tx:
        assert charges.task_cost(tx, film.id)["dollars"] == 3 * PICTURE
        found = budgets.find_budget(tx, Ceiling(TENANT, "film", film.id, "total"), clock())
    assert found is not None
    assert (found.spent, found.reserved) == (3 * PICTURE, 0)


def test_a_refused_call_lets_its_reservation_go_and_a_doubtful_one_keeps_it_until_a_person_says(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    ceiling(services, "1")
    refused, doubtful, not_bought = add_jobs(database, film, 3)
    fault(sandbox, "status", status=429, times=1)
    assert send(services.desk, refused.id).state is JobState.QUEUED
    assert stands(services).reserved == 0
    clock.advance(60)
    fault(sandbox, "status", status=422, times=1)
    assert send(services.desk, refused.id).outcome is Outcome.FAILED
    assert (stands(services).reserved, stands(services).spent) == (0, 0)
    fault(sandbox, "reset_after", times=2)
    for job in (doubtful, not_bought):
        clock.advance(60)
        send(services.desk, job.id)
        assert find_job(database, job.id).state is JobState.UNKNOWN
    clock.advance(600)
    jobs.give_up(services.desk)
    assert find_job(database, doubtful.id).outcome is Outcome.LOST
    assert (stands(services).reserved, reserved(services, film.id)) == (2 * PICTURE, 2 * PICTURE)
    bought = sandbox.sold("kie")[0]["id"]
    resolve(services, TENANT, doubtful.id, bought)
    resolve(services, TENANT, not_bought.id, None)
    assert (stands(services).spent, stands(services).reserved) == (PICTURE, 0)


def test_the_switch_puts_admitted_jobs_back_and_what_is_being_made_is_still_fetched(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    bought, later = add_jobs(database, film, 2)
    park(database, film)
    jobs.admit(services.desk)
    jobs.submit(services.desk, bought.id)
    with database.transaction() as tx:
        spending.stop(tx, "lunch", clock())
    jobs.submit(services.desk, later.id)
    assert finish(services.desk, bought.id, clock).outcome is Outcome.DONE
    assert (find_job(database, later.id).state, waits_for(services, film)) == (JobState.QUEUED, "spending")
    clock.advance(40 * 24 * 3600)  # the switch has no bound
    let_go(services, clock)
    buy_all(services)
    assert (posts(sandbox), find_job(database, later.id).state) == (1, JobState.QUEUED)
    with database.transaction() as tx:
        spending.start(tx)
    let_go(services, clock)
    buy_all(services)
    assert posts(sandbox) == 2


def test_pictures_of_an_empty_account_wait_until_its_credits_are_there_again(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    pictures = add_jobs(database, film, 3)
    park(database, film)
    other = add_film(database, user="u2", first=Stage.VIDEO)
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "balance", "times": None})
    sandbox.fault({"provider": "kie", "operation": "credit", "fault": "balance", "times": None})
    jobs.admit(services.desk)
    jobs.submit(services.desk, pictures[0].id)
    for job in pictures[1:]:  # they had their slots already
        jobs.submit(services.desk, job.id)
    assert [job.state for job in of(services, film)] == [JobState.QUEUED] * 3
    assert (posts(sandbox), waits_for(services, film)) == (1, "provider")
    for _ in range(6):
        clock.advance(100)
        held.let_go(services)
        buy_all(services)
    assert posts(sandbox) == 1
    assert add_jobs(database, other, 1, JobKind.CLIP)
    assert jobs.admit(services.desk, [JobKind.CLIP]).submits != []  # fal serves on
    sandbox.reset()
    clock.advance(301)
    tried = held.let_go(services).submits
    assert len(tried) == 1
    jobs.submit(services.desk, tried[0].id)
    let_go(services, clock)
    buy_all(services)
    assert [job.state for job in of(services, film)] == [JobState.RUNNING] * 3
    with database.transaction() as tx:
        assert holds.list_pauses(tx) == []


def test_credits_that_are_there_and_still_not_enough_cost_one_attempt_a_check(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    pictures = add_jobs(database, film, 3)
    park(database, film)
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "balance", "times": None})
    buy_all(services)
    assert posts(sandbox) == 1
    since = []
    for _ in range(5):
        clock.advance(301)
        for ref in held.let_go(services).submits:
            jobs.submit(services.desk, ref.id)
        buy_all(services)
        with database.transaction() as tx:
            since += [pause.since for pause in holds.list_pauses(tx)]
    assert posts(sandbox) == 6
    assert len(set(since)) == 1  # it is one and the same pause to whoever is woken by it
    assert [find_job(database, job.id).state for job in pictures] == [JobState.QUEUED] * 3


def test_one_clip_is_let_through_to_an_empty_account_and_its_acceptance_lets_the_others_go(
    make: Callable[..., Services], database: Database, sandbox: Sandbox, clock: Clock,
) -> None:
    services = make(public_url="http://127.0.0.1:9", clips_per_film=5)
    task = add_film(database, first=Stage.VIDEO)
    clips = add_jobs(database, task, 3, JobKind.CLIP)
    with database.transaction() as tx:
        tx.run("""INSERT INTO assets (key, kind, project_id, task_id, tenant_id, user_id, job_id, shot, take, content_type,
                  bytes, sha256, source_url, created_at)
                  VALUES ('p', 'picture', %(project)s, %(task)s, 'default', 'u1', NULL, 1, 0, 'image/png', 1, 'x',
                          'http://127.0.0.1:9/p.png', %(now)s)""", project=task.project_id, task=task.id, now=clock())
    park(database, task, JobKind.CLIP)
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "balance", "times": 2})

    def sent() -> int:
        return len(sandbox.requests("fal", "submit"))

    buy_all(services, JobKind.CLIP)
    tried = sent()
    assert waits_for(services, task) == "provider"
    clock.advance(16)
    woken = held.let_go(services)
    assert len(woken.submits) == 1
    jobs.submit(services.desk, woken.submits[0].id)  # refused once more, or taken: two refusals are given in all
    assert sent() == tried + 1
    for _ in range(4):
        clock.advance(301)
        for ref in held.let_go(services).submits:
            jobs.submit(services.desk, ref.id)
        buy_all(services, JobKind.CLIP)
    assert [find_job(database, job.id).state for job in clips] == [JobState.RUNNING] * 3
    assert len(sandbox.sold("fal")) == 3


def test_a_picture_of_a_locked_account_is_read_later_and_never_given_up_as_lost_meanwhile(
    make: Callable[..., Services], database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    services = make(picture_deadline_seconds=600)
    job = add_jobs(database, film, 1)[0]
    send(services.desk, job.id)
    sandbox.fault({"provider": "kie", "operation": "poll", "fault": "balance", "times": None})
    for _ in range(30):
        clock.advance(600)
        jobs.look_at_due(services.desk)
    assert find_job(database, job.id).state is JobState.RUNNING
    with database.transaction() as tx:
        assert [pause.provider for pause in holds.list_pauses(tx)] == ["kie"]
    sandbox.reset()
    clock.advance(301)
    held.let_go(services)
    with database.transaction() as tx:
        assert holds.list_pauses(tx) == []  # nobody waits for it, and it has credits
    assert finish(services.desk, job.id, clock).outcome is Outcome.DONE


def test_who_waits_under_the_ceiling_for_each_user_is_let_go_when_there_is_room_and_not_before(
    services: Services, database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    ceiling(services, "0.03", "user", "*", "day")
    ask_for_pictures(services, film)
    let_go(services, clock)
    assert jobs.admit(services.desk).submits == []
    ceiling(services, "0.20", "user", "*", "day")
    let_go(services, clock)
    buy_all(services)
    assert posts(sandbox) == 3


def test_a_film_that_has_waited_to_its_bound_ends_and_a_retry_makes_what_is_missing(
    make: Callable[..., Services], database: Database, sandbox: Sandbox, clock: Clock, film: Task,
) -> None:
    services = make(kie_task_dollars="0.04", budget_wait_seconds=3600)
    ceiling(services, "0.09", "film", film.id)
    ask_for_pictures(services, film)
    for job in of(services, film):
        if job.state is JobState.RUNNING:
            finish(services.desk, job.id, clock)
    clock.advance(3500)
    assert let_go(services, clock).rings == []
    clock.advance(120)
    assert let_go(services, clock).rings == [(film.id, Stage.VISUAL)]
    assert runner.run(services, Stage.VISUAL, film.id).word == "failed"
    ended = find_task(database, film.id)
    assert (ended.status, (ended.error or {})["code"]) == (TaskStatus.FAILED, "budget_reached")
    assert "would cost $0.04, and of the $0.09 for this film $0.08 is spent" in (ended.error or {})["message"]
    assert "it has waited for 1 h" in (ended.error or {})["message"]
    commands.retry(services, TENANT, film.id, max_cost=Decimal("0.50"))
    ask_for_pictures(services, film)
    assert posts(sandbox) == 3


@pytest.fixture
def writing(services: Services) -> Callable[..., Services]:
    """The services with a Claude that answers so."""
    def make(ask: Callable[[ClaudeRequest], ClaudeAnswer]) -> Services:
        return replace(services, make_claude=lambda: PricedClaude(ask), make_embedder=lambda: Embedder(),
                       make_quick_embedder=lambda: Embedder(), memory_provider="local")
    return make


class PricedClaude(Claude):
    """One whose price is known."""

    model = "claude-sonnet-5-5"


def test_a_stage_that_may_not_ask_claude_parks_and_is_rung_when_there_is_room(
    writing: Callable[..., Services], database: Database, clock: Clock,
) -> None:
    task = add_film(database)
    claude = writing(lambda _: says(brief_answer()))
    ceiling(claude, "0.01", "user", "u1", "day")
    assert runner.run(claude, Stage.CONTEXT, task.id).word == "held"
    row = stage_row(database, task.id, Stage.CONTEXT)
    assert (row["state"], row["held_for"], row["owner"]) == ("parked", "budget", None)
    assert waits_for(claude, task) == "budget"
    assert reserved(claude, task.id) == 0
    assert runner.run(claude, Stage.CONTEXT, task.id).word == "not its turn"
    assert let_go(claude, clock).rings == []
    ceiling(claude, "5", "user", "u1", "day")
    assert let_go(claude, clock).rings == [(task.id, Stage.CONTEXT)]
    assert runner.run(claude, Stage.CONTEXT, task.id).word == runner.GO_ON
    row = stage_row(database, task.id, Stage.CONTEXT)
    assert (row["state"], row["held_for"], row["held_since"]) == ("done", None, None)
    assert find_task(database, task.id).degraded == ()


def test_a_claude_without_credit_parks_the_film_and_one_film_tries_it_again(
    writing: Callable[..., Services], database: Database, clock: Clock,
) -> None:
    first, second = add_film(database), add_film(database, user="u2")
    asked = []

    def empty(request: ClaudeRequest) -> ClaudeAnswer:
        asked.append(request)
        raise ProviderBalanceError("anthropic", "the Anthropic account has no credit left", status=400)

    poor = writing(empty)
    assert [runner.run(poor, Stage.CONTEXT, task.id).word for task in (first, second)] == ["held", "held"]
    assert len(asked) == 1  # the second did not even ask
    assert [waits_for(poor, task) for task in (first, second)] == ["provider", "provider"]
    clock.advance(16)
    assert held.let_go(poor).rings == [(first.id, Stage.CONTEXT)]
    assert runner.run(poor, Stage.CONTEXT, first.id).word == "held"
    assert len(asked) == 2
    rich = writing(lambda _: says(brief_answer()))
    clock.advance(31)
    tried = held.let_go(rich).rings
    assert len(tried) == 1
    assert runner.run(rich, Stage.CONTEXT, tried[0][0]).word == runner.GO_ON
    left = ({first.id, second.id} - {tried[0][0]}).pop()
    assert let_go(rich, clock).rings == [(left, Stage.CONTEXT)]
    assert runner.run(rich, Stage.CONTEXT, left).word == runner.GO_ON


def test_a_stage_that_has_waited_to_its_bound_fails_with_what_it_waited_for(
    writing: Callable[..., Services], database: Database, clock: Clock,
) -> None:
    task = add_film(database)
    claude = writing(lambda _: says(brief_answer()))
    ceiling(claude, "0.01", "film", task.id)
    assert runner.run(claude, Stage.CONTEXT, task.id).word == "held"
    clock.advance(claude.budget_wait.total_seconds() + 1)
    held.let_go(claude)
    ended = find_task(database, task.id)
    assert (ended.status, (ended.error or {})["code"]) == (TaskStatus.FAILED, "budget_reached")
    commands.retry(claude, TENANT, task.id, max_cost=Decimal(5))
    assert runner.run(claude, Stage.CONTEXT, task.id).word == runner.GO_ON


def test_a_cancelled_film_waits_for_nothing(writing: Callable[..., Services], database: Database, clock: Clock) -> None:
    task = add_film(database)
    claude = writing(lambda _: says(brief_answer()))
    ceiling(claude, "0.01", "film", task.id)
    runner.run(claude, Stage.CONTEXT, task.id)
    commands.cancel(claude, TENANT, task.id)
    ceiling(claude, "5", "film", task.id)
    assert let_go(claude, clock).rings == []
    clock.advance(claude.budget_wait.total_seconds() + 1)
    held.let_go(claude)
    assert find_task(database, task.id).status is TaskStatus.CANCELLED


def test_a_call_whose_process_died_is_reserved_until_it_is_asked_again(
    writing: Callable[..., Services], database: Database, clock: Clock,
) -> None:
    task = add_film(database)

    def dies(_: ClaudeRequest) -> ClaudeAnswer:
        with database.transaction() as tx:  # as it stands while Claude thinks
            seen.append(spending.task_reserved(tx, task.id)[0])
            copy.extend(tx.all("SELECT * FROM reservations"))
        raise KeyboardInterrupt

    seen: list[Decimal] = []
    copy: list[dict[str, Any]] = []
    with pytest.raises(KeyboardInterrupt):
        runner.run(writing(dies), Stage.CONTEXT, task.id)
    assert seen[0] > Decimal("0.05")
    with database.transaction() as tx:  # a process that is killed cannot take it back
        spending.reserve(tx, key=copy[0]["key"], tenant_id=TENANT, user_id="u1", task_id=task.id, component="orchestrator",
                         provider="anthropic", dollars=seen[0], now=clock(), until=copy[0]["until"])
    clock.advance(31)
    assert runner.run(writing(lambda _: says(brief_answer())), Stage.CONTEXT, task.id).word == runner.GO_ON
    assert reserved(writing(dies), task.id) == 0

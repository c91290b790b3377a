"""What a caller may ask while jobs are in every state: create once, cancel, retry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.errors import ConflictError, InvalidError, NotFoundError, ProviderRefused
from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.model import (
    Accepted,
    Aspect,
    JobKind,
    JobState,
    Outcome,
    Rendering,
    RunState,
    Script,
    Stage,
    Task,
    TaskStatus,
)
from aida_orchestrator.pipeline import commands
from aida_orchestrator.pipeline.once import Once
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import projects, runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    TENANT,
    Broker,
    Clock,
    Held,
    Shared,
    add_documents,
    add_film,
    add_jobs,
    bring_to,
    broker_in_memory,
    event_numbers,
    find_job,
    find_task,
    make_brief,
    make_services,
    make_storyboard,
    park,
    stage_row,
    wait_until_blocked,
    with_desk,
)

LATER = (JobState.SUBMITTING, JobState.UNKNOWN, JobState.RUNNING, JobState.RENDERED)


class Silent:
    """A provider that notes what it is asked, and takes nothing."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.knows = True
        self.answers = Event()
        self.answers.set()

    def cancel(self, endpoint: str, provider_id: str, handles: object) -> str:
        self.answers.wait(20)
        self.cancelled.append(provider_id)
        return "CANCELLATION_REQUESTED"

    def poll(self, endpoint: str, provider_id: str, handles: object) -> Rendering:
        if not self.knows:
            raise ProviderRefused("fal", "Request not found", status=404)
        return Rendering(waiting=True)


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


@pytest.fixture
def services(shared: Shared, database: Database, tmp_path: Path) -> Services:
    return with_desk(make_services(shared.dsn, tmp_path, Clock()), fal=cast(Any, Silent()))


def count(database: Database, table: str) -> int:
    with database.transaction() as tx:
        row = tx.one(f"SELECT count(*) AS n FROM {table}")
    assert row
    return int(row["n"])


def failed_film(database: Database, services: Services, outcomes: list[Outcome]) -> tuple[Task, list[str]]:
    """A film that stopped at its pictures, which ended like this."""
    task = add_film(database)
    add_documents(database, task, make_storyboard(len(outcomes)))
    ids = []
    for job, outcome in zip(add_jobs(database, task, len(outcomes)), outcomes, strict=True):
        state = JobState.UNKNOWN if outcome is Outcome.LOST else JobState.RUNNING
        settle(services.desk, bring_to(database, job, state), outcome, error={"code": "x"}, from_states=[state])
        ids.append(job.id)
    with database.transaction() as tx:
        tasks.end_task(tx, task.id, TaskStatus.FAILED, NOON, error={"code": "visual_failed"})
        runs.skip_stages(tx, task.id)
    return find_task(database, task.id), ids


def test_create_writes_everything_and_then_rings(database: Database, services: Services, broker: Broker) -> None:
    asked = commands.create(services, TENANT, "ann", "Bread")
    assert broker.sent == [("film.context", (asked.task.id,), "context")]
    assert stage_row(database, asked.task.id, Stage.CONTEXT)["state"] == RunState.READY
    assert event_numbers(database, asked.task.id) == [1]


def test_twins_with_one_key_make_one_film(database: Database, services: Services, broker: Broker) -> None:
    once = Once("create-video", "k1", {"message": "Bread"})
    held = Held(database)
    slow = make_with_db(services, held)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(commands.create, slow, TENANT, "ann", "Bread", once=once)
        assert held.reached.wait(10)
        second = pool.submit(commands.create, services, TENANT, "ann", "Bread", once=once)
        wait_until_blocked(database)
        held.go.set()
        asked = [first.result(10), second.result(10)]
    assert [one.replayed for one in asked] == [False, True]
    assert asked[0].task.id == asked[1].task.id
    assert count(database, "tasks") == count(database, "projects") == 1
    assert broker.names() == ["film.context"]


def test_a_key_belongs_to_its_body_its_route_and_its_tenant(database: Database, services: Services) -> None:
    commands.create(services, TENANT, "ann", "Bread", once=Once("create-video", "k", {"message": "Bread"}))
    with pytest.raises(InvalidError, match="another body"):
        commands.create(services, TENANT, "ann", "Cake", once=Once("create-video", "k", {"message": "Cake"}))
    assert not commands.create(services, TENANT, "ann", "Bread", once=Once("other", "k", {"message": "Cake"})).replayed
    assert not commands.create(services, "tenant2", "ann", "Bread", once=Once("create-video", "k", {})).replayed
    assert count(database, "tasks") == 3


def test_a_project_of_somebody_else_does_not_exist(database: Database, services: Services) -> None:
    task = add_film(database, user="ann")
    for tenant, user in ((TENANT, "bob"), ("tenant2", "ann")):
        with pytest.raises(NotFoundError):
            commands.create(services, tenant, user, "Bread", project_id=task.project_id)
        with pytest.raises(NotFoundError):
            commands.refine(services, tenant, user, task.project_id, "more", Aspect.ALL)
    with pytest.raises(NotFoundError):
        commands.cancel(services, "tenant2", task.id)
    with pytest.raises(NotFoundError):
        commands.retry(services, "tenant2", task.id)


def test_two_films_of_one_project_are_not_made_at_once(database: Database, services: Services) -> None:
    task = add_film(database, user="ann")
    with pytest.raises(ConflictError, match=task.id):
        commands.create(services, TENANT, "ann", "Bread", project_id=task.project_id)
    with pytest.raises(ConflictError, match=task.id):
        commands.refine(services, TENANT, "ann", task.project_id, "more", Aspect.ALL)


@pytest.mark.parametrize(("aspect", "first", "kept"), [
    (Aspect.SCRIPT, Stage.SCRIPT, {Stage.CONTEXT}), (Aspect.STYLE, Stage.STORYBOARD, {Stage.CONTEXT, Stage.SCRIPT}),
    (Aspect.VISUALS, Stage.STORYBOARD, {Stage.CONTEXT, Stage.SCRIPT}), (Aspect.ALL, Stage.CONTEXT, set())])
def test_a_refine_begins_where_its_aspect_says_and_carries_the_rest_over(
    database: Database, services: Services, broker: Broker, aspect: Aspect, first: Stage, kept: set[Stage],
) -> None:
    task = add_film(database, user="ann")
    board = make_storyboard(2)
    with database.transaction() as tx:
        projects.update_documents(tx, task.project_id, NOON, brief=make_brief(), storyboard=board,
                                  script=Script(title="t", logline="l", beats=()))
        tasks.end_task(tx, task.id, TaskStatus.COMPLETED, NOON)
    refined = commands.refine(services, TENANT, "ann", task.project_id, "more", aspect).task
    with database.transaction() as tx:
        assert set(tasks.list_checkpoints(tx, refined.id)) == kept
    assert broker.sent == [(f"film.{first}", (refined.id,), first.value)]
    states = [stage_row(database, refined.id, stage)["state"] for stage in Stage]
    assert states == ["done"] * list(Stage).index(first) + ["ready"] + ["waiting"] * (4 - list(Stage).index(first))


def test_a_refine_of_a_film_without_documents_begins_at_the_beginning(
    database: Database, services: Services, broker: Broker,
) -> None:
    task = add_film(database, user="ann")
    with database.transaction() as tx:
        tasks.end_task(tx, task.id, TaskStatus.FAILED, NOON)
    commands.refine(services, TENANT, "ann", task.project_id, "more", Aspect.VISUALS)
    assert broker.names() == ["film.context"]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.ADMITTED])
def test_cancel_stops_what_was_not_sent(database: Database, services: Services, state: JobState) -> None:
    task = add_film(database)
    job = add_jobs(database, task)[0]
    if state is JobState.ADMITTED:
        bring_to(database, job, state)
    commands.cancel(services, TENANT, task.id)
    assert find_job(database, job.id).state is JobState.CANCELLED
    assert jobs.admit(services.desk).submits == []
    assert jobs.submit(services.desk, job.id).rings == []
    assert find_job(database, job.id).attempt == 0


@pytest.mark.parametrize("state", LATER)
def test_cancel_leaves_what_was_sent_to_be_settled_and_kept(
    database: Database, services: Services, state: JobState,
) -> None:
    task = add_film(database)
    job = bring_to(database, add_jobs(database, task)[0], state)
    park(database, task)
    ended = commands.cancel(services, TENANT, task.id)
    assert ended.status is TaskStatus.CANCELLED
    assert find_job(database, job.id).state is state
    assert stage_row(database, task.id, Stage.VISUAL)["state"] == RunState.SKIPPED
    assert settle(services.desk, find_job(database, job.id), Outcome.DONE, from_states=[state]).rings == []
    assert find_job(database, job.id).outcome is Outcome.DONE


def test_cancel_asks_fal_to_stop_a_clip_and_leaves_pictures_alone(database: Database, services: Services) -> None:
    task = add_film(database)
    bring_to(database, add_jobs(database, task)[0], "running")
    clip = bring_to(database, add_jobs(database, task, 1, JobKind.CLIP)[0], "running")
    commands.cancel(services, TENANT, task.id)
    assert cast(Silent, services.desk.fal).cancelled == [clip.provider_id]


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_clip_seen_to_wait_at_fal_is_stopped_there_when_its_film_was_cancelled(
    database: Database, services: Services, cancelled: bool,
) -> None:
    task = add_film(database)
    clip = bring_to(database, add_jobs(database, task, 1, JobKind.CLIP)[0], "submitting")
    if cancelled:
        commands.cancel(services, TENANT, task.id)
    with database.transaction() as tx:
        assert job_rows.accept_job(tx, clip, Accepted("late"), NOON, NOON, NOON + timedelta(hours=1))
    jobs.look_at_due(services.desk)
    kept = find_job(database, clip.id)
    assert kept.state is JobState.RUNNING
    assert cast(Silent, services.desk.fal).cancelled == ([kept.provider_id] if cancelled else [])


def test_a_fal_that_does_not_answer_holds_no_cancel_up(database: Database, services: Services) -> None:
    task = add_film(database)
    bring_to(database, add_jobs(database, task, 1, JobKind.CLIP)[0], "running")
    fal, began = cast(Silent, services.desk.fal), time.monotonic()
    fal.answers.clear()
    assert commands.cancel(services, TENANT, task.id).status is TaskStatus.CANCELLED
    assert time.monotonic() - began < 8
    fal.answers.set()


def test_a_clip_that_is_taken_after_its_film_was_cancelled_is_stopped_at_once(
    database: Database, services: Services,
) -> None:
    task = add_film(database)
    clip = bring_to(database, add_jobs(database, task, 1, JobKind.CLIP)[0], "submitting")
    commands.cancel(services, TENANT, task.id)
    with database.transaction() as tx:
        assert job_rows.accept_job(tx, clip, Accepted("late"), NOON, NOON + timedelta(minutes=1), NOON + timedelta(hours=1))
    jobs.look_at_due(services.desk)
    assert cast(Silent, services.desk.fal).cancelled == ["late"]


def test_a_clip_that_was_stopped_at_fal_and_is_not_known_there_any_more_is_made_for_a_film_that_goes_on(
    database: Database, services: Services,
) -> None:
    clock, fal = cast(Clock, services.clock), cast(Silent, services.desk.fal)
    task = add_film(database, first=Stage.VIDEO)
    clip = bring_to(database, add_jobs(database, task, 1, JobKind.CLIP)[0], "running")
    commands.cancel(services, TENANT, task.id)
    fal.knows = False
    commands.retry(services, TENANT, task.id)
    for _ in range(6):
        clock.advance(20)
        jobs.look_at_due(services.desk)
    kept = find_job(database, clip.id)
    assert (kept.state, kept.provider_id) == (JobState.QUEUED, None)


def test_a_refine_is_about_what_the_project_was_last_asked_for(
    database: Database, services: Services, broker: Broker,
) -> None:
    bread = commands.create(services, TENANT, "ann", "A film about bread").task
    commands.cancel(services, TENANT, bread.id)
    sea = commands.create(services, TENANT, "ann", "A film about the sea", project_id=bread.project_id).task
    commands.cancel(services, TENANT, sea.id)
    refined = commands.refine(services, TENANT, "ann", bread.project_id, "warmer", Aspect.ALL).task
    assert refined.message == "A film about the sea"
    with database.transaction() as tx:
        project = projects.find_project(tx, bread.project_id, TENANT)
    assert project
    assert project.message == "A film about the sea"


def test_cancel_twice_is_once_and_a_finished_film_cannot_be_cancelled(database: Database, services: Services) -> None:
    task = add_film(database)
    commands.cancel(services, TENANT, task.id)
    events = event_numbers(database, task.id)
    assert commands.cancel(services, TENANT, task.id).status is TaskStatus.CANCELLED
    assert event_numbers(database, task.id) == events
    other = add_film(database)
    with database.transaction() as tx:
        tasks.end_task(tx, other.id, TaskStatus.COMPLETED, NOON)
    with pytest.raises(ConflictError, match="completed"):
        commands.cancel(services, TENANT, other.id)


def test_retry_lets_go_of_what_failed_and_of_nothing_else(database: Database, services: Services, broker: Broker) -> None:
    task, ids = failed_film(database, services, [Outcome.DONE, Outcome.FAILED, Outcome.LOST, Outcome.DONE])
    before = [find_job(database, id_) for id_ in ids]
    again = commands.retry(services, TENANT, task.id)
    after = [find_job(database, id_) for id_ in ids]
    assert after == before  # the stage asks anew for what it lacks, by today's settings
    with database.transaction() as tx:
        assert [job.id for job in job_rows.list_task_jobs(tx, task.id)] == [ids[0], ids[2], ids[3]]
    assert (again.status, again.current_step, again.error) == (TaskStatus.QUEUED, Stage.VISUAL, None)
    assert broker.sent == [("film.visual", (task.id,), "visual")]
    assert [stage_row(database, task.id, stage)["state"] for stage in (Stage.VISUAL, Stage.VIDEO)] == ["ready", "waiting"]


def test_retry_fetches_what_the_provider_still_has(database: Database, services: Services) -> None:
    task = add_film(database)
    add_documents(database, task, make_storyboard(1))
    job = bring_to(database, add_jobs(database, task)[0], "rendered")
    settle(services.desk, job, Outcome.FAILED, error={"code": "media_unavailable"}, from_states=[JobState.RENDERED])
    with database.transaction() as tx:
        tasks.end_task(tx, task.id, TaskStatus.FAILED, NOON)
    commands.retry(services, TENANT, task.id)
    kept = find_job(database, job.id)
    assert (kept.state, kept.provider_id) == (JobState.RENDERED, job.provider_id)


def test_what_may_have_been_billed_is_bought_again_only_when_somebody_says_so(
    database: Database, services: Services,
) -> None:
    task, (first, _) = failed_film(database, services, [Outcome.LOST, Outcome.DONE])
    with pytest.raises(ConflictError, match="resendUnknown"):
        commands.retry(services, TENANT, task.id)
    assert find_task(database, task.id).status is TaskStatus.FAILED
    commands.retry(services, TENANT, task.id, resend_unknown=True)
    assert find_job(database, first).state is JobState.QUEUED


@pytest.mark.parametrize("status", [TaskStatus.QUEUED, TaskStatus.COMPLETED])
def test_retry_refuses_a_film_that_is_open_or_complete(
    database: Database, services: Services, status: TaskStatus,
) -> None:
    task = add_film(database)
    if status is TaskStatus.COMPLETED:
        with database.transaction() as tx:
            tasks.end_task(tx, task.id, status, NOON)
    with pytest.raises(ConflictError):
        commands.retry(services, TENANT, task.id)


def test_retry_refuses_a_task_that_a_newer_one_replaced(database: Database, services: Services) -> None:
    old, _ = failed_film(database, services, [Outcome.FAILED])
    newer = add_film(database, now=NOON.replace(hour=13), project_id=old.project_id)
    with database.transaction() as tx:
        tasks.end_task(tx, newer.id, TaskStatus.FAILED, NOON)
    with pytest.raises(ConflictError, match=newer.id):
        commands.retry(services, TENANT, old.id)


def test_a_refine_finds_the_pictures_that_were_bought_before(database: Database, services: Services) -> None:
    task, ids = failed_film(database, services, [Outcome.DONE, Outcome.FAILED])
    newer = add_film(database, project_id=task.project_id, first=Stage.VISUAL)
    found = add_jobs(database, newer, 2)
    assert [job.id for job in found] == ids
    assert [find_job(database, id_).state for id_ in ids] == [JobState.SETTLED, JobState.QUEUED]
    with database.transaction() as tx:
        assert job_rows.count_task_jobs(tx, newer.id, JobKind.PICTURE) == (1, 2)


def make_with_db(services: Services, held: Held) -> Services:
    """The same services, on a database whose commits wait."""
    return replace(services, db=cast(Any, held))

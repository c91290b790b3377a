"""The visual stage: it asks, parks, and goes on with what its jobs became."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.model import Asset, Job, JobState, Outcome, RunState, Stage, Storyboard, Task, TaskStatus
from aida_orchestrator.pipeline import runner
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    Clock,
    Shared,
    add_documents,
    add_film,
    bring_to,
    find_task,
    make_services,
    make_storyboard,
    stage_row,
)


@pytest.fixture
def services(shared: Shared, database: Database, tmp_path: Path) -> Services:
    return make_services(shared.dsn, tmp_path, Clock())


def film(database: Database, board: Storyboard, project_id: str | None = None) -> Task:
    """A film whose pictures are next."""
    task = add_film(database, first=Stage.VISUAL, project_id=project_id)
    add_documents(database, task, board)
    return task


def jobs_of(database: Database, task: Task) -> list[Job]:
    with database.transaction() as tx:
        return job_rows.list_task_jobs(tx, task.id)


def picture_of(job: Job) -> Asset:
    return Asset(key=f"{job.project_id}/picture-{job.shot}.jpg", kind="picture", project_id=job.project_id, job_id=job.id,
                 shot=job.shot, take=0, content_type="image/jpeg", bytes=1, sha256=f"sha {job.shot}", source_url=None,
                 created_at=NOON)


def end_all(services: Services, task: Task, failures: Mapping[int, str]) -> None:
    """Settle every picture: those of `failures` with this code, the others done."""
    for job in jobs_of(services.db, task):
        if job.state is JobState.SETTLED:
            continue
        code = failures.get(job.shot)
        outcome = Outcome.FAILED if code else Outcome.DONE
        settle(services.desk, bring_to(services.db, job, "running") if job.state is JobState.QUEUED else job, outcome,
               error={"code": code, "message": "said so"} if code else None, from_states=list(JobState),
               assets=[] if code else [picture_of(job)])


def test_it_asks_for_all_parks_and_sends_as_many_as_may_be_open(database: Database, services: Services) -> None:
    task = film(database, make_storyboard(6))
    ran = runner.run(services, Stage.VISUAL, task.id)
    assert ran.word == "parked"
    assert [ref.shot for ref in ran.woken.submits] == [1, 2, 3, 4]
    assert [job.state for job in jobs_of(database, task)] == ["admitted"] * 4 + ["queued"] * 2
    assert stage_row(database, task.id, Stage.VISUAL)["state"] == RunState.PARKED
    assert runner.run(services, Stage.VISUAL, task.id).word == "not its turn"


def test_when_all_are_there_the_clips_are_next(database: Database, services: Services) -> None:
    task = film(database, make_storyboard(3))
    runner.run(services, Stage.VISUAL, task.id)
    end_all(services, task, {})
    assert runner.run(services, Stage.VISUAL, task.id).word == runner.GO_ON
    with database.transaction() as tx:
        left = tasks.list_checkpoints(tx, task.id)[Stage.VISUAL]["pictures"]
    assert {shot: kept["lentBy"] for shot, kept in left.items()} == {"1": None, "2": None, "3": None}
    assert stage_row(database, task.id, Stage.VIDEO)["state"] == RunState.READY
    assert find_task(database, task.id).degraded == ()


def test_a_missing_picture_is_lent_by_a_neighbour_and_declared(database: Database, services: Services) -> None:
    task = film(database, make_storyboard(4))
    runner.run(services, Stage.VISUAL, task.id)
    end_all(services, task, {3: "provider_refused"})
    assert runner.run(services, Stage.VISUAL, task.id).word == runner.GO_ON
    with database.transaction() as tx:
        lent = tasks.list_checkpoints(tx, task.id)[Stage.VISUAL]["pictures"]["3"]
    assert (lent["lentBy"], lent["sha256"]) == (2, "sha 2")
    assert [(item.stage, item.what) for item in find_task(database, task.id).degraded] == [
        (Stage.VISUAL, "shot 3 uses the picture of shot 2")]


@pytest.mark.parametrize(("code", "told", "retryable"), [
    ("provider_refused", "visual_failed", False), ("provider_auth", "provider_auth", True),
    ("media_untrusted_origin", "media_untrusted_origin", True)])
def test_when_half_are_missing_the_film_stops_with_an_offer(
    database: Database, services: Services, code: str, told: str, retryable: bool,
) -> None:
    task = film(database, make_storyboard(4))
    runner.run(services, Stage.VISUAL, task.id)
    end_all(services, task, {1: code, 4: code})
    assert runner.run(services, Stage.VISUAL, task.id).word == "failed"
    ended = find_task(database, task.id)
    assert ended.status is TaskStatus.FAILED
    error: dict[str, Any] = ended.error or {}
    assert (error["code"], error["retryable"], error["shots"]) == (told, retryable, [1, 4])
    assert len(ended.offer) == 3
    assert stage_row(database, task.id, Stage.VIDEO)["state"] == RunState.SKIPPED


def test_two_shots_with_the_same_words_are_two_pictures(database: Database, services: Services) -> None:
    board = make_storyboard(3)
    twin = board.shots[0].model_copy(update={"number": 2})
    task = film(database, board.model_copy(update={"shots": (board.shots[0], twin, board.shots[2])}))
    runner.run(services, Stage.VISUAL, task.id)
    assert len(jobs_of(database, task)) == 3
    end_all(services, task, {})
    assert runner.run(services, Stage.VISUAL, task.id).word == runner.GO_ON
    with database.transaction() as tx:
        left = tasks.list_checkpoints(tx, task.id)[Stage.VISUAL]["pictures"]
    assert [left[number]["sha256"] for number in "123"] == ["sha 1", "sha 2", "sha 3"]


def test_pictures_that_an_earlier_film_of_the_project_bought_are_used_at_once(
    database: Database, services: Services,
) -> None:
    board = make_storyboard(3)
    first = film(database, board)
    runner.run(services, Stage.VISUAL, first.id)
    end_all(services, first, {})
    runner.run(services, Stage.VISUAL, first.id)
    with database.transaction() as tx:
        tasks.end_task(tx, first.id, TaskStatus.COMPLETED, NOON)
    second = film(database, board, first.project_id)
    ran = runner.run(services, Stage.VISUAL, second.id)
    assert (ran.word, ran.woken.submits) == (runner.GO_ON, [])
    assert [job.id for job in jobs_of(database, second)] == [job.id for job in jobs_of(database, first)]


def test_another_look_is_another_purchase(database: Database, services: Services) -> None:
    board = make_storyboard(1)
    first = film(database, board)
    runner.run(services, Stage.VISUAL, first.id)
    end_all(services, first, {})
    with database.transaction() as tx:
        tasks.end_task(tx, first.id, TaskStatus.COMPLETED, NOON)
    other = board.style.model_copy(update={"words": "neon at night"})
    second = film(database, board.model_copy(update={"style": other}), first.project_id)
    assert runner.run(services, Stage.VISUAL, second.id).word == "parked"


def test_a_film_cancelled_while_it_was_about_to_park_buys_nothing(
    database: Database, services: Services,
) -> None:
    task = film(database, make_storyboard(2))
    with database.transaction() as tx:
        tasks.ask_cancel(tx, task.id, NOON)
    assert runner.run(services, Stage.VISUAL, task.id).word == "not its turn"
    assert jobs_of(database, task) == []

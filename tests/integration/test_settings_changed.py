"""Settings and code may change under a film: what it asked for is what it gets, and only what failed is asked for anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.model import JobKind, JobState, Outcome, Stage, Style, Task, TaskStatus
from aida_orchestrator.pipeline import commands, runner
from aida_orchestrator.settings import KLING_DEFAULT
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import (
    TENANT,
    Broker,
    Clock,
    Shared,
    add_documents,
    add_film,
    broker_in_memory,
    find_task,
    make_storyboard,
)
from tests.harness import Sandbox
from tests.integration.doubtful import Place, place_maker
from tests.integration.films import paste

OTHER = "fal-ai/kling-video/v2.1/master/image-to-video"
CHANGED: dict[str, Any] = {"kie_speed": "turbo", "kie_midjourney_version": "6", "kie_sref_codes": True,
                           "fal_kling_endpoint": OTHER}
Make = Callable[..., Place]


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


@pytest.fixture
def make_place(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Make:
    make = place_maker(shared.dsn, sandbox, tmp_path, clock)

    def made(**settings: Any) -> Place:
        place = make(**settings)
        return replace(place, services=replace(place.services, assemble=paste))

    return made


def film(place: Place, shots: int = 2) -> Task:
    """A film whose pictures are next."""
    task = add_film(place.database, first=Stage.VISUAL)
    add_documents(place.database, task, make_storyboard(shots, style=Style(words="warm", sref="1234567890")))
    return task


def buy(place: Place, task: Task, most: int = 9) -> None:
    """Submit the waiting jobs of the film and let them come to their end, at most so many."""
    until = time.monotonic() + 60
    while waiting := [job for job in of(place, task) if job.state not in (JobState.SETTLED, JobState.CANCELLED)][:most]:
        assert time.monotonic() < until
        if place.send(waiting[0].id).state is JobState.RUNNING:
            place.finish(waiting[0].id)
        if find(place, waiting[0].id).state is JobState.SETTLED:
            most -= 1


def of(place: Place, task: Task) -> list[Any]:
    with place.database.transaction() as tx:
        return job_rows.list_task_jobs(tx, task.id)


def find(place: Place, job_id: str) -> Any:
    with place.database.transaction() as tx:
        return job_rows.get_job(tx, job_id)


def run(place: Place, stage: Stage, task: Task) -> str:
    return runner.run(place.services, stage, task.id).word


def with_pictures(place: Place) -> Task:
    """A film whose clips are next."""
    task = film(place)
    assert run(place, Stage.VISUAL, task) == "parked"
    buy(place, task)
    assert run(place, Stage.VISUAL, task) == runner.GO_ON
    return task


def refuse(place: Place, provider: str, times: int = 1) -> None:
    place.sandbox.fault({"provider": provider, "operation": "submit", "fault": "status", "status": 422, "times": times})


def without_a_picture(place: Place) -> Task:
    """A film that has ended, for one of its two pictures was refused."""
    task = film(place)
    assert run(place, Stage.VISUAL, task) == "parked"
    refuse(place, "kie")
    buy(place, task)
    assert run(place, Stage.VISUAL, task) == "failed"
    return task


def endpoints(place: Place, task: Task) -> dict[int, list[str]]:
    """The endpoints of the clips that a film counts on."""
    found: dict[int, list[str]] = {}
    for job in of(place, task):
        if job.kind is JobKind.CLIP:
            found.setdefault(job.shot, []).append(job.endpoint)
    return found


@pytest.mark.parametrize("bought", [1, 2], ids=["some are settled", "all are settled"])
def test_a_deploy_while_pictures_are_made_buys_none_of_them_again(make_place: Make, bought: int) -> None:
    place = make_place()
    task = film(place)
    assert run(place, Stage.VISUAL, task) == "parked"
    buy(place, task, bought)
    later = make_place(**CHANGED)
    buy(later, task)
    assert run(later, Stage.VISUAL, task) == runner.GO_ON
    assert len(later.sandbox.sold("kie")) == later.posts() == len(of(later, task)) == 2


def test_a_deploy_while_clips_are_made_buys_none_of_them_again(make_place: Make) -> None:
    place = make_place()
    task = with_pictures(place)
    assert run(place, Stage.VIDEO, task) == "parked"
    buy(place, task, 1)
    later = make_place(**CHANGED)
    buy(later, task)
    assert run(later, Stage.VIDEO, task) == runner.GO_ON
    assert find_task(later.database, task.id).status is TaskStatus.COMPLETED
    assert len(later.sandbox.sold("fal")) == later.posts("fal") == 2
    assert endpoints(later, task) == {1: [KLING_DEFAULT], 2: [KLING_DEFAULT]}


def test_a_retry_on_another_endpoint_buys_the_clip_that_failed_there_and_nothing_else(make_place: Make) -> None:
    place = make_place()
    task = with_pictures(place)
    assert run(place, Stage.VIDEO, task) == "parked"
    refuse(place, "fal")
    buy(place, task)
    assert run(place, Stage.VIDEO, task) == runner.GO_ON
    assert find_task(place.database, task.id).status is TaskStatus.PARTIAL
    later = make_place(**CHANGED)
    commands.retry(later.services, TENANT, task.id)
    assert jobs.admit(later.services.desk).submits == []  # the clip that failed is not sent to its old endpoint again
    assert run(later, Stage.VIDEO, task) == "parked"
    buy(later, task)
    assert run(later, Stage.VIDEO, task) == runner.GO_ON
    assert find_task(later.database, task.id).status is TaskStatus.COMPLETED
    assert (len(later.sandbox.sold("fal")), later.posts("fal")) == (2, 3)
    assert endpoints(later, task) == {1: [OTHER], 2: [KLING_DEFAULT]}
    assert (len(later.sandbox.sold("kie")), later.posts()) == (2, 2)


def test_a_retry_with_other_settings_draws_the_picture_that_failed_and_nothing_else(make_place: Make) -> None:
    place = make_place()
    task = without_a_picture(place)
    later = make_place(**CHANGED)
    commands.retry(later.services, TENANT, task.id)
    assert jobs.admit(later.services.desk).submits == []
    assert run(later, Stage.VISUAL, task) == "parked"
    buy(later, task)
    assert run(later, Stage.VISUAL, task) == runner.GO_ON
    assert sorted(line["request"]["speed"] for line in later.sandbox.sold("kie")) == ["fast", "turbo"]
    assert later.posts() == 3


def test_a_retry_with_the_same_settings_sends_the_same_row_once_more(make_place: Make) -> None:
    place = make_place()
    task = without_a_picture(place)
    before = of(place, task)
    commands.retry(place.services, TENANT, task.id)
    assert run(place, Stage.VISUAL, task) == "parked"
    buy(place, task)
    assert [job.id for job in of(place, task)] == [job.id for job in before]
    assert [(job.outcome, job.attempt) for job in of(place, task)] == [(Outcome.DONE, 2), (Outcome.DONE, 1)]


def test_a_cancelled_film_goes_on_with_what_it_had_and_todays_settings_for_the_rest(make_place: Make) -> None:
    place = make_place()
    task = film(place)
    assert run(place, Stage.VISUAL, task) == "parked"
    buy(place, task, 1)
    commands.cancel(place.services, TENANT, task.id)
    later = make_place(**CHANGED)
    commands.retry(later.services, TENANT, task.id)
    assert run(later, Stage.VISUAL, task) == "parked"
    buy(later, task)
    assert run(later, Stage.VISUAL, task) == runner.GO_ON
    assert sorted(line["request"]["speed"] for line in later.sandbox.sold("kie")) == ["fast", "turbo"]


def test_a_clip_of_another_picture_is_another_clip(make_place: Make) -> None:
    place = make_place()
    task = with_pictures(place)
    assert run(place, Stage.VIDEO, task) == "parked"
    buy(place, task)
    with place.database.transaction() as tx:  # shot 2 has a picture of its own now
        tx.run("UPDATE checkpoints SET output = jsonb_set(output, '{pictures,2}', output #> '{pictures,1}') "
               "WHERE task_id = %(id)s AND stage = 'visual'", id=task.id)
    assert run(place, Stage.VIDEO, task) == "parked"
    buy(place, task)
    assert run(place, Stage.VIDEO, task) == runner.GO_ON
    assert len(place.sandbox.sold("fal")) == 3

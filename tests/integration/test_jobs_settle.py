"""Parking and settling: the last job of a film wakes its stage, exactly once, whoever settles it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from aida_orchestrator.jobs import Desk, Woken, ask
from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.model import Asset, Job, JobKind, JobState, Outcome, RunState, Stage
from aida_orchestrator.store import projects, runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    Clock,
    Held,
    Shared,
    add_film,
    add_jobs,
    bring_to,
    event_numbers,
    find_task,
    make_services,
    park,
    stage_row,
    wait_until_blocked,
    wish,
    with_desk,
)

ANY = list(JobState)


@pytest.fixture
def desk(shared: Shared, database: Database, tmp_path: Path) -> Desk:
    return with_desk(make_services(shared.dsn, tmp_path, Clock()), db=database).desk


def parked_film(database: Database, count: int) -> tuple[str, list[Job]]:
    """A film whose visual stage waits for `count` running pictures."""
    task = add_film(database)
    found = [bring_to(database, job, "running") for job in add_jobs(database, task, count)]
    park(database, task)
    return task.id, found


def test_only_the_last_job_wakes_the_stage(database: Database, desk: Desk) -> None:
    task_id, found = parked_film(database, 3)
    woken = [settle(desk, job, Outcome.DONE, from_states=ANY) for job in found]
    assert [one.rings for one in woken] == [[], [], [(task_id, Stage.VISUAL)]]
    assert stage_row(database, task_id, Stage.VISUAL)["state"] == RunState.READY


def test_failed_and_lost_jobs_wake_the_stage_too(database: Database, desk: Desk) -> None:
    task_id, found = parked_film(database, 2)
    assert settle(desk, found[0], Outcome.FAILED, error={"code": "x"}, from_states=ANY).rings == []
    assert settle(desk, found[1], Outcome.LOST, error={"code": "y"}, from_states=ANY).rings == [(task_id, Stage.VISUAL)]


def test_two_last_jobs_at_the_same_moment_ring_once(database: Database, desk: Desk, shared: Shared, tmp_path: Path) -> None:
    task_id, (one, two) = parked_film(database, 2)
    held = Held(database)
    slow = with_desk(make_services(shared.dsn, tmp_path, Clock()), db=cast(Any, held)).desk
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(settle, slow, one, Outcome.DONE, from_states=ANY)
        assert held.reached.wait(10)  # the first has counted one left, and has not committed
        second = pool.submit(settle, desk, two, Outcome.DONE, from_states=ANY)
        wait_until_blocked(database)
        held.go.set()
        rings = first.result(10).rings + second.result(10).rings
    assert rings == [(task_id, Stage.VISUAL)]


def test_many_jobs_settled_at_once_ring_once_and_number_their_events_without_gaps(database: Database, desk: Desk) -> None:
    for _ in range(3):
        task_id, found = parked_film(database, 8)
        start = threading.Barrier(8)

        def end(job: Job, start: threading.Barrier = start) -> Woken:
            start.wait(10)
            return settle(desk, job, Outcome.DONE, from_states=ANY)

        with ThreadPoolExecutor(8) as pool:
            woken = list(pool.map(end, found))
        assert [ring for one in woken for ring in one.rings] == [(task_id, Stage.VISUAL)]
        assert event_numbers(database, task_id) == list(range(1, 9))


def test_a_task_that_begins_to_wait_at_the_moment_of_the_settling_is_woken(database: Database, desk: Desk) -> None:
    earlier = add_film(database)
    job = bring_to(database, add_jobs(database, earlier)[0], "running")
    with database.transaction() as tx:
        tasks.ask_cancel(tx, earlier.id, NOON)
    later = add_film(database, first=Stage.VISUAL, project_id=earlier.project_id)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as tx:  # what parking does
            tasks.lock_task(tx, later.id)
            claim = runs.claim_stage(tx, later.id, Stage.VISUAL, "test", timedelta(seconds=30), NOON)
            assert claim
            ask(tx, later, [wish(1)], NOON)
            runs.leave_stage(tx, claim, RunState.PARKED, NOON)
            settled = pool.submit(settle, desk, job, Outcome.DONE, from_states=ANY)
            wait_until_blocked(database)
        assert settled.result(10).rings == [(later.id, Stage.VISUAL)]


def test_a_job_settled_twice_adds_nothing(database: Database, desk: Desk) -> None:
    task_id, (job,) = parked_film(database, 1)
    asset = Asset(key="p/picture-01.jpg", kind="picture", project_id=job.project_id, job_id=job.id, shot=1, take=0,
                  content_type="image/jpeg", bytes=1, sha256="s", source_url=None, created_at=NOON)
    assert settle(desk, job, Outcome.DONE, assets=[asset], from_states=ANY).rings
    before = (event_numbers(database, task_id), stage_row(database, task_id, Stage.VISUAL))
    other = Asset(**{**{name: getattr(asset, name) for name in Asset.__slots__}, "key": "p/picture-02.jpg"})
    assert settle(desk, job, Outcome.FAILED, assets=[other], from_states=[JobState.RUNNING]).rings == []
    with database.transaction() as tx:
        assert [kept.key for kept in projects.list_job_assets(tx, [job.id])[job.id]] == [asset.key]
    assert (event_numbers(database, task_id), stage_row(database, task_id, Stage.VISUAL)) == before


def test_progress_climbs_with_each_job_and_never_falls(database: Database, desk: Desk) -> None:
    task_id, found = parked_film(database, 4)
    seen = []
    for job in found:
        settle(desk, job, Outcome.DONE, from_states=ANY)
        seen.append(find_task(database, task_id).progress)
    assert seen == sorted(seen)
    assert seen[-1] == 55
    with database.transaction() as tx:
        tasks.set_progress(tx, task_id, 90, NOON)
    late = bring_to(database, add_jobs(database, find_task(database, task_id), words="more")[0], "running")
    settle(desk, late, Outcome.DONE, from_states=ANY)
    assert find_task(database, task_id).progress == 90


def test_what_was_bought_for_a_cancelled_film_is_kept_and_rings_nobody(database: Database, desk: Desk) -> None:
    task_id, (job,) = parked_film(database, 1)
    with database.transaction() as tx:
        tasks.ask_cancel(tx, task_id, NOON)
        runs.skip_stages(tx, task_id)
    asset = Asset(key="p/kept.jpg", kind="picture", project_id=job.project_id, job_id=job.id, shot=1, take=0,
                  content_type="image/jpeg", bytes=1, sha256="s", source_url=None, created_at=NOON)
    assert settle(desk, job, Outcome.DONE, assets=[asset], from_states=ANY).rings == []
    with database.transaction() as tx:
        assert projects.find_asset(tx, "p/kept.jpg") == asset
    assert event_numbers(database, task_id) == []


def test_clips_do_not_wake_the_pictures(database: Database, desk: Desk) -> None:
    task_id, _ = parked_film(database, 1)
    clip = bring_to(database, add_jobs(database, find_task(database, task_id), 1, JobKind.CLIP)[0], "running")
    assert settle(desk, clip, Outcome.DONE, from_states=ANY).rings == []
    assert stage_row(database, task_id, Stage.VISUAL)["state"] == RunState.PARKED

"""What looks teach the next ones: how long jobs take, never how late somebody looked; and who still holds a claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.jobs.holding import renew
from aida_orchestrator.model import Job
from aida_orchestrator.store import looks
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.looks import RenderTimes
from tests.builders import Clock, Shared, add_film, add_jobs, bring_to
from tests.integration.purchase import NOWHERE, waited_for
from tests.integration.slow_provider import SlowProvider, at, buy, watch


@pytest.fixture
def renewed(shared: Shared) -> Callable[[Desk], Desk]:
    """A desk as another process has it: what was learnt since is known there at once."""
    kept: list[Database] = []

    def make(desk: Desk) -> Desk:
        kept.append(Database(shared.dsn))
        return replace(desk, db=kept[-1])

    return make


def learnt(desk: Desk, job: Job) -> RenderTimes:
    with desk.db.transaction() as tx:
        return looks.render_times(tx, job.provider, job.endpoint)


def seen_after(desk: Desk, database: Database, clock: Clock, renewed: Callable[[Desk], Desk], count: int) -> list[float]:
    """Buy so many pictures one after another, no callback ever comes; after how many seconds each is seen done."""
    seen = []
    for _ in range(count):
        mine = renewed(desk)
        seen.append(watch(mine, buy(mine, waited_for(database).id), clock, 2000, step=5))
        mine.db.close()
    return seen


def test_the_net_under_callbacks_that_are_all_lost_stays_where_it_is(
    make_desk: Callable[..., Desk], database: Database, clock: Clock, renewed: Callable[[Desk], Desk],
) -> None:
    desk = at(make_desk(public_url=NOWHERE, kie_poll_seconds=5), SlowProvider(clock, 60))
    seen = seen_after(desk, database, clock, renewed, 40)
    assert max(seen) <= 60 + 20


def test_the_net_comes_down_again_when_jobs_become_quicker_and_no_callback_says_so(
    make_desk: Callable[..., Desk], database: Database, clock: Clock, renewed: Callable[[Desk], Desk],
) -> None:
    provider = SlowProvider(clock, 250)
    desk = at(make_desk(public_url=NOWHERE, kie_poll_seconds=5), provider)
    assert max(seen_after(desk, database, clock, renewed, 8)) <= 250 + 60
    provider.seconds = 20
    seen = seen_after(desk, database, clock, renewed, 40)
    assert max(seen) <= 250 + 60
    assert max(seen[-15:]) <= 20 + 60


def test_a_callback_teaches_the_moment_at_which_it_came_however_late_its_job_is_looked_at(
    make_desk: Callable[..., Desk], database: Database, clock: Clock,
) -> None:
    desk = at(make_desk(public_url=NOWHERE, kie_poll_seconds=5), SlowProvider(clock, 7))
    job = buy(desk, waited_for(database).id)
    clock.advance(8)
    with desk.db.transaction() as tx:
        assert looks.hurry_job(tx, job.id, clock())
    clock.advance(3600)
    jobs.look_at_due(desk)
    assert (learnt(desk, job).n, learnt(desk, job).late) == (1, 8)


def test_a_look_that_comes_an_hour_late_does_not_teach_that_jobs_take_an_hour(
    make_desk: Callable[..., Desk], database: Database, clock: Clock, renewed: Callable[[Desk], Desk],
) -> None:
    desk = at(make_desk(kie_poll_seconds=5), SlowProvider(clock, 4))
    for _ in range(6):
        job = buy(desk, waited_for(database).id)
        clock.advance(3600)
        jobs.look_at_due(desk)
    assert (learnt(desk, job).n, learnt(desk, job).late <= 5) == (6, True)
    assert max(seen_after(desk, database, clock, renewed, 3)) <= 10


@pytest.fixture
def running(database: Database) -> Job:
    return bring_to(database, add_jobs(database, add_film(database))[0], "running")


def claimed(desk: Desk) -> list[Job]:
    with desk.db.transaction() as tx:
        return looks.claim_looks(tx, "kie", desk.clock(), desk.clock() + desk.lease, limit=8)


def test_a_claim_that_is_renewed_lasts(make_desk: Callable[..., Desk], running: Job, clock: Clock) -> None:
    desk = make_desk()
    assert len(claimed(desk)) == 1
    for _ in range(5):
        clock.advance(desk.lease.total_seconds() * 2 / 3)  # one renewal failed
        renew(desk, [running.id])
        assert claimed(desk) == []
    clock.advance(desk.lease.total_seconds())
    assert len(claimed(desk)) == 1


def test_a_renewal_that_comes_after_the_end_of_a_look_does_not_put_the_next_one_off(
    make_desk: Callable[..., Desk], running: Job, clock: Clock,
) -> None:
    desk = make_desk()
    for job in claimed(desk):
        with desk.db.transaction() as tx:
            looks.look_later(tx, job, clock(), clock() + timedelta(seconds=0.2), None)
    renew(desk, [running.id])
    clock.advance(0.2)
    assert [(job.id, job.hurried) for job in claimed(desk)] == [(running.id, False)]


def test_a_callback_that_comes_during_a_look_keeps_its_word_through_a_renewal(
    make_desk: Callable[..., Desk], running: Job, clock: Clock,
) -> None:
    desk = make_desk()
    job, = claimed(desk)
    clock.advance(1)
    with desk.db.transaction() as tx:
        assert looks.hurry_job(tx, job.id, clock())
    clock.advance(1)
    renew(desk, [job.id])
    with desk.db.transaction() as tx:
        looks.look_later(tx, job, clock(), clock() + timedelta(seconds=5), None)
    assert [(job.id, job.hurried) for job in claimed(desk)] == [(running.id, True)]

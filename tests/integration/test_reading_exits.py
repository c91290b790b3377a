"""Reads that fail end a job by time as well as by number, ever more seldom, and never by a second purchase."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.errors import ProviderError, ProviderRefused, ProviderUnavailable
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Job, JobState, Outcome
from aida_orchestrator.providers.fal import RESULT_WITHHELD
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import Clock, find_job
from tests.integration.purchase import waited_for
from tests.integration.slow_provider import SlowProvider, at, buy, watch


def withheld(_: int) -> ProviderError:
    return ProviderUnavailable("fal", "made, and not to be had", status=500, code=RESULT_WITHHELD)


def refused(_: int) -> ProviderError:
    return ProviderRefused("kie", "no such task", status=404)


@pytest.fixture
def job(database: Database) -> Job:
    return waited_for(database)


def read_often(desk: Desk, job_id: str, times: int) -> None:
    """Callbacks that make somebody look again and again, as close together as they like."""
    for _ in range(times):
        with desk.db.transaction() as tx:
            tx.run("UPDATE jobs SET next_poll_at = %(now)s WHERE id = %(id)s", id=job_id, now=desk.clock())
            tx.run("DELETE FROM account_reads")
        jobs.look_at_due(desk)


def test_a_finished_result_that_is_withheld_is_asked_for_ten_minutes_and_never_bought_again(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    provider = SlowProvider(clock, 10, withheld)
    desk = at(make_desk(picture_deadline_seconds=3600), provider)
    bought = buy(desk, job.id)
    read_often(desk, job.id, 20)
    assert find_job(desk.db, job.id).state is JobState.RUNNING
    assert 600 <= watch(desk, bought, clock, 3000) <= 700
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.LOST, "provider_too_long")
    assert "its result could not be had" in (kept.error or {})["message"]
    clock.advance(3600)
    jobs.give_up(desk)
    jobs.admit(desk)
    jobs.submit(desk, job.id)
    assert len(provider.sold) == 1

    with desk.db.transaction() as tx:
        assert job_rows.reopen_job(tx, job.id, clock())  # a retry asks for it again
    provider.fails = lambda _: None
    jobs.look_at_due(desk)
    assert (find_job(desk.db, job.id).state, len(provider.sold)) == (JobState.RENDERED, 1)


def test_a_task_that_the_provider_does_not_know_yet_is_not_given_up(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    provider = SlowProvider(clock, 10, refused)
    desk = at(make_desk(), provider)
    bought = buy(desk, job.id)
    read_often(desk, job.id, 20)
    assert find_job(desk.db, job.id).state is JobState.RUNNING
    clock.advance(30)
    provider.fails = lambda _: None
    watch(desk, bought, clock, 60)
    assert find_job(desk.db, job.id).state is JobState.RENDERED


def test_a_task_that_the_provider_does_not_know_for_a_minute_is_lost(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    desk = at(make_desk(), SlowProvider(clock, 10, refused))
    assert 60 <= watch(desk, buy(desk, job.id), clock, 3000) <= 130
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.LOST, "provider_refused")


def test_reads_that_fail_come_ever_more_seldom_up_to_a_minute(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    provider = SlowProvider(clock, 10, lambda n: ProviderUnavailable("kie", "away") if n <= 9 else None)
    desk = at(make_desk(kie_poll_seconds=2), provider)
    watch(desk, buy(desk, job.id), clock, 3000)
    assert provider.gaps() == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert find_job(desk.db, job.id).state is JobState.RENDERED


def test_trouble_that_changes_its_name_each_time_ends_a_job_soon_after_its_deadline(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    names = ("provider_unavailable", "provider_auth", "answer_unusable")
    provider = SlowProvider(clock, 10, lambda n: ProviderError("kie", "no", code=names[n % len(names)]))
    desk = at(make_desk(picture_deadline_seconds=600), provider)
    assert 600 <= watch(desk, buy(desk, job.id), clock, 3000) <= 600 + 60
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"], len(provider.sold)) == (Outcome.LOST, "provider_too_long", 1)


def test_trouble_that_begins_at_the_deadline_ends_a_job_before_twice_of_it(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    names = ("provider_unavailable", "provider_auth")
    provider = SlowProvider(clock, 10_000, lambda n: ProviderError("kie", "no", code=names[n % 2])
                            if (clock() - provider.sold["bought-0"]).total_seconds() > 590 else None)
    desk = at(make_desk(picture_deadline_seconds=600, kie_poll_seconds=5), provider)
    assert 600 <= watch(desk, buy(desk, job.id), clock, 3000) <= 1200
    assert find_job(desk.db, job.id).outcome is Outcome.LOST

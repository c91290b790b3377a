"""Rows of jobs: slots are given out within every cap and in turn, and each move happens once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest

from aida_orchestrator.model import Accepted, Job, JobKind, JobState, Outcome
from aida_orchestrator.store import jobs, looks, tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    Clock,
    Held,
    add_film,
    add_jobs,
    admit_all,
    bring_to,
    find_job,
    shots_of,
    wait_until_blocked,
)

KIE: dict[str, Any] = {"per_film": 4, "running_limit": 40, "window_limit": 20, "window_seconds": 10.0}


def settle(database: Database, job_id: str, clock: Clock) -> None:
    with database.transaction() as tx:
        job = jobs.get_job(tx, job_id)
        assert job
        assert jobs.settle_job(tx, job, Outcome.DONE, None, list(JobState), clock())


def intend(database: Database, job_id: str, clock: Clock) -> Job | None:
    with database.transaction() as tx:
        return jobs.intend_job(tx, job_id, f"hash of {job_id}", {}, clock())


def test_the_same_wish_is_the_same_row(database: Database) -> None:
    task = add_film(database)
    first, again = add_jobs(database, task, 6), add_jobs(database, task, 6)
    assert [job.id for job in first] == [job.id for job in again]
    assert shots_of(first) == [1, 2, 3, 4, 5, 6]


def test_never_more_than_four_pictures_of_a_film_are_open(database: Database) -> None:
    task, clock = add_film(database), Clock()
    add_jobs(database, task, 6)
    first = admit_all(database, now=clock(), **KIE)
    assert [find_job(database, id_).shot for id_ in first] == [1, 2, 3, 4]
    assert admit_all(database, now=clock(), **KIE) == []
    intend(database, first[0], clock)
    assert admit_all(database, now=clock(), **KIE) == []
    settle(database, first[0], clock)
    assert [find_job(database, id_).shot for id_ in admit_all(database, now=clock(), **KIE)] == [5]


def test_clips_of_a_film_are_made_one_after_another_and_those_of_two_films_at_once(database: Database) -> None:
    one, two, clock = add_film(database), add_film(database), Clock()
    add_jobs(database, one, 3, JobKind.CLIP)
    add_jobs(database, two, 3, JobKind.CLIP)
    order: list[tuple[str, int]] = []
    for _ in range(3):
        admitted = admit_all(database, "fal", clock(), per_film=1)
        order += [(job.task_id, job.shot) for job in (find_job(database, id_) for id_ in admitted)]
        for job_id in admitted:
            settle(database, job_id, clock)
    assert order == [(task.id, shot) for shot in (1, 2, 3) for task in (one, two)]


def test_the_account_is_never_asked_for_more_than_it_may_have_running(database: Database) -> None:
    clock = Clock()
    for user in range(4):
        add_jobs(database, add_film(database, user=f"u{user}"), 4)
    wide = {**KIE, "running_limit": 10, "window_limit": 1000}
    first = admit_all(database, now=clock(), **wide)
    assert len(first) == 10
    assert admit_all(database, now=clock(), **wide) == []
    for job_id in first[:3]:
        settle(database, job_id, clock)
    assert len(admit_all(database, now=clock(), **wide)) == 3


def test_an_unknown_purchase_keeps_its_slots_of_the_account_and_of_the_film_until_it_is_settled(
    database: Database, clock: Clock,
) -> None:
    one, two = add_film(database), add_film(database)
    first = add_jobs(database, one, 1, JobKind.CLIP)[0]
    bring_to(database, first, "unknown")
    add_jobs(database, one, 2, JobKind.CLIP)
    add_jobs(database, two, 1, JobKind.CLIP)
    assert admit_all(database, "fal", running_limit=1, per_film=1) == []
    # Perhaps its clip is being made: a second one of the same film would be over its cap.
    (other,) = admit_all(database, "fal", running_limit=3, per_film=1)
    assert find_job(database, other).task_id == two.id
    settle(database, first.id, clock)
    assert len(admit_all(database, "fal", running_limit=3, per_film=1)) == 1


def test_no_more_than_twenty_submissions_are_begun_in_ten_seconds(database: Database) -> None:
    clock = Clock()
    for user in range(10):
        add_jobs(database, add_film(database, user=f"u{user}"), 4)
    begun: list[float] = []
    for _ in range(60):
        for job_id in admit_all(database, now=clock(), **KIE):
            assert intend(database, job_id, clock)
            begun.append((clock() - NOON).total_seconds())
        clock.advance(0.5)
    assert len(begun) == 40
    for at in begun:
        assert len([other for other in begun if at - 10 < other <= at]) <= 20


def test_an_admitted_job_counts_in_the_window_before_it_is_sent(database: Database) -> None:
    clock = Clock()
    for user in range(10):
        add_jobs(database, add_film(database, user=f"u{user}"), 4)
    assert len(admit_all(database, now=clock(), **KIE)) == 20
    clock.advance(60)
    assert admit_all(database, now=clock(), **KIE) == []


def test_fifty_films_of_one_user_do_not_stop_the_one_film_of_another(database: Database) -> None:
    clock = Clock()
    for _ in range(50):
        add_jobs(database, add_film(database, clock(), "busy"), 6)
        clock.advance(1)
    add_jobs(database, add_film(database, clock(), "quiet"), 6)
    clock.advance(1)
    admitted = [find_job(database, id_).user_id for id_ in admit_all(database, now=clock(), **{**KIE, "running_limit": 8})]
    assert Counter(admitted) == {"busy": 4, "quiet": 4}


def test_a_user_who_comes_later_gets_the_next_free_slots(database: Database) -> None:
    clock = Clock()
    for _ in range(5):
        add_jobs(database, add_film(database, clock(), "busy"), 6)
    tight = {**KIE, "running_limit": 8, "window_limit": 1000}
    held = admit_all(database, now=clock(), **tight)
    clock.advance(1)
    add_jobs(database, add_film(database, clock(), "quiet"), 6, now=clock())
    for job_id in held[:3]:
        settle(database, job_id, clock)
    assert [find_job(database, id_).user_id for id_ in admit_all(database, now=clock(), **tight)] == ["quiet"] * 3


def test_two_admissions_at_once_wait_for_each_other_and_stay_within_the_caps(database: Database) -> None:
    add_jobs(database, add_film(database, user="late"), 4, now=NOON + timedelta(seconds=5))
    held, tight = cast(Any, Held(database)), {**KIE, "running_limit": 4, "now": NOON + timedelta(seconds=9)}
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(admit_all, held, **tight)
        assert held.reached.wait(10)
        # Jobs that come first in the order: without the lock the second would take these, and no row would stop it.
        add_jobs(database, add_film(database, user="early"), 4)
        second = pool.submit(admit_all, database, **tight)
        wait_until_blocked(database)
        held.go.set()
        assert len(first.result(10)) == 4
        assert second.result(10) == []


def test_many_admissions_at_once_give_every_slot_once(database: Database) -> None:
    for user in range(6):
        add_jobs(database, add_film(database, user=f"u{user}"), 6)
    start = threading.Barrier(6)

    def admit() -> list[str]:
        start.wait(10)
        return admit_all(database, **{**KIE, "running_limit": 15})

    with ThreadPoolExecutor(6) as pool:
        given = [id_ for future in [pool.submit(admit) for _ in range(6)] for id_ in future.result(20)]
    assert len(given) == len(set(given)) == 15


def test_a_job_is_intended_once_even_by_twenty_messages(database: Database) -> None:
    job = add_jobs(database, add_film(database))[0]
    bring_to(database, job, "admitted")
    start = threading.Barrier(8)

    def begin(_: int) -> Job | None:
        start.wait(10)
        return intend(database, job.id, Clock())

    with ThreadPoolExecutor(8) as pool:
        assert len([found for found in pool.map(begin, range(8)) if found]) == 1
    assert find_job(database, job.id).attempt == 1


def test_cancel_stops_a_job_at_the_last_moment_before_it_is_sent(database: Database) -> None:
    task = add_film(database)
    job = bring_to(database, add_jobs(database, task)[0], "admitted")
    with database.transaction() as tx:
        tasks.ask_cancel(tx, task.id, NOON)
    assert intend(database, job.id, Clock()) is None
    assert find_job(database, job.id).state is JobState.ADMITTED


def test_the_first_to_settle_wins(database: Database) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "running")
    with database.transaction() as tx:
        assert jobs.settle_job(tx, job, Outcome.DONE, None, [JobState.RUNNING], NOON)
        assert not jobs.settle_job(tx, job, Outcome.FAILED, {"code": "x"}, [JobState.RUNNING], NOON)
        assert not looks.render_job(tx, job, ["https://x"], NOON, NOON)
        looks.look_later(tx, job, NOON, NOON + timedelta(days=1), {"code": "late"})
    kept = find_job(database, job.id)
    assert (kept.outcome, kept.error) == (Outcome.DONE, None)


def test_an_answer_of_an_earlier_attempt_changes_nothing(database: Database) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "submitting")
    with database.transaction() as tx:
        assert jobs.requeue_job(tx, job, {"code": "provider_unavailable"}, NOON, refused=True)
    second = bring_to(database, job, "submitting")
    assert (second.attempt, second.refusals) == (2, 1)
    with database.transaction() as tx:
        assert not jobs.accept_job(tx, job, Accepted("late"), NOON, NOON, NOON)
        assert not jobs.doubt_job(tx, job, {}, NOON)
        assert not jobs.settle_job(tx, job, Outcome.FAILED, None, list(JobState), NOON)
    assert find_job(database, job.id) == second


def test_a_lost_submit_message_is_sent_again_after_a_while_and_then_more_seldom(database: Database) -> None:
    job, clock = add_jobs(database, add_film(database))[0], Clock()
    admit_all(database, now=clock())
    rung = []
    for second in range(120):
        with database.transaction() as tx:
            rung += [second for ref in jobs.claim_admitted(tx, clock(), 15) if ref.id == job.id]
        clock.advance(1)
    assert rung == [16, 46, 106]


def test_a_lost_message_to_copy_is_sent_again_after_a_while_and_then_more_seldom(database: Database) -> None:
    job, clock = bring_to(database, add_jobs(database, add_film(database))[0], "rendered"), Clock()
    rung = []
    for second in range(600):
        with database.transaction() as tx:
            rung += [second for ref in looks.claim_fetches(tx, clock(), 15) if ref.id == job.id]
        clock.advance(1)
    assert rung == [0, 15, 30, 60, 120, 240, 360, 480]


def test_a_due_poll_is_claimed_once_even_by_many_sweeps_at_once(database: Database) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "running")
    until, start = NOON + timedelta(seconds=45), threading.Barrier(4)

    def claim(now: Any) -> list[str]:
        with database.transaction() as tx:
            return [found.id for found in looks.claim_looks(tx, "kie", now, until, limit=8)]

    def at_once(_: int) -> list[str]:
        start.wait(10)
        return claim(NOON)

    with ThreadPoolExecutor(4) as pool:
        assert [id_ for found in pool.map(at_once, range(4)) for id_ in found] == [job.id]
    assert claim(until - timedelta(seconds=1)) == []
    assert claim(until) == [job.id]


@pytest.mark.parametrize(("state", "even_lost", "opened"), [
    ("queued", False, False), ("admitted", False, False), ("submitting", True, False), ("unknown", True, False),
    ("running", True, False), ("rendered", True, False)])
def test_only_what_has_ended_is_reopened(database: Database, state: str, even_lost: bool, opened: bool) -> None:
    job = add_jobs(database, add_film(database))[0]
    if state != "queued":
        bring_to(database, job, state)
    with database.transaction() as tx:
        assert jobs.reopen_job(tx, job.id, NOON, even_lost=even_lost) is opened
    assert find_job(database, job.id).state == state


@pytest.mark.parametrize(("was", "outcome", "even_lost", "state"), [
    ("running", Outcome.DONE, True, "settled"), ("running", Outcome.FAILED, False, "queued"),
    ("unknown", Outcome.LOST, False, "settled"), ("unknown", Outcome.LOST, True, "queued"),
    ("running", Outcome.LOST, True, "queued")])
def test_a_failed_job_is_bought_again_and_a_lost_one_only_on_a_persons_word(
    database: Database, was: str, outcome: Outcome, even_lost: bool, state: str,
) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], was)
    with database.transaction() as tx:
        jobs.settle_job(tx, job, outcome, {"code": "x"}, [JobState(was)], NOON)
        assert jobs.reopen_job(tx, job.id, NOON, even_lost=even_lost) is (state == "queued")
    kept = find_job(database, job.id)
    assert kept.state == state
    if state == "queued":
        assert (kept.provider_id, kept.outcome, kept.error) == (None, None, None)


def test_a_job_that_was_given_up_at_the_provider_is_asked_again_and_not_bought_again(database: Database) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "running")
    with database.transaction() as tx:
        jobs.settle_job(tx, job, Outcome.LOST, {"code": "provider_too_long"}, [JobState.RUNNING], NOON)
        assert jobs.reopen_job(tx, job.id, NOON, deadline_seconds=60)
    kept = find_job(database, job.id)
    assert (kept.state, kept.provider_id, kept.attempt) == (JobState.RUNNING, job.provider_id, job.attempt)
    assert kept.deadline_at == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("code", ["media_gone", "media_broken"])
def test_a_result_that_is_gone_or_broken_is_made_again(database: Database, code: str) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "rendered")
    with database.transaction() as tx:
        jobs.settle_job(tx, job, Outcome.FAILED, {"code": code}, [JobState.RENDERED], NOON)
        assert jobs.reopen_job(tx, job.id, NOON)
    kept = find_job(database, job.id)
    assert (kept.state, kept.provider_id, kept.result_urls) == (JobState.QUEUED, None, ())


def test_a_job_whose_result_is_known_is_fetched_again_and_not_bought_again(database: Database) -> None:
    job = bring_to(database, add_jobs(database, add_film(database))[0], "rendered")
    with database.transaction() as tx:
        jobs.settle_job(tx, job, Outcome.FAILED, {"code": "media_unavailable"}, [JobState.RENDERED], NOON)
        assert jobs.reopen_job(tx, job.id, NOON)
    kept = find_job(database, job.id)
    assert (kept.state, kept.provider_id, kept.result_urls) == (JobState.RENDERED, job.provider_id, job.result_urls)
    with database.transaction() as tx:
        assert [ref.id for ref in looks.claim_fetches(tx, NOON, 15)] == [job.id]

"""The lookout: due jobs are looked at between sweeps, some results copied at once, and freed slots given away together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk, Turns, Woken
from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.model import Job, JobKind, JobState, Outcome
from aida_orchestrator.pipeline.lookout import Lookout
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, add_jobs, find_job, park
from tests.harness import Sandbox


class Hands:
    """What a lookout woke; whoever has something to copy is busy until `let_go`."""

    def __init__(self) -> None:
        self.woken: list[Woken] = []
        self.free = threading.Event()

    def go_on(self, desk: Desk, woken: Woken) -> None:
        self.woken.append(woken)
        if woken.copies:
            assert self.free.wait(30)

    def copied(self) -> list[str]:
        return [job.id for woken in self.woken for job in woken.copies]

    def sent(self) -> list[str]:
        return [ref.id for woken in self.woken for ref in woken.fetches]


@pytest.fixture
def hands() -> Iterator[Hands]:
    made = Hands()
    yield made
    made.free.set()


@pytest.fixture
def lookout(make_desk: Callable[..., Desk], hands: Hands) -> Iterator[Lookout]:
    made = Lookout(hands.go_on)
    yield made
    made.watch(make_desk(), 0, {})  # or it would look at the next test's jobs
    time.sleep(0.3)


def bought(desk: Desk, database: Database, sandbox: Sandbox, count: int) -> list[Job]:
    """Pictures of one film that the provider has finished, and that nobody has looked at."""
    task = add_film(database)
    made = add_jobs(database, task, count)
    park(database, task)
    jobs.admit(desk, [JobKind.PICTURE])
    for job in made:
        jobs.submit(desk, job.id)
    wait_until(lambda: {sold["state"] for sold in sandbox.sold("kie")} == {"done"})
    return made


def wait_until(reached: Callable[[], bool], clock: Clock | None = None, seconds: float = 20) -> None:
    """With a clock, its time goes on meanwhile: the account allows so many reads of it a second."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until
        if clock is not None:
            clock.advance(0.5)
        time.sleep(0.02)


@pytest.mark.parametrize(("served", "at_once"), [({JobKind.PICTURE: 1}, 1), ({JobKind.CLIP: 2}, 0)],
                         ids=["one picture at a time", "no pictures, for they are not served here"])
def test_so_many_results_are_copied_at_once_and_others_are_sent_to_a_slot(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, hands: Hands,
    lookout: Lookout, served: dict[JobKind, int], at_once: int,
) -> None:
    desk = make_desk()
    made = bought(desk, database, sandbox, 4)
    clock.advance(60)
    lookout.watch(desk, 30, served)
    wait_until(lambda: len(hands.woken) == 4, clock)
    assert len(hands.copied()) == at_once
    assert sorted(hands.copied() + hands.sent()) == sorted(job.id for job in made)
    assert {find_job(database, job.id).state for job in made} == {JobState.RENDERED}


def test_copying_leaves_room_for_looking(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, hands: Hands,
    lookout: Lookout,
) -> None:
    desk = make_desk(pictures_per_film=100)
    first = bought(desk, database, sandbox, 3)
    clock.advance(60)
    lookout.watch(desk, 30, {JobKind.PICTURE: 3})
    wait_until(lambda: len(hands.copied()) == 3, clock)
    second = bought(desk, database, sandbox, 3)  # while the three are being copied
    clock.advance(60)
    wait_until(lambda: len(hands.sent()) == 3, clock)
    assert sorted(hands.copied()) == sorted(job.id for job in first)
    assert sorted(hands.sent()) == sorted(job.id for job in second)


def test_a_lookout_without_sweeps_looks_at_nothing_more(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, hands: Hands,
    lookout: Lookout,
) -> None:
    desk = make_desk()
    lookout.watch(desk, 0.1, {})
    time.sleep(0.5)
    bought(desk, database, sandbox, 1)
    clock.advance(60)
    time.sleep(0.5)
    assert hands.woken == []
    lookout.watch(desk, 30, {})
    wait_until(lambda: len(hands.woken) == 1, clock)


def test_a_lookout_that_was_stopped_is_not_begun_again_by_a_late_sweep(
    make_desk: Callable[..., Desk], database: Database, sandbox: Sandbox, clock: Clock, hands: Hands,
    lookout: Lookout,
) -> None:
    desk = make_desk()
    lookout.watch(desk, 30, {})
    lookout.stop()
    lookout.watch(desk, 30, {})
    time.sleep(0.3)
    bought(desk, database, sandbox, 1)
    clock.advance(60)
    time.sleep(0.5)
    assert hands.woken == []


def films_with_a_free_slot(desk: Desk, database: Database, count: int) -> dict[str, str]:
    """Films (project ids) with one job settled and one queued, which has that film's only slot to come."""
    queued = {}
    for _ in range(count):
        task = add_film(database)
        first, second = add_jobs(database, task, 2)
        park(database, task)
        jobs.admit(desk, [JobKind.PICTURE], [task.project_id])
        settle(desk, first, Outcome.FAILED, error={"code": "x"}, from_states=[JobState.ADMITTED])
        queued[task.project_id] = second.id
    return queued


def test_slots_that_become_free_at_once_bring_each_film_its_own_next_job(
    make_desk: Callable[..., Desk], database: Database,
) -> None:
    desk = make_desk(pictures_per_film=1, kie_running_limit=1000, kie_window_submissions=1000)
    queued = films_with_a_free_slot(desk, database, 12)
    turns, ready = Turns(), threading.Barrier(len(queued))

    def give(film: str) -> list[str]:
        ready.wait(20)
        return [ref.id for ref in turns.admit_freed(desk, JobKind.PICTURE, film).submits]

    with ThreadPoolExecutor(len(queued)) as pool:
        given = list(pool.map(give, queued))
    assert given == [[job_id] for job_id in queued.values()]
    assert turns.admit_freed(desk, JobKind.PICTURE, next(iter(queued))).submits == []


def test_where_the_account_is_full_no_slot_is_given_twice(make_desk: Callable[..., Desk], database: Database) -> None:
    desk = make_desk(pictures_per_film=1, kie_running_limit=1000, kie_window_submissions=1000)
    queued = films_with_a_free_slot(desk, database, 8)
    narrow = make_desk(pictures_per_film=1, kie_running_limit=3, kie_window_submissions=1000)
    turns, ready = Turns(), threading.Barrier(len(queued))

    def give(film: str) -> list[str]:
        ready.wait(20)
        return [ref.id for ref in turns.admit_freed(narrow, JobKind.PICTURE, film).submits]

    with ThreadPoolExecutor(len(queued)) as pool:
        given = [job_id for submits in pool.map(give, queued) for job_id in submits]
    assert len(given) == len(set(given)) == 3
    assert set(given) <= set(queued.values())


def test_an_admission_that_fails_fails_for_all_who_shared_it(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(database_url="postgresql://aida@127.0.0.1:9/aida")
    turns, ready = Turns(), threading.Barrier(4)

    def give(film: str) -> None:
        ready.wait(20)
        with pytest.raises(psycopg2.OperationalError):
            turns.admit_freed(desk, JobKind.PICTURE, film)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, ["proj_1", "proj_2", "proj_3", "proj_4"]))

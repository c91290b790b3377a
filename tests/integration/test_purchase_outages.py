"""The database is away when a provider has just accepted: the id is held on to, in a file if need be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import psycopg2
import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Job, JobState, Outcome
from aida_orchestrator.store.db import Database, Tx
from tests.builders import Clock, bring_to, find_job
from tests.harness import Sandbox
from tests.integration.crashing import Crash
from tests.integration.purchase import finish, posts, waited_for


@pytest.fixture
def job(database: Database) -> Job:
    return waited_for(database)


class AwayAfter:
    """A database that goes away for some transactions; while it is away the process may be stopped."""

    def __init__(self, database: Database, gone: int, crash: bool = False) -> None:
        self._database, self._gone, self._crash = database, gone, crash
        self.away = False

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Like the real one, unless it is away."""
        if self.away:
            self._gone -= 1
            if self._gone < 0 and self._crash:
                raise Crash
            if self._gone >= 0:
                raise psycopg2.OperationalError("the server is away")
        with self._database.transaction() as tx:
            yield tx

    single = transaction


class Leaving:
    """KIE, after whose acceptance the database is away."""

    def __init__(self, kie: Any, database: AwayAfter) -> None:
        self._kie, self._database = kie, database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kie, name)

    def submit(self, fields: Any, callback_url: str | None) -> Any:
        """The real purchase."""
        accepted = self._kie.submit(fields, callback_url)
        self._database.away = True
        return accepted


def leaving(desk: Desk, gone: int, crash: bool) -> Desk:
    away = AwayAfter(desk.db, gone, crash)
    return replace(desk, db=cast(Any, away), kie=cast(Any, Leaving(desk.kie, away)))


def test_an_id_outlives_a_short_absence_of_the_database(make_desk: Callable[..., Desk], job: Job) -> None:
    desk = make_desk()
    jobs.admit(desk)
    jobs.submit(leaving(desk, gone=2, crash=False), job.id)
    assert find_job(desk.db, job.id).state is JobState.RUNNING
    assert list(desk.accepted_folder.iterdir()) == []


def test_an_id_outlives_the_process_in_a_file_while_the_database_is_away(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    jobs.admit(desk)
    with pytest.raises(Crash):
        jobs.submit(leaving(desk, gone=1, crash=True), job.id)
    assert len(list(desk.accepted_folder.iterdir())) == 1
    clock.advance(100)
    jobs.doubt_silent(desk)
    assert find_job(desk.db, job.id).state is JobState.UNKNOWN

    later = make_desk()
    assert jobs.replay_accepted(later) == 1
    assert jobs.replay_accepted(later) == 0
    assert list(desk.accepted_folder.iterdir()) == []
    assert finish(later, job.id, clock).outcome is Outcome.DONE
    assert len(sandbox.sold("kie")) == posts(sandbox) == 1


def test_a_note_of_an_earlier_attempt_changes_nothing(make_desk: Callable[..., Desk], job: Job) -> None:
    desk = make_desk()
    running = bring_to(desk.db, job, "running")
    desk.accepted_folder.mkdir(parents=True)
    note = {"job": job.id, "attempt": 0, "provider_id": "x", "handles": {}}
    (desk.accepted_folder / "x-0.json").write_text(json.dumps(note))
    (desk.accepted_folder / "broken.json").write_text('{"job": ')
    assert jobs.replay_accepted(desk) == 0
    assert find_job(desk.db, job.id) == running


def test_an_id_outlives_a_short_absence_also_where_no_file_can_be_written(
    make_desk: Callable[..., Desk], tmp_path: Path, job: Job,
) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    desk = replace(make_desk(), accepted_folder=tmp_path / "file" / "accepted")
    jobs.admit(desk)
    jobs.submit(leaving(desk, gone=2, crash=False), job.id)
    assert find_job(desk.db, job.id).state is JobState.RUNNING


def test_an_answer_that_comes_after_we_gave_up_still_brings_in_what_was_bought(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    jobs.admit(desk)
    jobs.submit(replace(desk, kie=cast(Any, Late(desk, clock))), job.id)
    late = find_job(desk.db, job.id)
    assert (late.state, late.outcome) == (JobState.RUNNING, None)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert len(sandbox.sold("kie")) == posts(sandbox) == 1


def test_an_id_outlives_a_fault_of_ours_in_writing_it(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    def no_price(*_: Any) -> None:
        raise ValueError("no such price")

    desk = make_desk()
    broken = replace(desk, book=no_price)
    jobs.admit(desk)
    with pytest.raises(ValueError, match="price"):
        jobs.submit(broken, job.id)
    assert jobs.replay_accepted(broken) == 0
    assert jobs.replay_accepted(desk) == 1
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert len(sandbox.sold("kie")) == posts(sandbox) == 1


class Late:
    """KIE, whose acceptance is held up until the sweep has given the job up."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk.kie, name)

    def submit(self, fields: Any, callback_url: str | None) -> Any:
        """The real purchase, and the time after it."""
        accepted = self._desk.kie.submit(fields, callback_url)
        self._clock.advance(100)
        jobs.doubt_silent(self._desk)
        self._clock.advance(1)
        assert jobs.give_up(self._desk).rings
        return accepted

"""Callbacks around a purchase: one makes a lost answer good, all others are no more than hints to look."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Job, JobState, Outcome, Stage
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, add_jobs, bring_to, find_job
from tests.harness import Sandbox
from tests.integration.purchase import NOWHERE, fault, finish, posts, send, waited_for


@pytest.fixture
def job(database: Database) -> Job:
    return waited_for(database)


def lost_answer(desk: Desk, sandbox: Sandbox, job: Job) -> tuple[str, str]:
    """Buy with the answer lost; the token in our callback address and the provider's id, as only the seller knows them."""
    fault(sandbox, "reset_after")
    assert send(desk, job.id).state is JobState.UNKNOWN
    sold = sandbox.sold("kie")[0]
    return sold["request"]["callBackUrl"].rpartition("/")[2], sold["id"]


def to_be_sent_again(desk: Desk, sandbox: Sandbox, clock: Clock, job: Job) -> tuple[str, str]:
    """A lost answer that was waited for in vain, and a person who is sure that it was not bought; as `lost_answer`."""
    bought = lost_answer(desk, sandbox, job)
    clock.advance(61)
    jobs.give_up(desk)
    with desk.db.transaction() as tx:
        assert job_rows.reopen_job(tx, job.id, desk.clock(), even_lost=True)
    return bought


def test_a_callback_makes_a_lost_answer_good(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE)
    token, provider_id = lost_answer(desk, sandbox, job)
    clock.advance(60)
    assert jobs.give_up(desk).rings == []  # a callback may still come
    assert jobs.hint(desk, "kie", token, provider_id, lambda: True)
    kept = find_job(desk.db, job.id)
    assert (kept.state, kept.provider_id) == (JobState.RUNNING, provider_id)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert posts(sandbox) == 1
    with desk.db.transaction() as tx:
        assert len(tx.all("SELECT 1 FROM charges")) == 1


def test_a_callback_that_comes_after_we_gave_up_still_brings_in_what_was_bought(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE, unknown_wait_seconds=300)
    token, provider_id = lost_answer(desk, sandbox, job)
    clock.advance(301)
    jobs.give_up(desk)
    assert find_job(desk.db, job.id).outcome is Outcome.LOST
    assert jobs.hint(desk, "kie", token, provider_id, lambda: True)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert posts(sandbox) == 1


def test_a_callback_that_comes_after_the_deadline_still_brings_in_what_was_made(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE, picture_deadline_seconds=600)
    fault(sandbox, "status", "poll", status=503, times=20)
    send(desk, job.id)
    sold = sandbox.sold("kie")[0]
    token = sold["request"]["callBackUrl"].rpartition("/")[2]
    while find_job(desk.db, job.id).state is JobState.RUNNING:
        clock.advance(120)
        jobs.look_at_due(desk)
    assert find_job(desk.db, job.id).outcome is Outcome.LOST
    assert jobs.hint(desk, "kie", token, "another id", lambda: True)
    assert find_job(desk.db, job.id).outcome is Outcome.LOST
    sandbox.reset()
    assert jobs.hint(desk, "kie", token, sold["id"], lambda: False)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    jobs.hint(desk, "kie", token, sold["id"], lambda: True)
    assert find_job(desk.db, job.id).outcome is Outcome.DONE


@pytest.mark.parametrize("owned", [True, False])
def test_a_genuine_callback_of_one_job_makes_no_other_job_own_its_purchase(
    make_desk: Callable[..., Desk], sandbox: Sandbox, database: Database, job: Job, owned: bool,
) -> None:
    """KIE signs id and time alone, so it is signed rightly at any address: the id may have an owner, or be in doubt too."""
    desk = make_desk(public_url=NOWHERE)
    other = add_jobs(database, add_film(database, user="u2", first=Stage.VISUAL), words="wine")[0]
    fault(sandbox, "reset_after", times=1 if owned else 2)
    send(desk, job.id)
    jobs.submit(desk, other.id)
    sold = {"bread" in line["request"]["prompt"]: line for line in sandbox.sold("kie")}
    address, of_other = sold[True]["request"]["callBackUrl"], sold[False]["id"]
    assert find_job(database, other.id).state is (JobState.RUNNING if owned else JobState.UNKNOWN)
    assert jobs.hint(desk, "kie", address.rpartition("/")[2], of_other, lambda: True)
    assert find_job(database, job.id).state is JobState.UNKNOWN
    assert jobs.hint(desk, "kie", address.rpartition("/")[2], sold[True]["id"], lambda: True)
    assert find_job(database, job.id).provider_id == sold[True]["id"]


@pytest.mark.parametrize(("claimed", "verified"), [("real", False), ("made up", None), (None, True)])
def test_a_forged_callback_adopts_nothing(
    make_desk: Callable[..., Desk], sandbox: Sandbox, job: Job, claimed: str | None, verified: bool | None,
) -> None:
    desk = make_desk(public_url=NOWHERE)
    token, provider_id = lost_answer(desk, sandbox, job)
    said = provider_id if claimed == "real" else claimed
    assert jobs.hint(desk, "kie", token, said, cast(Any, lambda: verified))
    assert find_job(desk.db, job.id).state is JobState.UNKNOWN


def test_a_callback_that_cannot_be_read_back_now_is_refused_so_that_it_comes_again(
    make_desk: Callable[..., Desk], sandbox: Sandbox, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE)
    token, provider_id = lost_answer(desk, sandbox, job)
    sandbox.fault({"provider": "kie", "operation": "poll", "fault": "status", "status": 429, "times": 1})
    with pytest.raises(ProviderUnavailable):
        jobs.hint(desk, "kie", token, provider_id, lambda: None)
    assert find_job(desk.db, job.id).state is JobState.UNKNOWN
    assert jobs.hint(desk, "kie", token, provider_id, lambda: None)
    assert find_job(desk.db, job.id).provider_id == provider_id


def test_a_callback_with_an_unknown_token_is_nobodys(make_desk: Callable[..., Desk], job: Job) -> None:
    desk = make_desk(public_url=NOWHERE)
    running = bring_to(desk.db, job, "running", token="known")
    assert jobs.hint(desk, "kie", "unknown", running.provider_id, lambda: True) is False
    assert jobs.hint(desk, "fal", f"known-{job.id}", running.provider_id, lambda: True) is False
    assert find_job(desk.db, job.id) == running


def test_a_callback_for_a_running_job_only_brings_its_poll_forward(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE, kie_poll_seconds=1000)
    kept = send(desk, job.id)
    token = sandbox.sold("kie")[0]["request"]["callBackUrl"].rpartition("/")[2]
    clock.advance(2)
    assert jobs.look_at_due(desk).fetches == []
    assert jobs.hint(desk, "kie", token, "another id", lambda: True)
    assert jobs.look_at_due(desk).fetches == []
    for _ in range(2):
        assert jobs.hint(desk, "kie", token, kept.provider_id, lambda: False)
    until = time.monotonic() + 10
    while sandbox.sold("kie")[0]["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert [found.id for found in jobs.look_at_due(desk).fetches] == [job.id]
    assert jobs.look_at_due(desk).fetches == []


def test_late_and_doubled_callbacks_change_nothing(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE)
    send(desk, job.id)
    sold = sandbox.sold("kie")[0]
    token = sold["request"]["callBackUrl"].rpartition("/")[2]
    finish(desk, job.id, clock)
    before = find_job(desk.db, job.id)
    for said in (sold["id"], sold["id"], "another id", None):
        assert jobs.hint(desk, "kie", token, said, lambda: True)
        jobs.look_at_due(desk)
        jobs.collect(desk, job.id)
    assert find_job(desk.db, job.id) == before


@pytest.mark.parametrize("admitted", [False, True])
def test_a_callback_that_comes_after_it_was_decided_to_send_again_stops_that(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, admitted: bool,
) -> None:
    desk = make_desk(public_url=NOWHERE, unknown_wait_seconds=60)
    token, provider_id = to_be_sent_again(desk, sandbox, clock, job)
    if admitted:
        jobs.admit(desk)
        assert find_job(desk.db, job.id).state is JobState.ADMITTED
    assert jobs.hint(desk, "kie", token, provider_id, lambda: True)
    jobs.submit(desk, job.id)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert posts(sandbox) == 1


def test_a_callback_to_the_address_of_a_former_sending_is_known_and_changes_nothing(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, caplog: pytest.LogCaptureFixture,
) -> None:
    desk = make_desk(public_url=NOWHERE, unknown_wait_seconds=60)
    token, provider_id = to_be_sent_again(desk, sandbox, clock, job)
    jobs.admit(desk)
    running = send(desk, job.id)
    assert running.state is JobState.RUNNING
    assert jobs.hint(desk, "kie", token, provider_id, lambda: True)
    assert jobs.hint(desk, "fal", token, provider_id, lambda: True) is False
    assert find_job(desk.db, job.id) == running
    assert "may be billed twice" in caplog.text


def test_a_callback_of_a_job_that_failed_and_waits_to_be_made_anew_is_not_adopted(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(public_url=NOWHERE)
    fault(sandbox, "fail_job", code=500)
    send(desk, job.id)
    sold = sandbox.sold("kie")[0]
    token = sold["request"]["callBackUrl"].rpartition("/")[2]
    clock.advance(30)
    for _ in range(100):
        jobs.look_at_due(desk)
        if find_job(desk.db, job.id).state is not JobState.RUNNING:
            break
        time.sleep(0.05)
        clock.advance(30)
    before = find_job(desk.db, job.id)
    assert (before.state, before.provider_id) == (JobState.QUEUED, None)
    assert jobs.hint(desk, "kie", token, sold["id"], lambda: True)
    assert find_job(desk.db, job.id) == before

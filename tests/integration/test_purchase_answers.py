"""What a provider may answer to a purchase, over real HTTP: a refusal waits in its row, silence is never repeated."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Asset, Job, JobKind, JobState, Outcome, Stage
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import looks, projects
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Clock, add_film, add_jobs, bring_to, find_job, wish
from tests.harness import Sandbox
from tests.integration.purchase import NOWHERE, fault, finish, look_until_it_ends, posts, send, waited_for


@pytest.fixture
def job(database: Database) -> Job:
    return waited_for(database)


def test_a_passing_refusal_is_sent_again_after_one_two_and_four_seconds_and_then_fails(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=500, times=None)
    for number, wait in enumerate((1, 2, 4), 1):
        kept = send(desk, job.id)
        assert (kept.state, kept.refusals, posts(sandbox)) == (JobState.QUEUED, number, number)
        clock.advance(wait - 0.01)
        assert jobs.admit(desk).submits == []
        clock.advance(11)  # the window of submissions, in which this job stands too
    last = send(desk, job.id)
    assert (last.state, last.outcome, posts(sandbox)) == (JobState.SETTLED, Outcome.FAILED, 4)
    assert (last.error or {})["code"] == "provider_unavailable"
    assert sandbox.sold("kie") == []


def test_a_refusal_that_passes_ends_in_one_purchase(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=500, times=1)
    send(desk, job.id)
    clock.advance(12)
    kept = send(desk, job.id)
    assert (kept.state, kept.refusals, kept.error) == (JobState.RUNNING, 0, None)
    assert len(sandbox.sold("kie")) == 1


def test_retry_after_is_honoured(make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job) -> None:
    desk = make_desk()
    fault(sandbox, "status", status=429, retryAfter=30, times=1)
    assert send(desk, job.id).state is JobState.QUEUED
    clock.advance(29.9)
    assert jobs.admit(desk).submits == []
    clock.advance(0.2)
    assert send(desk, job.id).state is JobState.RUNNING


@pytest.mark.parametrize(("wish", "code"), [
    ({"fault": "status", "status": 401}, "provider_auth"),
    ({"fault": "status", "status": 422}, "provider_refused")])
def test_a_lasting_refusal_is_not_repeated(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, wish: dict[str, Any], code: str,
) -> None:
    sandbox.fault({"provider": "kie", "operation": "submit", **wish, "times": None})
    kept = send(make_desk(), job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.FAILED, code)
    clock.advance(100)
    send(make_desk(), job.id)
    assert posts(sandbox) == 1


@pytest.mark.parametrize(("wish", "sold"), [
    ({"fault": "reset_after"}, 1), ({"fault": "hang_after", "seconds": 0.8}, 1), ({"fault": "malformed"}, 1),
    ({"fault": "reset"}, 0), ({"fault": "status", "status": 502}, 0)])
def test_a_lost_answer_is_unknown_then_lost_and_never_sent_again(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, wish: dict[str, Any], sold: int,
) -> None:
    desk = make_desk(provider_timeout_seconds=0.5)
    sandbox.fault({"provider": "kie", "operation": "submit", **wish})
    assert send(desk, job.id).state is JobState.UNKNOWN
    clock.advance(1)
    woken = jobs.give_up(desk)
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.LOST, "outcome_unknown")
    assert woken.rings == [(job.task_id, Stage.VISUAL)]
    clock.advance(3600)
    send(desk, job.id)
    until = time.monotonic() + 5
    while posts(sandbox) == 0:  # the sandbox notes a request when it has done with it
        assert time.monotonic() < until
        time.sleep(0.05)
    assert posts(sandbox) == 1
    assert len(sandbox.sold("kie")) == sold


def test_nothing_listening_is_a_certain_refusal(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    assert send(make_desk(kie_base_url=NOWHERE), job.id).state is JobState.QUEUED
    clock.advance(12)
    assert send(make_desk(), job.id).state is JobState.RUNNING


def test_a_doubled_submit_message_buys_once_also_at_the_same_moment(
    make_desk: Callable[..., Desk], sandbox: Sandbox, job: Job,
) -> None:
    desk = make_desk()
    jobs.admit(desk)
    start = threading.Barrier(4)

    def submit(_: int) -> None:
        start.wait(10)
        jobs.submit(desk, job.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(submit, range(4)))
    jobs.submit(desk, job.id)
    assert posts(sandbox) == 1


def test_a_doubled_collect_message_keeps_one_set_of_files(
    make_desk: Callable[..., Desk], clock: Clock, job: Job, tmp_path: Path,
) -> None:
    desk = make_desk()
    send(desk, job.id)
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert jobs.collect(desk, job.id).rings == []
    with desk.db.transaction() as tx:
        assets = projects.list_job_assets(tx, [job.id])[job.id]
    assert [asset.take for asset in assets] == [0, 1, 2, 3]
    stored = {str(path.relative_to(tmp_path / "media")) for path in (tmp_path / "media").rglob("picture-*")}
    assert stored == {asset.key for asset in assets}


def test_a_job_that_fails_there_is_asked_for_once_more(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    fault(sandbox, "fail_job", times=2)
    first = send(desk, job.id)
    assert look_until_it_ends(desk, job.id, clock).state is JobState.QUEUED
    clock.advance(12)
    second = send(desk, job.id)
    assert second.provider_id not in (None, first.provider_id)
    kept = look_until_it_ends(desk, job.id, clock)
    assert (kept.outcome, posts(sandbox)) == (Outcome.FAILED, 2)


def test_a_job_that_never_ends_is_given_up_by_the_look_after_its_deadline(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(picture_deadline_seconds=600)
    fault(sandbox, "never_ends")
    send(desk, job.id)
    clock.advance(599)
    assert jobs.look_at_due(desk).rings == []
    clock.advance(2)
    assert jobs.look_at_due(desk).rings == [(job.task_id, Stage.VISUAL)]
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.LOST, "provider_too_long")


def test_what_was_made_while_nobody_asked_is_fetched_however_late(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk(picture_deadline_seconds=600)
    send(desk, job.id)
    while any(line["state"] != "done" for line in sandbox.sold("kie")):
        time.sleep(0.02)
    clock.advance(8 * 3600)
    assert jobs.give_up(desk).rings == []
    jobs.look_at_due(desk)
    assert jobs.give_up(desk).rings == []
    jobs.collect(desk, job.id)
    assert find_job(desk.db, job.id).outcome is Outcome.DONE


def test_a_line_that_is_down_after_a_long_pause_ends_a_job_only_if_it_stays_down(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    send(make_desk(), job.id)
    away = make_desk(kie_base_url=NOWHERE)
    clock.advance(8 * 3600)
    for _ in range(9):
        assert jobs.look_at_due(away).rings == []
        clock.advance(60)
    assert find_job(away.db, job.id).state is JobState.RUNNING
    assert jobs.look_at_due(away).rings == [(job.task_id, Stage.VISUAL)]


def test_copying_that_only_ever_crashes_ends_the_job_after_its_deadline(
    make_desk: Callable[..., Desk], clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    bring_to(desk.db, job, "rendered")
    clock.advance(4000)
    for _ in range(11):
        assert jobs.give_up(desk).rings == []
        with desk.db.transaction() as tx:
            assert looks.begin_fetch(tx, job.id, clock())
            assert looks.claim_fetches(tx, clock.advance(660), 0)
    assert jobs.give_up(desk).rings == [(job.task_id, Stage.VISUAL)]
    assert (find_job(desk.db, job.id).error or {})["code"] == "media_unavailable"


def test_a_storage_that_takes_nothing_is_tried_ten_times_and_then_named(
    make_desk: Callable[..., Desk], clock: Clock, job: Job, tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    desk = make_desk(media_dir=tmp_path / "file" / "media")
    bring_to(desk.db, job, "rendered")
    for number in range(1, 11):
        assert find_job(desk.db, job.id).fetches == number - 1
        jobs.collect(desk, job.id)
        clock.advance(130)
        with desk.db.transaction() as tx:
            looks.claim_fetches(tx, clock(), 0)
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.FAILED, "media_unavailable")
    assert "MEDIA_DIR" in (kept.error or {})["message"]


@pytest.mark.parametrize(("pages", "outcome"), [(4, Outcome.DONE), (100, Outcome.FAILED)], ids=["once", "always"])
def test_a_page_that_comes_in_the_pictures_place_is_asked_past_a_few_times(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job, pages: int, outcome: Outcome,
) -> None:
    desk = make_desk()
    send(desk, job.id)
    while any(line["state"] != "done" for line in sandbox.sold("kie")):
        time.sleep(0.02)
    sandbox.fault({"provider": "kie", "operation": "media", "fault": "malformed", "times": pages})
    clock.advance(60)
    jobs.look_at_due(desk)
    jobs.collect(desk, job.id)
    assert find_job(desk.db, job.id).outcome is None
    for _ in range(3):
        clock.advance(130)
        with desk.db.transaction() as tx:
            looks.claim_fetches(tx, clock(), 0)
        jobs.collect(desk, job.id)
    kept = find_job(desk.db, job.id)
    assert (kept.outcome, len(sandbox.sold("kie"))) == (outcome, 1)
    assert (kept.error or {}).get("code") == (None if outcome is Outcome.DONE else "media_error")


def test_a_request_that_cannot_be_put_together_ends_its_job(
    make_desk: Callable[..., Desk], sandbox: Sandbox, job: Job,
) -> None:
    desk = make_desk()
    with desk.db.transaction() as tx:
        tx.run("UPDATE jobs SET request = request || '{\"of a later version\": 1}' WHERE id = %(id)s", id=job.id)
    kept = send(desk, job.id)
    assert (kept.outcome, (kept.error or {})["code"], posts(sandbox)) == (Outcome.FAILED, "internal", 0)


def test_trouble_in_reading_says_nothing_of_the_job(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    desk = make_desk()
    send(desk, job.id)
    for kind in ("status", "reset", "malformed", "unknown_state"):
        fault(sandbox, kind, "poll")
        clock.advance(2)
        jobs.look_at_due(desk)
        assert find_job(desk.db, job.id).state is JobState.RUNNING
    assert finish(desk, job.id, clock).outcome is Outcome.DONE
    assert posts(sandbox) == 1


def test_an_untrusted_address_is_told_and_a_retry_fetches_without_buying(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, job: Job,
) -> None:
    strict = make_desk(media_trusted_origins="")
    send(strict, job.id)
    kept = finish(strict, job.id, clock)
    assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.FAILED, "media_untrusted_origin")
    assert "MEDIA_TRUSTED_ORIGINS" in (kept.error or {})["message"]
    with strict.db.transaction() as tx:
        assert job_rows.reopen_job(tx, job.id, clock())
    desk = make_desk()
    jobs.collect(desk, job.id)
    assert find_job(desk.db, job.id).outcome is Outcome.DONE
    assert len(sandbox.sold("kie")) == posts(sandbox) == 1


def test_a_clip_is_bought_once_however_often_its_message_comes(
    make_desk: Callable[..., Desk], sandbox: Sandbox, database: Database,
) -> None:
    desk, clip = make_desk(), add_clip(database, sandbox)
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "never_ends"})
    jobs.admit(desk, [JobKind.CLIP])
    for _ in range(3):
        jobs.submit(desk, clip.id)
    assert find_job(database, clip.id).state is JobState.RUNNING
    assert len(sandbox.requests("fal", "submit")) == len(sandbox.sold("fal")) == 1


def test_a_clip_whose_answer_was_lost_is_never_sent_again(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, database: Database,
) -> None:
    desk, clip = make_desk(), add_clip(database, sandbox)
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "reset_after"})
    jobs.admit(desk, [JobKind.CLIP])
    jobs.submit(desk, clip.id)
    assert find_job(database, clip.id).state is JobState.UNKNOWN
    clock.advance(181)  # fal's history was asked meanwhile, and did not know it
    jobs.give_up(desk)
    clock.advance(3600)
    jobs.admit(desk, [JobKind.CLIP])
    jobs.submit(desk, clip.id)
    assert find_job(database, clip.id).outcome is Outcome.LOST
    assert len(sandbox.requests("fal", "submit")) == 1


def test_a_picture_that_is_given_up_at_once_keeps_its_slot_of_the_film_while_it_may_be_being_made(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, database: Database,
) -> None:
    desk = make_desk()  # without callbacks nothing can make its answer good
    film = add_film(database, first=Stage.VISUAL)
    add_jobs(database, film, 6)
    fault(sandbox, "reset_after", times=1)
    for ref in jobs.admit(desk).submits:
        jobs.submit(desk, ref.id)
    clock.advance(1)
    assert jobs.give_up(desk).settled
    for films in ([film.project_id], None):
        assert jobs.admit(desk, films=films).submits == []
    clock.advance(61)
    assert len(jobs.admit(desk).submits) == 1
    assert len(sandbox.sold("kie")) == 4


@pytest.mark.parametrize("reachable", [True, False])
def test_a_clip_whose_picture_cannot_be_read_at_its_makers_is_asked_for_once_more_with_our_own_copy(
    make_desk: Callable[..., Desk], sandbox: Sandbox, clock: Clock, database: Database, reachable: bool,
) -> None:
    desk = make_desk(public_url=NOWHERE if reachable else None)
    clip = add_clip(database, sandbox)
    jobs.admit(desk, [JobKind.CLIP])
    jobs.submit(desk, clip.id)
    kept = finish(desk, clip.id, clock)
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "status", "status": 429, "times": 1})
    for _ in range(2):
        clock.advance(5)
        jobs.admit(desk, [JobKind.CLIP])
        jobs.submit(desk, clip.id)
    with database.transaction() as tx:
        row = tx.one("SELECT sent ->> 'image_url' AS address FROM jobs")
    assert row
    assert row["address"] == (f"{NOWHERE}/media/p" if reachable else f"{sandbox.url}/media/none.jpeg")
    assert len(sandbox.sold("fal")) == 1 + reachable
    if not reachable:
        assert (kept.outcome, (kept.error or {})["code"]) == (Outcome.FAILED, "picture_unread")


def add_clip(database: Database, sandbox: Sandbox) -> Job:
    """A queued clip of a picture that still lies at its maker; nobody films it here."""
    task = add_film(database, first=Stage.VIDEO)
    picture = Asset(key="p", kind="picture", project_id=task.project_id, job_id=None, shot=1, take=0,
                    content_type="image/jpeg", bytes=1, sha256="s", source_url=f"{sandbox.url}/media/none.jpeg",
                    created_at=NOON)
    with database.transaction() as tx:
        projects.add_assets(tx, [picture], tenant_id=task.tenant_id, user_id=task.user_id, task_id=task.id)
        return jobs.ask(tx, task, [wish(1, JobKind.CLIP)], NOON)[0]

"""A clip whose answer was lost is found in fal's request history, if it was bought; that it is not there proves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator import jobs
from aida_orchestrator.model import Job, JobKind, JobState, Outcome, TaskStatus
from aida_orchestrator.pipeline import commands
from aida_orchestrator.services import build
from aida_orchestrator.settings import Settings
from aida_orchestrator.store import jobs as rows
from aida_orchestrator.store.db import Database
from tests.builders import TENANT, Broker, Clock, Shared, broker_in_memory, find_job, make_settings
from tests.harness import Sandbox
from tests.integration.doubtful import Place, end, film_with, lose, place_maker


@pytest.fixture
def clock() -> Clock:
    """The sandbox writes down the true time."""
    return Clock(datetime.now(UTC))


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


@pytest.fixture
def make_place(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Place]:
    """Each place is a process of its own; all on one database."""
    return place_maker(shared.dsn, sandbox, tmp_path, clock)


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    return make_place(public_url="http://127.0.0.1:9", clips_per_film=3)


def lost_clip(place: Place, job: Job, fault: str = "reset_after", *, held: bool = False) -> Job:
    """A clip in doubt that was sent at the true time; if it was bought it is finished there."""
    place.clock.now = datetime.now(UTC) - timedelta(seconds=20)  # `send` lets half a minute pass
    lost = lose(place, job, fault, held=held)
    until = time.monotonic() + 30
    while any(line["state"] not in ("done", "failed") for line in place.sandbox.sold("fal")):
        assert time.monotonic() < until
        time.sleep(0.1)
    return lost


def look(place: Place, seconds: float = 5) -> None:
    """Look up what is due after so many seconds."""
    place.clock.advance(seconds)
    assert jobs.look_up(place.services.desk).rings == []


def asked(place: Place) -> int:
    """How often the history was read."""
    return len(place.sandbox.requests("fal", "history"))


def twin_of(place: Place, job: Job, **changes: Any) -> str:
    """Somebody else of the account sends the very same input (or nearly); the id it gets."""
    with place.database.transaction() as tx:
        row = tx.one("SELECT sent FROM jobs WHERE id = %(id)s", id=job.id)
    assert row
    accepted = place.services.desk.fal.submit(job.endpoint, {**row["sent"], **changes}, None)
    until = time.monotonic() + 30
    while place.sandbox.sold("fal")[-1]["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.1)
    return accepted.provider_id


def test_a_clip_that_was_bought_is_found_charged_once_and_fetched(place: Place) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job)
    look(place)
    kept = find_job(place.database, job.id)
    assert (kept.state, kept.provider_id) == (JobState.RUNNING, place.sandbox.sold("fal")[0]["id"])
    assert place.finish(job.id).outcome is Outcome.DONE
    assert (place.posts("fal"), place.charges()) == (1, 1)


def test_a_clip_that_was_given_up_is_still_found_and_a_retry_has_it(place: Place) -> None:
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job, held=True)
    end(place, task, TaskStatus.PARTIAL)
    look(place)
    assert place.finish(job.id).outcome is Outcome.DONE
    assert place.status(task.id)["unknownPurchases"] == []
    commands.retry(place.services, TENANT, task.id)
    jobs.admit(place.services.desk)
    assert (place.posts("fal"), place.charges()) == (1, 1)


def test_a_clip_that_failed_there_before_is_read_at_its_new_address(place: Place) -> None:
    place.clock.now = datetime.now(UTC) - timedelta(minutes=2)
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    place.sandbox.fault({"provider": "fal", "operation": "submit", "fault": "fail_job", "times": 1})
    place.send(job.id)
    assert place.finish(job.id).outcome is Outcome.FAILED
    with place.database.transaction() as tx:
        rows.let_go_failed(tx, task.id, JobKind.CLIP)
        jobs.ask(tx, task, [jobs.same_again(job)], place.clock())
    lost_clip(place, job)
    look(place)
    assert place.finish(job.id).outcome is Outcome.DONE
    assert place.posts("fal") == 2


def test_what_is_not_there_proves_nothing_and_is_looked_for_ever_more_seldom(
    place: Place, make_place: Callable[..., Place],
) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job, "reset")
    gaps = [4.0 * 2**number for number in range(9)] + [1800.0] * 4
    for number, gap in enumerate(gaps, 1):
        for seconds, times in ((gap - 1, number - 1), (1, number)):
            look(make_place(public_url="http://127.0.0.1:9"), seconds)
            assert asked(place) == times, gap
    look(make_place(public_url="http://127.0.0.1:9"), 7200)
    assert asked(place) == len(gaps)
    kept = find_job(place.database, job.id)
    assert (kept.state, kept.attempt, place.posts("fal")) == (JobState.UNKNOWN, 1, 1)
    jobs.give_up(place.services.desk)
    assert find_job(place.database, job.id).outcome is Outcome.LOST


def test_a_clip_waits_to_be_found_where_nobody_calls_back_and_a_picture_does_not(make_place: Callable[..., Place]) -> None:
    place = make_place(unknown_wait_seconds=60)
    _, (picture,) = film_with(place)
    _, (clip,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, clip)
    lose(place, picture, held=False)
    for seconds, states in ((1, [Outcome.LOST, None]), (60, [Outcome.LOST, Outcome.LOST])):
        place.clock.advance(seconds)
        jobs.give_up(place.services.desk)
        assert [find_job(place.database, job.id).outcome for job in (picture, clip)] == states


def test_one_that_is_still_being_made_is_found_when_it_is_finished(
    place: Place, make_place: Callable[..., Place], sandbox: Sandbox,
) -> None:
    sandbox.latency(fal=2)
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    place.clock.now = datetime.now(UTC) - timedelta(seconds=20)  # `send` lets half a minute pass
    lose(place, job, held=False)
    look(place)
    assert (asked(place), find_job(place.database, job.id).state) == (1, JobState.UNKNOWN)
    until = time.monotonic() + 30
    while sandbox.sold("fal")[0]["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.1)
    look(make_place(public_url="http://127.0.0.1:9"), 10)
    assert find_job(place.database, job.id).state is JobState.RUNNING


def test_one_answer_is_about_all_jobs_in_doubt(place: Place) -> None:
    _, made = film_with(place, 3, JobKind.CLIP)
    for job in made:
        lost_clip(place, job)
    look(place)
    assert asked(place) == 1
    found = {find_job(place.database, job.id).provider_id for job in made}
    assert found == {line["id"] for line in place.sandbox.sold("fal")}


def test_two_jobs_of_the_same_input_get_a_request_each(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    _, made = film_with(place, 2, JobKind.CLIP)
    with place.database.transaction() as tx:  # the second shot lends the first one's picture and is told in its words
        tx.run("UPDATE jobs SET request = (SELECT request FROM jobs WHERE id = %(id)s)", id=made[0].id)
    for job in made:
        lost_clip(place, job)
    look(place)
    assert [find_job(place.database, job.id).provider_id for job in made] == [
        line["id"] for line in place.sandbox.sold("fal")]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_request_that_belongs_to_another_job_is_not_taken(make_place: Callable[..., Place]) -> None:
    place, another = (make_place(public_url="http://127.0.0.1:9", clips_per_film=2) for _ in range(2))
    _, made = film_with(place, 2, JobKind.CLIP)
    with place.database.transaction() as tx:
        tx.run("UPDATE jobs SET request = (SELECT request FROM jobs WHERE id = %(id)s)", id=made[0].id)
    place.clock.now = datetime.now(UTC) - timedelta(seconds=20)  # `send` lets half a minute pass
    assert place.send(made[0].id).state is JobState.RUNNING
    lost_clip(place, made[1], "reset")
    look(place)
    assert asked(place) == 1
    assert find_job(place.database, made[1].id).state is JobState.UNKNOWN
    with place.database.transaction() as tx:  # nor one that was another's and failed there
        tx.run("UPDATE jobs SET former_ids = ARRAY[provider_id], provider_id = 'x' WHERE id = %(id)s", id=made[0].id)
        tx.run("UPDATE jobs SET next_lookup_at = NULL")
    look(another)
    assert (asked(place), find_job(place.database, made[1].id).state) == (2, JobState.UNKNOWN)


def test_the_earliest_of_several_is_taken_and_the_others_are_told_as_an_error(
    place: Place, caplog: pytest.LogCaptureFixture,
) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job)
    again = twin_of(place, job)
    look(place)
    assert find_job(place.database, job.id).provider_id == place.sandbox.sold("fal")[0]["id"]
    (told,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert (told["jobId"], told["requestIds"]) == (job.id, [again])


@pytest.mark.parametrize("changes", [{"prompt": "another"}, {"duration": "10"}, {"cfg_scale": 0.5}])
def test_only_the_very_same_input_is_proof(place: Place, changes: dict[str, Any]) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job, "reset")
    twin_of(place, job, **changes)
    look(place)
    assert (asked(place), find_job(place.database, job.id).state) == (1, JobState.UNKNOWN)


def test_what_was_sent_long_before_the_job_is_not_it(place: Place) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job)
    with place.database.transaction() as tx:
        later = "interval '75 seconds'"
        tx.run(f"UPDATE jobs SET intent_at = intent_at + {later}, unknown_at = unknown_at + {later}")
    look(place, 85)
    assert (asked(place), find_job(place.database, job.id).state) == (1, JobState.UNKNOWN)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_history_that_cannot_be_read_hurts_nobody_and_is_told_once(
    place: Place, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, status: int,
) -> None:
    _, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job)
    sandbox.fault({"provider": "fal", "operation": "history", "fault": "status", "status": status, "times": None})
    for _ in range(5):
        look(place, 100)
    told = [record for record in caplog.records if "history" in record.getMessage()]
    assert (len(told), asked(place)) == (1, 1)
    jobs.give_up(place.services.desk)
    assert find_job(place.database, job.id).outcome is Outcome.LOST


def test_pictures_are_not_looked_up(place: Place) -> None:
    _, (job,) = film_with(place)
    lose(place, job, held=False)
    look(place, 100)
    assert asked(place) == 0


def test_a_new_sending_is_looked_up_anew(place: Place, make_place: Callable[..., Place]) -> None:
    task, (job,) = film_with(place, kind=JobKind.CLIP)
    lost_clip(place, job, "reset", held=True)
    end(place, task)
    with place.database.transaction() as tx:
        tx.run("UPDATE jobs SET lookups = 13, next_lookup_at = %(at)s", at=place.clock() + timedelta(days=1))
    assert place.ask(job.id, False)[0] == 200
    lost_clip(place, job)
    look(make_place(public_url="http://127.0.0.1:9"))
    assert find_job(place.database, job.id).state is JobState.RUNNING


def test_a_persons_word_is_compared_with_the_history_too(make_place: Callable[..., Place]) -> None:
    place = make_place(public_url="http://127.0.0.1:9")
    task, (mine, other) = film_with(place, 2, JobKind.CLIP)
    lost_clip(place, mine, held=True)
    stranger = twin_of(place, mine, prompt="another prompt")
    end(place, task)
    code, problem = place.ask(mine.id, stranger)
    assert code == 409
    assert "another request" in problem["detail"]
    assert place.ask(mine.id, place.sandbox.sold("fal")[0]["id"])[0] == 200
    assert find_job(place.database, other.id).state is JobState.QUEUED


def test_a_key_for_a_queue_elsewhere_is_not_shown_to_fal(shared: Shared, tmp_path: Path) -> None:
    def history(**changes: Any) -> bool:
        usual = {name: Settings.model_fields[name].default for name in ("fal_queue_url", "fal_api_url")}
        return build(make_settings(shared.dsn, tmp_path, **{**usual, **changes})).desk.history is not None

    assert history()
    assert history(fal_api_url="http://127.0.0.1:9")
    assert history(fal_queue_url="http://127.0.0.1:9/q", fal_api_url="http://127.0.0.1:9")
    assert not history(fal_queue_url="http://127.0.0.1:9/q")

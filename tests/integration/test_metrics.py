"""/metrics counts in rows and queues; whatever stands in a row, the labels stay those that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import STAGES, JobKind, JobState, Outcome, Stage
from aida_orchestrator.pipeline.chain import QUEUES
from aida_orchestrator.pipeline.stranded import REASONS
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import runs
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Clock, Shared, add_film, add_jobs, bring_to, park
from tests.integration.standing import edit, watching
from tests.scraping import Samples, samples

Scrape = Callable[[], Samples]


@pytest.fixture
def services(shared: Shared, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Services]:
    made = watching(shared.dsn, tmp_path, clock)
    yield made
    made.db.close()


@pytest.fixture
def scrape(services: Services, redis_url: str) -> Scrape:
    """The samples of one scrape: (name, label values in the order of their names) → value."""
    def read() -> Samples:
        answer = create_app(services, redis_url).test_client().get("/metrics")
        assert answer.status_code == 200
        return samples(answer.get_data(as_text=True))
    return read


def test_an_idle_service_tells_a_nought_for_all_that_is_counted(scrape: Scrape) -> None:
    told = scrape()
    assert told.pop(("aida_database_up",)) == told.pop(("aida_broker_up",)) == 1
    assert set(told.values()) == {0}
    counts = {name: sum(key[0] == name for key in told) for name in {key[0] for key in told}}
    assert counts == {
        "aida_films": 6, "aida_stranded_films": len(REASONS), "aida_jobs_open": 12, "aida_jobs_oldest_seconds": 12,
        "aida_jobs_unknown": 2, "aida_queue_length": len(QUEUES), "aida_workers": len(QUEUES),
        "aida_worker_slots": len(QUEUES), "aida_spending_stopped": 1, "aida_spending_stopped_seconds": 1,
        "aida_provider_paused": 4, "aida_provider_paused_seconds": 4, "aida_held_films": 3, "aida_held_oldest_seconds": 3,
        "aida_reserved_dollars": 4, "aida_reservations": 4, "aida_reservations_old": 4,
        "aida_dollars_total": 6, "aida_provider_charges_total": 6,
        "aida_unpriced_charges_total": 6, "aida_jobs_last_day": 10, "aida_jobs_again_last_day": 4,
        "aida_degraded_last_day": len(STAGES), "aida_stage_crashes_last_day": len(STAGES)}


def test_films_are_counted_by_status_and_ended_ones_for_a_day(database: Database, clock: Clock, scrape: Scrape) -> None:
    for _ in range(3):
        add_film(database)
    edit(database, "UPDATE tasks SET status = 'completed', finished_at = %(at)s WHERE id = 'task_0001'", at=clock())
    told = scrape()
    assert (told["aida_films", "queued"], told["aida_films", "completed"]) == (2, 1)
    clock.advance(24 * 3600 + 1)
    told = scrape()
    assert (told["aida_films", "queued"], told["aida_films", "completed"]) == (2, 0)
    assert told["aida_stranded_films", "no_worker"] == 2


def test_open_jobs_are_counted_and_the_oldest_of_each_state_timed(
    database: Database, clock: Clock, scrape: Scrape,
) -> None:
    film = add_film(database, first=Stage.VISUAL)
    bring_to(database, add_jobs(database, film)[0], "running")
    clock.advance(30)
    add_jobs(database, film, 3, now=clock(), words="later")
    clock.advance(12)
    told = scrape()
    assert told["aida_jobs_open", "picture", "kie", "running"] == 1
    assert told["aida_jobs_open", "picture", "kie", "queued"] == 3
    assert told["aida_jobs_oldest_seconds", "kie", "running"] == 42
    assert told["aida_jobs_oldest_seconds", "kie", "queued"] == 12


def test_a_job_that_is_to_be_tried_later_is_not_old(database: Database, clock: Clock, scrape: Scrape) -> None:
    film = add_film(database, first=Stage.VISUAL)
    job = bring_to(database, add_jobs(database, film)[0], "submitting")
    with database.transaction() as tx:
        job_rows.requeue_job(tx, job, {"status": 503}, clock() + timedelta(seconds=60), refused=True)
    assert scrape()["aida_jobs_oldest_seconds", "kie", "queued"] == 0


def test_purchases_in_doubt_are_counted_also_when_a_person_must_settle_them(
    database: Database, clock: Clock, scrape: Scrape,
) -> None:
    film = add_film(database, first=Stage.VIDEO)
    jobs = [bring_to(database, job, "unknown") for job in add_jobs(database, film, 2, JobKind.CLIP)]
    with database.transaction() as tx:
        job_rows.settle_job(tx, jobs[0], Outcome.LOST, None, [JobState.UNKNOWN], clock())
    told = scrape()
    assert (told["aida_jobs_unknown", "fal"], told["aida_jobs_open", "clip", "fal", "unknown"]) == (2, 1)


def test_a_stranded_film_is_counted_under_its_reason(database: Database, scrape: Scrape) -> None:
    film = add_film(database, first=Stage.VISUAL)
    park(database, film)
    told = scrape()
    assert told["aida_stranded_films", "no_jobs"] == 1
    assert sum(value for key, value in told.items() if key[0] == "aida_stranded_films") == 1


def test_the_age_of_the_sweep_is_told_once_there_was_one(database: Database, clock: Clock, scrape: Scrape) -> None:
    assert ("aida_sweep_age_seconds",) not in scrape()
    with database.transaction() as tx:
        assert runs.take_sweep_turn(tx, NOON, 1.0)
    clock.advance(7)
    assert scrape()["aida_sweep_age_seconds",] == 7


def test_the_length_of_each_queue_is_told(redis_url: str, scrape: Scrape) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("visual", "one", "two")
    told = scrape()
    assert (told["aida_queue_length", "visual"], told["aida_queue_length", "video"]) == (2, 0)


def test_words_in_rows_that_nobody_knows_make_one_label(database: Database, scrape: Scrape) -> None:
    film = add_film(database, first=Stage.VISUAL)
    add_jobs(database, film, 3)
    edit(database, "UPDATE jobs SET state = 'odd' || shot, provider = 'new' || shot")
    told = scrape()
    assert told["aida_jobs_open", "other", "other", "other"] == 3
    assert not [key for key in told if any(word.startswith(("odd", "new")) for word in key)]


def test_neither_users_nor_films_are_named(services: Services, database: Database, redis_url: str) -> None:
    film = add_film(database, user="somebody-private")
    edit(database, "UPDATE stage_runs SET state = 'waiting'")
    text = create_app(services, redis_url).test_client().get("/metrics").get_data(as_text=True)
    assert 'aida_stranded_films{reason="no_stage"} 1.0' in text
    assert "somebody-private" not in text
    assert film.id not in text


def test_a_database_without_tables_hides_no_queue(empty_dsn: str, clock: Clock, redis_url: str, tmp_path: Path) -> None:
    made = watching(empty_dsn, tmp_path, clock)
    text = create_app(made, redis_url).test_client().get("/metrics").get_data(as_text=True)
    made.db.close()
    assert "aida_database_up 0.0" in text
    assert 'aida_queue_length{queue="video"} 0.0' in text


def test_without_the_broker_rows_are_told(services: Services) -> None:
    text = create_app(services, "redis://127.0.0.1:1/0").test_client().get("/metrics").get_data(as_text=True)
    assert "aida_broker_up 0.0" in text
    assert 'aida_films{status="queued"} 0.0' in text
    assert "aida_queue_length" not in text

"""What /metrics tells of money, time and errors is what the rows say; a look costs the same however many there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import JobKind, JobState, Outcome, Stage, Task
from aida_orchestrator.pipeline.presence import Presence
from aida_orchestrator.services import Services
from aida_orchestrator.store import charges, recent, tasks, totals, workers
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, add_jobs, bring_to
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
        text = create_app(services, redis_url).test_client().get("/metrics").get_data(as_text=True)
        told = samples(text)
        assert told["aida_database_up",] == 1
        return told
    return read


def book(database: Database, task: Task, at: datetime, component: str = "writer", **changes: Any) -> None:
    """One charge."""
    usual: dict[str, Any] = {
        "provider": "anthropic", "model": "m", "tokens": 150, "api_calls": 1, "dollars": Decimal("0.000123"),
        "units": {"input_tokens": 100, "cache_read_tokens": 40, "output_tokens": 10}, "cache_hit_rate": Decimal("0.4"),
        "price_version": "v", "formula": "f", "job_id": None}
    with database.transaction() as tx:
        charges.add_charge(tx, tenant_id="default", user_id="u1", project_id=task.project_id, task_id=task.id,
                           component=component, now=at, **{**usual, **changes})


def end(database: Database, task: Task, at: datetime, status: str = "completed", error: str | None = None) -> None:
    """The film is over."""
    edit(database, "UPDATE tasks SET status = %(status)s, finished_at = %(at)s, error = %(error)s::jsonb WHERE id = %(id)s",
         status=status, at=at, error=error, id=task.id)


def test_dollars_and_tokens_are_those_of_all_charges(database: Database, clock: Clock, scrape: Scrape) -> None:
    film = add_film(database)
    for _ in range(3):
        book(database, film, clock())
    book(database, film, clock(), "kling", units={"seconds": 5}, tokens=0, dollars=Decimal("0.35"), cache_hit_rate=None)
    book(database, film, clock(), "kling", units={"seconds": 5}, tokens=0, dollars=None, cache_hit_rate=None)
    told = scrape()
    assert told["aida_dollars_total", "writer"] == pytest.approx(0.000369)
    assert told["aida_dollars_total", "kling"] == 0.35
    assert (told["aida_provider_charges_total", "kling"], told["aida_unpriced_charges_total", "kling"]) == (2, 1)
    assert (told["aida_tokens_total", "writer", "input"], told["aida_tokens_total", "writer", "cache_read"]) == (300, 120)
    assert told["aida_units_total", "kling", "seconds"] == 10
    assert told["aida_dollars_total", "director"] == 0


def test_sums_that_are_kept_and_those_that_are_added_are_the_same_sums(
    database: Database, services: Services, scrape: Scrape,
) -> None:
    film, now = add_film(database), datetime.now(UTC)
    services.clock.now = now  # type: ignore[attr-defined]
    for age in (70, 65, 61, 50, 5):
        book(database, film, now - timedelta(minutes=age))
    first = scrape()
    with database.transaction() as tx:
        kept = tx.one("SELECT amount FROM charge_sums WHERE measure = 'calls'")
    assert kept == {"amount": 3}  # an hour old
    book(database, film, now - timedelta(days=2))  # booked late: by its number it is the newest
    second = scrape()
    assert first["aida_provider_charges_total", "writer"] == 5
    assert second["aida_provider_charges_total", "writer"] == 6
    for _ in range(3):  # whenever they are kept, and as often as they are
        with database.transaction() as tx:
            totals.settle_sums(tx, now)
        assert scrape()["aida_provider_charges_total", "writer"] == 6
        services.clock.advance(7200)  # type: ignore[attr-defined]  # a clock that is ahead keeps nothing too early
    with database.transaction() as tx:
        assert tx.one("SELECT max(amount) AS n FROM charge_sums WHERE measure = 'calls'") == {"n": 6}


def test_two_at_once_keep_the_sums_once(database: Database, services: Services, scrape: Scrape) -> None:
    film, now = add_film(database), datetime.now(UTC)
    book(database, film, now - timedelta(hours=2))
    with database.transaction() as one:
        totals.settle_sums(one, now)
        one.flush()
        with database.transaction() as other:
            totals.settle_sums(other, now)  # does not wait, and adds nothing
    assert scrape()["aida_provider_charges_total", "writer"] == 1


def test_a_component_that_nobody_knows_makes_one_label(database: Database, clock: Clock, scrape: Scrape) -> None:
    film = add_film(database)
    for odd in ("singer", "dancer"):
        book(database, film, clock(), odd)
    told = scrape()
    assert told["aida_provider_charges_total", "other"] == 2
    assert not [key for key in told if "singer" in key]


def test_a_film_costs_what_was_booked_for_it(database: Database, clock: Clock, scrape: Scrape) -> None:
    for dollars in ("2.00", "3.00", "10.00"):
        film = add_film(database)
        book(database, film, clock(), dollars=Decimal(dollars))
        book(database, film, clock(), dollars=None)
        end(database, film, film.created_at + timedelta(seconds=60 * float(dollars)))
    failed = add_film(database)
    book(database, failed, clock(), dollars=Decimal(99))
    end(database, failed, clock(), "failed")
    clock.advance(700)
    told = scrape()
    assert told["aida_film_last_day_dollars_count", "create"] == 3
    assert told["aida_film_last_day_dollars_sum", "create"] == 15
    assert told["aida_film_last_day_dollars", "create", "0.5"] == 3
    assert told["aida_film_last_day_seconds_sum", "create"] == 900
    clock.advance(24 * 3600)
    assert ("aida_film_last_day_dollars_count", "create") not in scrape()


def test_time_in_a_stage_is_told_apart_by_what_the_film_did(database: Database, clock: Clock, scrape: Scrape) -> None:
    film = add_film(database)
    steps: list[tuple[float, str, Stage | None]] = [
        (3, "stage_started", Stage.CONTEXT), (8, "stage_done", Stage.CONTEXT),
        (1, "stage_started", Stage.VISUAL), (2, "stage_parked", Stage.VISUAL), (40, "stage_started", Stage.VISUAL),
        (4, "stage_started", Stage.VISUAL),  # its worker died, another took it over
        (5, "stage_done", Stage.VISUAL), (0, "task_completed", None)]
    with database.transaction() as tx:
        tx.run("DELETE FROM events")
        tasks.add_event(tx, film.id, "task_created", clock())
        for seconds, kind, stage in steps:
            tasks.add_event(tx, film.id, kind, clock.advance(seconds), stage)
    end(database, film, clock())
    told = scrape()
    found = {key[1:]: value for key, value in told.items() if key[0] == "aida_stage_last_day_seconds_sum"}
    assert found == {("waiting", "context"): 3, ("working", "context"): 8, ("waiting", "visual"): 1,
                     ("working", "visual"): 11, ("parked", "visual"): 40}
    assert told["aida_stage_last_day_seconds_count", "working", "visual"] == 1
    assert told["aida_stage_last_day_seconds", "working", "0.9", "visual"] == 11


def test_errors_are_told_by_component_and_class(database: Database, clock: Clock, scrape: Scrape) -> None:
    for error in ('{"code": "provider_balance", "stage": "visual"}', '{"code": "provider_balance", "stage": "visual"}',
                  '{"code": "from another version", "stage": "script"}'):
        end(database, add_film(database), clock(), "failed", error)
    film = add_film(database, first=Stage.VIDEO)
    job = bring_to(database, add_jobs(database, film, 1, JobKind.CLIP)[0], "unknown")
    with database.transaction() as tx:
        job_rows.settle_job(tx, job, Outcome.LOST, {"code": "outcome_unknown"}, [JobState.UNKNOWN], clock())
    edit(database, """UPDATE tasks SET degraded = '[{"stage": "script", "reason": "r", "what": "w"}]' WHERE id = %(id)s""",
         id=film.id)
    edit(database, "UPDATE stage_runs SET crashes = 2 WHERE task_id = %(id)s AND stage = 'video'", id=film.id)
    told = scrape()
    assert told["aida_film_errors_last_day", "provider_balance", "midjourney"] == 2
    assert told["aida_film_errors_last_day", "other", "writer"] == 1
    assert told["aida_job_errors_last_day", "outcome_unknown", "kling"] == 1
    assert told["aida_jobs_last_day", "clip", "lost", "fal"] == 1
    assert (told["aida_degraded_last_day", "script"], told["aida_degraded_last_day", "visual"]) == (1, 0)
    assert told["aida_stage_crashes_last_day", "video"] == 2


def test_the_rate_of_the_cache_is_that_of_the_last_day(database: Database, clock: Clock, scrape: Scrape) -> None:
    film = add_film(database)
    book(database, film, clock(), cache_hit_rate=Decimal("0.1"))
    clock.advance(23 * 3600)
    book(database, film, clock(), cache_hit_rate=Decimal("0.5"))
    assert scrape()["aida_cache_hit_ratio", "writer"] == pytest.approx(0.3)
    clock.advance(2 * 3600)
    assert scrape()["aida_cache_hit_ratio", "writer"] == 0.5


def test_no_more_than_the_newest_films_are_looked_at(database: Database, clock: Clock) -> None:
    for _ in range(5):
        end(database, add_film(database), clock())
    with database.transaction() as tx:
        plan = tx.all(f"EXPLAIN {recent._SQL['film_figures']}", now=clock(), most=recent.MOST)
        few = tx.all(recent._SQL["film_figures"], now=clock(), most=2)
    assert "Limit" in "".join(row["QUERY PLAN"] for row in plan)
    assert few[0]["n"] == 2


def test_a_worker_counts_for_its_queues_while_it_is_heard_of(
    database: Database, clock: Clock, services: Services, scrape: Scrape,
) -> None:
    with database.transaction() as tx:
        for owner, queues in (("a:1", ["visual", "video"]), ("b:2", ["video"])):
            workers.put_worker(tx, owner=owner, node="celery@a", queues=queues, slots=4, now=clock())
    told = scrape()
    assert (told["aida_workers", "video"], told["aida_worker_slots", "video"]) == (2, 8)
    assert (told["aida_workers", "visual"], told["aida_workers", "context"]) == (1, 0)
    clock.advance(41)
    assert scrape()["aida_workers", "video"] == 0


def test_a_worker_says_that_it_lives_and_that_it_ends(database: Database, services: Services, clock: Clock) -> None:
    presence = Presence(lambda: services)
    presence.beat("celery@a", ["visual"], 4)
    until_there(database, 1)
    presence.beat("celery@a", ["visual", "video"], 4)  # told of at once, for it is news
    until_there(database, 2)
    presence.end()
    presence.beat("celery@a", ["visual"], 4)  # its heart beats on until the last message is done
    until_there(database, 0)


def until_there(database: Database, queues: int) -> None:
    """Wait for a row that names so many queues."""
    for _ in range(200):
        with database.transaction() as tx:
            row = tx.one("SELECT coalesce(sum(cardinality(queues)), 0) AS n FROM worker_heartbeats")
        if row == {"n": queues}:
            return
        time.sleep(0.05)
    pytest.fail(f"not {queues} queues but {row}")

"""/metrics tells what may not be bought now, since when, and what is set aside and left; no user and no film is a label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import Component, Stage, Usage
from aida_orchestrator.services import Services
from aida_orchestrator.store import budgets, holds, spending
from aida_orchestrator.store.budgets import Ceiling
from aida_orchestrator.store.db import Database
from tests.builders import NOON, TENANT, Clock, Shared, add_film, add_jobs, admit_all, find_job, park
from tests.integration.standing import edit, hold_job, hold_stage, watching
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
        return samples(create_app(services, redis_url).test_client().get("/metrics").get_data(as_text=True))
    return read


def reserve(services: Services, film: str, key: str, provider: str, model: str, **units: int) -> None:
    """A paid call is under way."""
    with services.db.transaction() as tx:
        services.gate.reserve(tx, key, (film, None, TENANT, "u1"), Component.KLING, Usage(provider, model, units),
                              services.clock(), timedelta(days=35))


def test_the_switch_is_told_with_how_long_it_has_been_off(database: Database, clock: Clock, scrape: Scrape) -> None:
    with database.transaction() as tx:
        spending.stop(tx, "the bill is being looked at", clock())
    clock.advance(90)
    told = scrape()
    assert (told["aida_spending_stopped",], told["aida_spending_stopped_seconds",]) == (1, 90)
    with database.transaction() as tx:
        spending.start(tx)
    told = scrape()
    assert (told["aida_spending_stopped",], told["aida_spending_stopped_seconds",]) == (0, 0)


def test_an_empty_account_is_told_for_its_provider_alone(database: Database, clock: Clock, scrape: Scrape) -> None:
    with database.transaction() as tx:
        holds.pause(tx, "fal", "User is locked", clock())
        holds.pause(tx, "a new one", "402", clock())
    clock.advance(30)
    told = scrape()
    paused = {key[1]: value for key, value in told.items() if key[0] == "aida_provider_paused"}
    assert paused == {"kie": 0, "fal": 1, "anthropic": 0, "openai": 0, "other": 1}
    assert told["aida_provider_paused_seconds", "fal"] == 30


def test_films_are_counted_by_what_they_are_held_for_and_the_first_is_timed(
    database: Database, services: Services, clock: Clock, scrape: Scrape,
) -> None:
    """By films: three held pictures of one are one."""
    texts, pictures = add_film(database, clock()), add_film(database, clock(), first=Stage.VISUAL)
    hold_stage(services, texts, Stage.CONTEXT, clock, "provider")
    clock.advance(60)
    made = add_jobs(database, pictures, 3)
    park(database, pictures)
    admit_all(database)
    for job in made:
        hold_job(services, find_job(database, job.id), "budget")
    clock.advance(40)
    told = scrape()
    assert {key[1]: value for key, value in told.items() if key[0] == "aida_held_films"} == {
        "budget": 1, "spending": 0, "provider": 1}
    assert {key[1]: value for key, value in told.items() if key[0] == "aida_held_oldest_seconds"} == {
        "budget": 40, "spending": 0, "provider": 100}
    edit(database, "UPDATE tasks SET status = 'cancelled'")
    edit(database, "UPDATE jobs SET state = 'cancelled'")
    assert sum(value for key, value in scrape().items() if key[0].startswith("aida_held_")) == 0


def test_what_is_set_aside_is_told_by_provider_and_what_is_in_doubt_after_an_hour(
    database: Database, services: Services, clock: Clock, scrape: Scrape,
) -> None:
    film = add_film(database, clock())
    reserve(services, film.id, "one", "kie", "midjourney", tasks=1)
    clock.advance(3601)
    reserve(services, film.id, "two", "kie", "midjourney", tasks=1)
    reserve(services, film.id, "three", "fal", "a model that nobody knows", seconds=5)
    told = scrape()
    assert told["aida_reserved_dollars", "kie"] == pytest.approx(0.08)
    assert (told["aida_reservations", "kie"], told["aida_reservations_old", "kie"]) == (2, 1)
    assert (told["aida_reserved_dollars", "fal"], told["aida_reservations", "fal"]) == (0, 1)


def test_what_is_left_of_the_ceilings_for_everything_is_told_and_of_no_others(
    database: Database, services: Services, clock: Clock, redis_url: str, scrape: Scrape,
) -> None:
    film = add_film(database, user="somebody-private")
    with database.transaction() as tx:
        for scope, subject, period, dollars in (("tenant", "", "day", "0.16"), ("tenant", "", "month", "0"),
                                                ("user", "somebody-private", "day", "5"), ("film", film.id, "total", "1")):
            budgets.put_budget(tx, Ceiling(TENANT, scope, subject, period), Decimal(dollars), NOON)
    services.ledger.record_now(task=film, component=Component.MIDJOURNEY, usage=Usage("kie", "midjourney", {"tasks": 3}),
                               now=clock())
    told = scrape()
    assert (told["aida_budget_left_dollars", "day"], told["aida_budget_left_ratio", "day"]) == (0.04, 0.25)
    assert (told["aida_budget_left_dollars", "month"], told["aida_budget_left_ratio", "month"]) == (-0.12, 0)
    assert {key[1] for key in told if key[0].startswith("aida_budget_")} == {"day", "month"}
    clock.advance(24 * 3600)
    assert scrape()["aida_budget_left_ratio", "day"] == 1
    text = create_app(services, redis_url).test_client().get("/metrics").get_data(as_text=True)
    assert "somebody-private" not in text
    assert film.id not in text

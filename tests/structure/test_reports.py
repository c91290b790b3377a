"""The SQL that was published to customers runs as printed over a hundred films' charges, and answers what was sold."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from aida_orchestrator.ledger import Ledger, PriceBook, cache_hit_rate
from aida_orchestrator.model import Component, Usage
from aida_orchestrator.prices import load_sheets
from aida_orchestrator.store.db import Database, sql_folder
from tests.harness import Servers

# As the customer's document prints them, to the space at a line's end.
PRINTED = {
    "daily_costs": """-- Daily cost summary
SELECT 
  DATE("createdAt") as date,
  component,
  SUM("costDollars") as total_cost,
  AVG("cacheHitRate") as avg_cache_hit
FROM cost_tracking
WHERE "createdAt" >= NOW() - INTERVAL '7 days'
GROUP BY DATE("createdAt"), component;
""",  # noqa: W291 (printed so)
    "user_videos": """-- User video count
SELECT 
  "userId",
  COUNT(DISTINCT "taskId") as videos_created,
  AVG("costDollars") as avg_cost
FROM cost_tracking
GROUP BY "userId"
ORDER BY videos_created DESC
LIMIT 20;
""",  # noqa: W291 (printed so)
    "cache_hit_rate": """SELECT AVG("cacheHitRate") FROM cost_tracking WHERE component = 'orchestrator';
""",
}
FILMS = 100
KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"


@dataclass(frozen=True)
class Sold:
    """One call as the test knows it: at its own price, by hand."""

    at: datetime
    film: str
    user: str
    component: str
    dollars: Decimal | None
    rate: Decimal | None


@pytest.fixture(scope="module")
def hundred(servers: Servers) -> Iterator[tuple[Database, list[Sold]]]:
    """A hundred films of 25 users over twenty days, booked by the real ledger; every tenth has clips without a price."""
    dsn = servers.migrated_database()
    db = Database(dsn)
    chance, sold = random.Random(7), list[Sold]()
    ledger = Ledger(db, PriceBook(load_sheets(), Decimal("0.04")))
    begin = datetime.now(UTC) - timedelta(days=20)
    for number in range(FILMS):
        film, user, at = f"task_{number}", f"user_{(number * number) % 25}", begin + timedelta(days=20) * number / FILMS
        for component, usage, dollars in calls(chance, priced=number % 10 != 0):
            rate = cache_hit_rate(usage)
            ledger.record_now(task=(film, f"proj_{number}", "default", user), component=component, usage=usage, now=at)
            sold.append(Sold(at, film, user, component.value, dollars, rate))
    yield db, sold
    db.close()
    servers.drop(dsn)


def calls(chance: random.Random, *, priced: bool) -> Iterator[tuple[Component, Usage, Decimal | None]]:
    """What a film of ten seconds buys, and what each of it costs."""
    for component in (Component.ORCHESTRATOR, Component.ORCHESTRATOR, Component.WRITER, Component.DIRECTOR):
        new, read, out = chance.randrange(1, 900), chance.randrange(9000), chance.randrange(1, 900)
        yield (component, Usage("anthropic", "claude-sonnet-5-5", {
            "input_tokens": new, "cache_read_tokens": read, "output_tokens": out}),
            (new * Decimal(2) + read * Decimal("0.1") + out * Decimal(10)) / 1_000_000)
    for _ in range(2):
        yield Component.MIDJOURNEY, Usage("kie", "midjourney", {"tasks": 1}), Decimal("0.04")
        yield (Component.KLING, Usage("fal", KLING if priced else "fal-ai/of-the-future", {"seconds": 5}),
               Decimal("0.35") if priced else None)
    yield Component.MEMORY, Usage("openai", "text-embedding-3-small", {"input_tokens": 5000}), Decimal("0.0001")


def mean(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


@pytest.mark.parametrize("name", PRINTED)
def test_the_report_stands_as_it_was_printed(name: str) -> None:
    assert (sql_folder() / "reports" / f"{name}.sql").read_text() == PRINTED[name]


def test_daily_cost_summary_runs_as_printed(hundred: tuple[Database, list[Sold]]) -> None:
    db, sold = hundred
    with db.transaction() as tx:
        now = tx.one("SELECT now() AS now")
        rows = tx.all(PRINTED["daily_costs"])
    assert now is not None
    expected: dict[tuple[date, str], list[Sold]] = defaultdict(list)
    for one in sold:
        if one.at >= now["now"] - timedelta(days=7):
            expected[one.at.date(), one.component].append(one)
    assert {(row["date"], row["component"]) for row in rows} == set(expected)
    assert len({day for day, _ in expected}) in (7, 8)
    for row in rows:
        group = expected[row["date"], row["component"]]
        known = [one.dollars for one in group if one.dollars is not None]
        rates = [one.rate for one in group if one.rate is not None]
        assert row["total_cost"] == pytest.approx(sum(known, Decimal(0)), abs=Decimal("0.0001"))
        assert row["avg_cache_hit"] == (pytest.approx(mean(rates), abs=Decimal("0.00001")) if rates else None)


def test_user_video_count_runs_as_printed(hundred: tuple[Database, list[Sold]]) -> None:
    db, sold = hundred
    with db.transaction() as tx:
        rows = tx.all(PRINTED["user_videos"])
    films: dict[str, set[str]] = defaultdict(set)
    dollars: dict[str, list[Decimal]] = defaultdict(list)
    for one in sold:
        films[one.user].add(one.film)
        if one.dollars is not None:
            dollars[one.user].append(one.dollars)
    assert {row["userId"]: row["videos_created"] for row in rows} == {user: len(made) for user, made in films.items()}
    assert sum(row["videos_created"] for row in rows) == FILMS
    assert [row["videos_created"] for row in rows] == sorted((len(made) for made in films.values()), reverse=True)
    for row in rows:
        assert row["avg_cost"] == pytest.approx(mean(dollars[row["userId"]]), abs=Decimal("0.00001"))


def test_cache_hit_rate_runs_as_printed(hundred: tuple[Database, list[Sold]]) -> None:
    db, sold = hundred
    with db.transaction() as tx:
        row = tx.one(PRINTED["cache_hit_rate"])
    rates = [one.rate for one in sold if one.component == "orchestrator" and one.rate is not None]
    assert row == {"avg": pytest.approx(mean(rates), abs=Decimal("0.00001"))}


def test_vector_extension_statement_runs_as_printed(own_database: Database) -> None:
    with own_database.transaction() as tx:
        tx.run("CREATE EXTENSION IF NOT EXISTS vector;")

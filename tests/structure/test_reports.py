"""The SQL that was published to customers runs as printed, and answers what it says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aida_orchestrator.store import charges
from aida_orchestrator.store.db import Database

DAILY = """
-- Daily cost summary
SELECT 
  DATE("createdAt") as date,
  component,
  SUM("costDollars") as total_cost,
  AVG("cacheHitRate") as avg_cache_hit
FROM cost_tracking
WHERE "createdAt" >= NOW() - INTERVAL '7 days'
GROUP BY DATE("createdAt"), component;
"""  # noqa: W291 (printed so)
VIDEOS = """
-- User video count
SELECT 
  "userId",
  COUNT(DISTINCT "taskId") as videos_created,
  AVG("costDollars") as avg_cost
FROM cost_tracking
GROUP BY "userId"
ORDER BY videos_created DESC
LIMIT 20;
"""  # noqa: W291 (printed so)
CACHE = """
SELECT AVG("cacheHitRate") FROM cost_tracking WHERE component = 'orchestrator';
"""


@pytest.fixture
def booked(own_database: Database) -> Database:
    """Two films of one user and one of another: three calls of Claude, one clip without a known price."""
    with own_database.transaction() as tx:
        now = tx.one("SELECT now() AS now")
        assert now is not None
        for task, user, component, dollars, rate in (
            ("task_1", "ann", "orchestrator", "0.10", "0.5"), ("task_1", "ann", "orchestrator", "0.30", "0.7"),
            ("task_2", "ann", "kling", None, None), ("task_3", "bob", "orchestrator", "0.20", "0.6"),
        ):
            charges.add_charge(
                tx, tenant_id="default", user_id=user, project_id="proj_1", task_id=task, component=component,
                provider="anthropic", model="m", units={}, tokens=10, api_calls=1,
                dollars=Decimal(dollars) if dollars else None, cache_hit_rate=Decimal(rate) if rate else None,
                price_version="v", formula="f", job_id=None, now=now["now"])
    return own_database


def test_daily_cost_summary_runs_as_printed(booked: Database) -> None:
    with booked.transaction() as tx:
        rows = {row["component"]: row for row in tx.all(DAILY)}
    assert set(rows) == {"orchestrator", "kling"}
    assert rows["orchestrator"]["total_cost"] == Decimal("0.60")
    assert rows["orchestrator"]["avg_cache_hit"] == pytest.approx(Decimal("0.6"))
    assert rows["kling"]["total_cost"] is None


def test_user_video_count_runs_as_printed(booked: Database) -> None:
    with booked.transaction() as tx:
        rows = tx.all(VIDEOS)
    assert [(row["userId"], row["videos_created"]) for row in rows] == [("ann", 2), ("bob", 1)]
    assert rows[0]["avg_cost"] == pytest.approx(Decimal("0.20"))


def test_cache_hit_rate_runs_as_printed(booked: Database) -> None:
    with booked.transaction() as tx:
        row = tx.one(CACHE)
    assert row == {"avg": pytest.approx(Decimal("0.6"))}


def test_vector_extension_statement_runs_as_printed(own_database: Database) -> None:
    with own_database.transaction() as tx:
        tx.run("CREATE EXTENSION IF NOT EXISTS vector;")

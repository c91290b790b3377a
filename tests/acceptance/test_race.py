"""Many films race on few ceilings through a whole stack: none is passed at any moment, and the books agree at the end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from aida_orchestrator.store import budgets
from aida_orchestrator.store.budgets import Ceiling
from aida_orchestrator.store.db import Database

from ..chaos.blows import Striker
from ..chaos.ground import Ground
from ..chaos.plan import Blow, Mode, Plan
from ..chaos.stores import Stores
from ..harness import Sandbox, Servers, Service, ServiceWishes
from .cluster import until

# Every ceiling with what is booked and set aside under it, in one statement and so at one moment.
_STANDING = """
SELECT b.scope, b.subject, b.dollars, b.spent,
       (SELECT coalesce(sum(coalesce(c.dollars, c.counted)), 0) FROM charges c
        WHERE CASE b.scope WHEN 'tenant' THEN true WHEN 'user' THEN c.user_id = b.subject ELSE c.task_id = b.subject END),
       (SELECT coalesce(sum(r.dollars), 0) FROM reservations r
        WHERE CASE b.scope WHEN 'tenant' THEN true WHEN 'user' THEN r.user_id = b.subject ELSE r.task_id = b.subject END)
FROM budgets b"""
_MOVING = """
SELECT (SELECT count(*) FROM stage_runs s JOIN tasks t ON t.id = s.task_id
        WHERE t.status IN ('queued', 'processing') AND s.state IN ('ready', 'running'))
     + (SELECT count(*) FROM jobs WHERE state IN ('admitted', 'submitting', 'running', 'rendered')
                                     OR (state = 'unknown' AND unknown_at > now() - interval '15 seconds')
                                     OR (state = 'queued' AND held_for IS NULL))"""
_SET_ASIDE_AND_BOOKED = "SELECT r.key FROM reservations r JOIN charges c ON c.job_id = r.key"
_IN_DOUBT = """
SELECT j.id FROM jobs j WHERE (j.state IN ('submitting', 'unknown') OR (j.state = 'settled' AND j.outcome = 'lost'
                               AND j.provider_id IS NULL))
AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.key = j.id || '#' || j.attempt)"""
_OF_THE_ENDED = """
SELECT r.key FROM reservations r JOIN jobs j ON r.key = j.id || '#' || j.attempt
WHERE j.state IN ('queued', 'running', 'rendered', 'cancelled') OR (j.state = 'settled' AND j.outcome <> 'lost')"""
_BOUGHT_AGAIN = """
SELECT j.id FROM jobs j WHERE (SELECT count(*) FROM charges c WHERE split_part(c.job_id, '#', 1) = j.id)
    > cardinality(j.former_ids) + (j.provider_id IS NOT NULL)::int"""
_ANSWERED = "SELECT r.key FROM reservations r JOIN calls a ON r.key = a.task_id || ':' || a.fingerprint"


class Watch:
    """Looks at every ceiling again and again. `wrongs` are the moments at which one was passed, or its sum was not right."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.looks, self.wrongs, self.fullest = dsn, 0, list[str](), Decimal(0)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        connection = psycopg2.connect(self.dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def look(self) -> None:
        """Once."""
        for scope, subject, ceiling, spent, charged, reserved in self.rows(_STANDING):
            if charged + reserved > ceiling:
                self.wrongs.append(f"{scope} {subject}: {charged} booked and {reserved} set aside of {ceiling}")
            if spent != charged:
                self.wrongs.append(f"{scope} {subject}: {spent} counted, {charged} booked")
            if scope == "tenant":
                self.fullest = max(self.fullest, charged + reserved)
        self.looks += 1

    @contextmanager
    def looking(self) -> Iterator[None]:
        """All the time while the block runs; a database that is away is looked at when it is back."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.03):
                try:
                    self.look()
                except psycopg2.Error:
                    continue

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)

    def is_quiet(self) -> bool:
        """Whether every film has ended or waits for room, seen twice with a turn of the sweep between."""
        for _ in range(4):
            if self.rows(_MOVING) != [(0,)]:
                return False
            time.sleep(0.8)
        return True


def set_ceilings(dsn: str, tenant: str, user: str, users: list[str]) -> None:
    """One for all, and one for each user."""
    door = Database(dsn)
    try:
        with door.transaction() as tx:
            now = datetime.now(UTC)
            budgets.put_budget(tx, Ceiling("default", "tenant", "", "total"), Decimal(tenant), now)
            for name in users:
                budgets.put_budget(tx, Ceiling("default", "user", name, "day"), Decimal(user), now)
    finally:
        door.close()


def ask_for_films(service: Service, count: int, users: list[str]) -> list[str]:
    """Many at once; every fourth may cost less than its clip does."""
    def create(number: int) -> str:
        more = {"maxCostDollars": 0.38} if number % 4 == 0 else {}
        message = f"Voglio un video di 5 secondi sul mare, versione {number}"
        return str(service.create(message, users[number % len(users)], **more)["taskId"])

    with ThreadPoolExecutor(8) as together:
        return list(together.map(create, range(count)))


def assert_books_agree(watch: Watch) -> None:
    """What is set aside is what is in doubt and nothing else, and every ceiling's count is the sum of its charges."""
    watch.look()
    assert watch.wrongs == []
    assert watch.rows(_SET_ASIDE_AND_BOOKED) == [], "booked, and still set aside"
    assert watch.rows(_IN_DOUBT) == [], "in doubt, and not set aside"
    assert watch.rows(_OF_THE_ENDED) == [], "certainly not bought, or booked, and still set aside"
    assert watch.rows(_ANSWERED) == [], "answered, and still set aside"
    assert watch.rows(_BOUGHT_AGAIN) == [], "booked more often than bought"


@pytest.mark.slow
def test_a_hundred_films_that_race_through_three_workers_never_pass_a_ceiling(
    servers: Servers, dsn: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SANDBOX_PLAIN_MEDIA", "1")
    sandbox = Sandbox(tmp_path)
    service = Service(tmp_path, dsn, redis_url, sandbox, ServiceWishes({}, slots=6))
    users = [f"racer{number}" for number in range(5)]
    watch = Watch(dsn)
    sandbox.start()
    try:
        sandbox.reset()
        sandbox.latency(kie=0.1, fal=0.1, anthropic=0.02)
        set_ceilings(dsn, "3", "0.65", users)
        service.start()
        for name in ("worker-2", "worker-3"):
            service.start_worker(name)
        with watch.looking():
            ask_for_films(service, 100, users)
            until(watch.is_quiet, 300, "every film has ended or waits")
    finally:
        service.stop()
        totals = sandbox.ledger()["totals"]
        sandbox.stop()
    assert_books_agree(watch)
    assert watch.looks > 100
    assert watch.fullest > Decimal("2.6"), "the ceiling was never in the way"
    assert watch.rows("SELECT count(*) FROM reservations") == [(0,)]
    booked = Counter(dict(watch.rows("SELECT provider, count(*) FROM charges GROUP BY provider")))
    for provider in ("anthropic", "kie", "fal"):
        assert booked[provider] == totals.get(provider, {"sold": 0})["sold"], f"{provider} sold what is not booked"
    assert watch.rows("SELECT 1 FROM jobs WHERE cardinality(former_ids) > 0") == [], "something was bought again"


@pytest.mark.slow
def test_after_killed_workers_and_a_database_that_was_away_books_and_ceilings_agree(server_folder: Path) -> None:
    stores = Stores(server_folder)
    users = ["racer0", "racer1"]
    stores.start()
    mode = Mode(callbacks=True, signed=False, beats=1)
    ground = Ground(server_folder, stores, mode)
    watch, striker = Watch(ground.service.dsn), Striker(ground)
    try:
        ground.start()
        ground.begin(Plan(0, mode, {"kie": 0.4, "fal": 0.4, "anthropic": 0.1, "openai": 0.0}, ()))
        set_ceilings(ground.service.dsn, "2.5", "1.5", users)
        with watch.looking():
            ask_for_films(ground.service, 20, users)
            for blow in ("kill worker", "kill workers", "kill postgres", "kill worker-2", "crash postgres",
                         "kill everything"):
                time.sleep(2)
                striker.strike(Blow(0, blow, 1.5))
            until(watch.is_quiet, 240, "every film has ended or waits")
        assert striker.wrongs == []
        assert_books_agree(watch)
        totals = ground.sandbox.ledger()["totals"]
        booked = Counter(dict(watch.rows("SELECT provider, count(*) FROM charges GROUP BY provider")))
        doubts = Counter(dict(watch.rows("SELECT provider, count(*) FROM reservations GROUP BY provider")))
        for provider in ("kie", "fal"):
            sold = totals.get(provider, {"sold": 0})["sold"]
            assert booked[provider] <= sold <= booked[provider] + doubts[provider]
    finally:
        ground.stop()
        stores.stop()

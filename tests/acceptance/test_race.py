"""Many films race on few ceilings through a whole stack: none is passed at any moment, and the books agree at the end."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from ..chaos.blows import Striker
from ..chaos.ceilings import Watch, set_ceilings
from ..chaos.ground import Ground
from ..chaos.plan import Blow, Mode, Plan
from ..chaos.stores import Stores
from ..harness import Sandbox, Servers, Service, ServiceWishes
from .cluster import until

_MOVING = """
SELECT (SELECT count(*) FROM stage_runs s JOIN tasks t ON t.id = s.task_id
        WHERE t.status IN ('queued', 'processing') AND s.state IN ('ready', 'running'))
     + (SELECT count(*) FROM jobs WHERE state IN ('admitted', 'submitting', 'running', 'rendered')
                                     OR (state = 'unknown' AND unknown_at > now() - interval '15 seconds')
                                     OR (state = 'queued' AND held_for IS NULL))"""


def is_quiet(watch: Watch) -> bool:
    """Whether every film has ended or waits for room, seen twice with a turn of the sweep between."""
    for _ in range(4):
        if watch.rows(_MOVING) != [(0,)]:
            return False
        time.sleep(0.8)
    return True


def ask_for_films(service: Service, count: int, users: list[str]) -> list[str]:
    """Many at once; every fourth may cost less than its clip does."""
    def create(number: int) -> str:
        more = {"maxCostDollars": 0.38} if number % 4 == 0 else {}
        message = f"Voglio un video di 5 secondi sul mare, versione {number}"
        return str(service.create(message, users[number % len(users)], **more)["taskId"])

    with ThreadPoolExecutor(8) as together:
        return list(together.map(create, range(count)))


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
        set_ceilings(dsn, {("tenant", ""): "3", **{("user", name): "0.65" for name in users}})
        service.start()
        for name in ("worker-2", "worker-3"):
            service.start_worker(name)
        with watch.looking():
            ask_for_films(service, 100, users)
            until(lambda: is_quiet(watch), 300, "every film has ended or waits")
    finally:
        service.stop()
        totals = sandbox.ledger()["totals"]
        sandbox.stop()
    assert list(watch.books()) == []
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
        set_ceilings(watch.dsn, {("tenant", ""): "2.5", **{("user", name): "1.5" for name in users}})
        with watch.looking():
            ask_for_films(ground.service, 20, users)
            for blow in ("kill worker", "kill workers", "kill postgres", "kill worker-2", "crash postgres",
                         "kill everything"):
                time.sleep(2)
                striker.strike(Blow(0, blow, 1.5))
            until(lambda: is_quiet(watch), 240, "every film has ended or waits")
        assert striker.wrongs == []
        assert list(watch.books()) == []
        totals = ground.sandbox.ledger()["totals"]
        booked = Counter(dict(watch.rows("SELECT provider, count(*) FROM charges GROUP BY provider")))
        doubts = Counter(dict(watch.rows("SELECT provider, count(*) FROM reservations GROUP BY provider")))
        for provider in ("kie", "fal"):
            sold = totals.get(provider, {"sold": 0})["sold"]
            assert booked[provider] <= sold <= booked[provider] + doubts[provider]
    finally:
        ground.stop()
        stores.stop()

"""May it be bought now? What a call may cost is reserved before it, and no ceiling is passed, whoever asks at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from aida_orchestrator.errors import AccountEmpty, BudgetReached, Held, PriceUnknown, SpendingStopped
from aida_orchestrator.ledger import Gate, Ledger, PriceBook
from aida_orchestrator.model import Component, Task, Usage
from aida_orchestrator.prices import load_sheets
from aida_orchestrator.store import budgets, holds, spending
from aida_orchestrator.store.budgets import Budget, Ceiling
from aida_orchestrator.store.db import Database
from tests.builders import NOON, TENANT, Clock, Shared, add_film

CLIP = Usage("fal", "fal-ai/kling-video/v2.5-turbo/pro/image-to-video", {"seconds": 5})  # 0.35 dollars
PRICE = Decimal("0.35")
PICTURE = Usage("kie", "midjourney", {"tasks": 1})
NOWHERE_LISTED = Usage("fal", "fal-ai/kling-video/v99/image-to-video", {"seconds": 5})
HOUR = timedelta(hours=1)


@dataclass
class Till:
    """One process's gate and ledger on a database."""

    database: Database
    clock: Clock

    def __post_init__(self) -> None:
        book = PriceBook(load_sheets())
        self.gate, self.ledger, self._numbers = Gate(book), Ledger(self.database, book), count(1)

    def ceiling(self, dollars: str, scope: str = "tenant", subject: str = "", period: str = "total") -> None:
        """Set one."""
        with self.database.transaction() as tx:
            budgets.put_budget(tx, Ceiling(TENANT, scope, subject, period), Decimal(dollars), self.clock())

    def reserve(self, task: Task, usage: Usage = CLIP, key: str | None = None, *, probe: str | None = None) -> str:
        """Ask for one call; its key."""
        key = key or f"{task.id}#{next(self._numbers)}"
        with self.database.transaction() as tx:
            self.gate.reserve(tx, key, (task.id, task.project_id, task.tenant_id, task.user_id), Component.KLING, usage,
                              self.clock(), HOUR, probe)
        return key

    def book(self, task: Task, key: str, usage: Usage = CLIP) -> None:
        """The call was made."""
        self.ledger.record_now(task=task, component=Component.KLING, usage=usage, now=self.clock(), job_id=key)

    def release(self, key: str) -> None:
        """It was certainly not made."""
        with self.database.transaction() as tx:
            spending.release(tx, key)

    def stands(self, scope: str = "tenant", subject: str = "", period: str = "total") -> Budget:
        """How a ceiling stands."""
        with self.database.transaction() as tx:
            found = budgets.find_budget(tx, Ceiling(TENANT, scope, subject, period), self.clock())
        assert found is not None
        return found


@pytest.fixture
def till(database: Database, clock: Clock) -> Till:
    return Till(database, clock)


@pytest.fixture
def task(database: Database) -> Task:
    return add_film(database)


@pytest.fixture
def many(shared: Shared, database: Database) -> Iterator[Callable[[], Database]]:
    """`many()`: the database as one more process sees it."""
    opened: list[Database] = []

    def make() -> Database:
        opened.append(Database(shared.dsn, size=12))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_what_a_ceiling_leaves_is_bought_and_not_a_cent_more(till: Till, task: Task) -> None:
    till.ceiling("0.70")
    for _ in range(2):
        till.book(task, till.reserve(task))
    with pytest.raises(BudgetReached) as held:
        till.reserve(task)
    assert held.value.dollars == PRICE
    assert held.value.details["ceiling"] == {
        "scope": "tenant", "subject": "", "period": "total", "dollars": "0.700000", "spent": "0.700000",
        "reserved": "0.000000"}
    assert "would cost $0.35, and of the $0.70 for everything $0.70 is spent" in held.value.message
    assert till.stands() == Budget(
        till.stands().id, "tenant", "", "total", Decimal("0.7"), inherited=False, spent=Decimal("0.7"), reserved=Decimal(0))


def test_a_hundred_films_that_race_never_pass_a_ceiling_and_use_it_up(
    many: Callable[[], Database], till: Till, database: Database, clock: Clock,
) -> None:
    films = [add_film(database, user=f"u{number % 7}") for number in range(100)]
    till.ceiling("20")
    till.ceiling("4.10", "user", "u3", "month")
    till.ceiling("0.70", "film", films[0].id)
    tills, over, stop = [Till(many(), clock) for _ in range(4)], list[Budget](), threading.Event()

    def watch() -> None:
        while not stop.is_set():
            with database.transaction() as tx:
                over.extend(one for one in [*budgets.list_budgets(tx, TENANT, clock()),
                                            *budgets.list_budgets(tx, TENANT, clock(), scope="film")] if one.left < 0)

    def buy(number: int) -> None:
        dice, film, mine = random.Random(number), films[number], tills[number % 4]
        for _ in range(6):
            try:
                key = mine.reserve(film)
            except BudgetReached:
                continue
            if dice.random() < 0.25:
                mine.release(key)
            else:
                mine.book(film, key)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(buy, range(100)))
    # Releases of some have left room for others, who had given up by then.
    for number in range(100):
        while True:
            try:
                till.book(films[number], till.reserve(films[number]))
            except BudgetReached:
                break
    stop.set()
    watcher.join()
    assert over == []
    assert till.stands().spent == 57 * PRICE  # 19.95 of 20
    with database.transaction() as tx:
        booked = tx.one("""SELECT sum(dollars) AS all, coalesce(sum(dollars) FILTER (WHERE user_id = 'u3'), 0) AS u3,
                           coalesce(sum(dollars) FILTER (WHERE task_id = %(film)s), 0) AS film FROM charges""",
                        film=films[0].id) or {}
        assert booked == {"all": 57 * PRICE, "u3": till.stands("user", "u3", "month").spent,
                          "film": till.stands("film", films[0].id).spent}
        assert tx.all("SELECT 1 FROM reservations") == []


def test_a_ceiling_for_each_user_holds_for_each_by_themselves_but_for_those_with_one_of_their_own(
    till: Till, task: Task, database: Database,
) -> None:
    rich, other = add_film(database, user="rich"), add_film(database, user="u2")
    till.book(task, till.reserve(task))
    till.ceiling("0.70", "user", "*", "day")
    till.ceiling("1.05", "user", "rich", "day")

    def buys(film: Task) -> int:
        bought = 0
        while bought < 9:
            try:
                till.book(film, till.reserve(film))
            except BudgetReached:
                break
            bought += 1
        return bought

    assert (buys(task), buys(other), buys(rich)) == (1, 2, 3)  # one of the first was bought before
    till.ceiling("1.05", "user", "*", "day")
    assert (buys(task), buys(other), buys(rich)) == (1, 1, 0)
    with database.transaction() as tx:
        budgets.drop_budget(tx, Ceiling(TENANT, "user", "rich", "day"))
        assert [(one.subject, one.inherited) for one in budgets.list_budgets(tx, TENANT, NOON)] == [("*", False)]
    assert buys(rich) == 0
    with database.transaction() as tx:
        assert budgets.drop_budget(tx, Ceiling(TENANT, "user", "*", "day"))
    assert buys(rich) == 9


def test_a_call_that_costs_less_than_was_reserved_leaves_the_rest(till: Till, task: Task) -> None:
    most = Usage("anthropic", "claude-sonnet-5-5", {"cache_write_1h_tokens": 30_000, "output_tokens": 8000})
    price = till.gate.price(most, NOON)
    assert price is not None
    till.ceiling(str(price))
    key = till.reserve(task, most)
    with pytest.raises(BudgetReached):
        till.reserve(task, most)
    till.book(task, key, Usage("anthropic", "claude-sonnet-5-5", {"cache_read_tokens": 30_000, "output_tokens": 500}))
    assert (till.stands().spent < price / 2, till.stands().reserved) == (True, 0)


def test_what_is_in_doubt_stays_reserved_over_midnight_and_counts_in_the_day_that_began(
    till: Till, task: Task, clock: Clock,
) -> None:
    clock.now = datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC)
    till.ceiling("0.70", period="day")
    till.ceiling("1.05", period="month")
    doubtful, bought = till.reserve(task), till.reserve(task)
    till.book(task, bought)
    with pytest.raises(BudgetReached):
        till.reserve(task)
    clock.advance(60)
    till.book(task, till.reserve(task))
    with pytest.raises(BudgetReached):
        till.reserve(task)
    till.book(task, doubtful)  # it turned out to be bought: on the day on which it is known
    assert [till.stands(period=period).spent for period in ("day", "month")] == [Decimal("0.70"), Decimal("0.70")]
    clock.advance(24 * 3600)
    till.reserve(task)
    with pytest.raises(BudgetReached, match="a month"):
        till.reserve(task)
    assert (till.stands(period="day").spent, till.stands(period="month").spent) == (0, Decimal("0.70"))


def test_a_reservation_that_nobody_hears_of_again_is_let_go_when_its_time_is_over(
    till: Till, task: Task, database: Database, clock: Clock,
) -> None:
    till.ceiling("0.35")
    till.reserve(task)
    with database.transaction() as tx:
        assert spending.expire(tx, clock.advance(3599)) == 0
        assert spending.expire(tx, clock.advance(2)) == 1
    till.reserve(task)


def test_asked_twice_a_call_is_reserved_once(till: Till, task: Task) -> None:
    till.ceiling("0.35")
    assert till.reserve(task, key="same") == till.reserve(task, key="same")
    assert till.stands().reserved == PRICE


def test_a_ceiling_counts_what_was_spent_before_it_was_set_and_may_lie_below(till: Till, task: Task) -> None:
    other = add_film(till.database, user="u2")
    till.book(task, till.reserve(task))
    till.book(other, till.reserve(other))
    for scope, subject, spent in (("tenant", "", 2), ("user", "u1", 1), ("film", other.id, 1)):
        till.ceiling("0.30", scope, subject)
        assert till.stands(scope, subject).spent == spent * PRICE
    with pytest.raises(BudgetReached):
        till.reserve(task, PICTURE)
    till.ceiling("9", "tenant")
    till.ceiling("9", "user", "u1")
    till.reserve(task)


def test_a_charge_that_was_under_way_while_its_ceiling_was_set_is_counted_a_minute_later(
    till: Till, task: Task, database: Database, clock: Clock,
) -> None:
    with database.transaction() as tx:
        till.ledger.record(tx, task=task, component=Component.KLING, usage=CLIP, now=clock(), job_id="a#1")
        tx.flush()
        till.ceiling("1")
    assert till.stands().spent == 0
    with database.transaction() as tx:
        budgets.recount_due(tx, clock.advance(59))
    assert till.stands().spent == 0
    with database.transaction() as tx:
        budgets.recount_due(tx, clock.advance(2))
    assert till.stands().spent == PRICE


def test_a_picture_without_a_price_counts_cautiously_and_its_charge_stays_unknown(
    till: Till, task: Task, database: Database,
) -> None:
    till.ceiling("0.20")
    for _ in range(2):
        till.book(task, till.reserve(task, PICTURE), PICTURE)
    with pytest.raises(BudgetReached):
        till.reserve(task, PICTURE)
    with database.transaction() as tx:
        assert tx.all("SELECT DISTINCT dollars, counted FROM charges") == [{"dollars": None, "counted": Decimal("0.10")}]
    assert till.stands().spent == Decimal("0.20")
    till.ceiling("0.20")  # counted anew, it comes to the same
    assert till.stands().spent == Decimal("0.20")


def test_what_has_no_price_at_all_is_bought_only_where_there_is_no_ceiling(till: Till, task: Task) -> None:
    till.reserve(task, NOWHERE_LISTED)
    till.ceiling("100", "user", "u1", "day")
    with pytest.raises(PriceUnknown) as held:
        till.reserve(task, NOWHERE_LISTED)
    assert (held.value.dollars, held.value.word) == (None, "budget")
    till.reserve(add_film(till.database, user="u2"), NOWHERE_LISTED)


def test_the_switch_stops_everybody_and_says_why(till: Till, task: Task, database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        spending.stop(tx, "the card was stolen", clock())
    with pytest.raises(SpendingStopped) as held:
        till.reserve(task)
    assert (held.value.message, held.value.word) == (
        "the operator has stopped all spending (the card was stolen)", "spending")
    with database.transaction() as tx:
        assert tx.all("SELECT 1 FROM reservations") == []
        assert [spending.start(tx), spending.start(tx)] == [True, False]
    till.reserve(task)


def test_a_paused_provider_serves_only_whoever_tries_it_and_the_others_serve_on(
    till: Till, task: Task, database: Database, clock: Clock,
) -> None:
    with database.transaction() as tx:
        holds.pause(tx, "fal", "the fal account has no credit left", clock())
    with pytest.raises(AccountEmpty, match="no credit left"):
        till.reserve(task)
    till.reserve(task, PICTURE)
    with database.transaction() as tx:
        holds.let_through(tx, "fal", "job_1")
    with pytest.raises(AccountEmpty):
        till.reserve(task, probe="job_2")
    till.reserve(task, probe="job_1")
    with database.transaction() as tx:
        assert [holds.resume(tx, "fal"), holds.resume(tx, "fal")] == [True, False]
    till.reserve(task)


def test_whoever_is_held_leaves_no_reservation_behind(till: Till, task: Task, database: Database) -> None:
    till.ceiling("0.05")
    for usage in (CLIP, PICTURE, NOWHERE_LISTED):
        with pytest.raises(Held):
            till.reserve(task, usage)
    with database.transaction() as tx:
        assert tx.all("SELECT 1 FROM reservations") == []

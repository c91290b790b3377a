"""The chaos program judges by these: a plan that can be repeated, and a verdict that can be guilty."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.chaos.books import Sale, bought_twice, gone_since, too_many_at_once
from tests.chaos.lane import blocks
from tests.chaos.plan import MODES, make
from tests.chaos.told import tracebacks


def sale(number: str, at: float, state: str = "done", fingerprint: str = "same", ended: float | None = None,
         answered: bool = True) -> Sale:
    return Sale("kie", number, at, state, fingerprint, ended=ended, answered=answered)


def test_a_seed_makes_the_same_plan_each_time_and_another_seed_another() -> None:
    assert list(make(7).lines()) == list(make(7).lines())
    assert list(make(7).lines()) != list(make(8).lines())


def test_some_seeds_one_after_another_meet_every_way_of_being_told() -> None:
    plans = [make(seed) for seed in range(100, 125)]
    assert {plan.mode for plan in plans} == set(MODES)
    assert [len(block) for block in blocks(plans)] == [5, 5, 5, 5, 5]


def test_many_seeds_draw_every_blow_and_every_sort_of_fault() -> None:
    plans = [make(seed) for seed in range(300)]
    blows = {blow.what for plan in plans for blow in plan.blows}
    faults = {rule["fault"] for plan in plans for _, rule in plan.rules}
    assert {"kill worker", "kill web", "kill beat", "kill everything", "end worker", "pause worker", "flush valkey",
            "kill valkey", "kill postgres", "crash postgres", "forge callbacks"} <= blows
    assert {"status", "reset", "reset_after", "hang", "hang_after", "slow", "slow_after", "fail_job", "never_ends",
            "unknown_state", "malformed", "max_tokens", "drop", "double", "forge", "wrong_id", "cut_short",
            "expired", "balance"} == faults


def test_one_request_sold_twice_is_found() -> None:
    assert len(list(bought_twice([sale("a", 0), sale("b", 40)]))) == 1
    assert len(list(bought_twice([sale("a", 0, "running"), sale("b", 3)]))) == 1


def test_buying_again_after_a_failure_or_a_deadline_or_something_else_is_no_double() -> None:
    assert not list(bought_twice([sale("a", 0, "failed"), sale("b", 5)]))
    assert not list(bought_twice([sale("a", 0, "running"), sale("b", 50)]))
    assert not list(bought_twice([sale("a", 0), sale("b", 5, fingerprint="other")]))


def test_a_file_is_gone_when_it_was_refused_three_times_and_never_had() -> None:
    refused = [("a_0.jpeg", 404, 1.0), ("a_0.jpeg", 403, 2.0), ("a_0.jpeg", 404, 4.0)]
    assert gone_since(refused) == {"a": 4.0}
    assert gone_since(refused[:2]) == {}
    assert gone_since([*refused, ("a_0.jpeg", 200, 5.0)]) == {}
    assert gone_since([*refused, ("a_1.jpeg", 404, 5.0)]) == {}
    assert not list(bought_twice([replace(sale("a", 0), gone=4.0), sale("b", 5)]))
    assert len(list(bought_twice([replace(sale("a", 0), gone=4.0), sale("b", 3)]))) == 1


def test_a_fifth_picture_of_a_film_at_the_same_time_is_found() -> None:
    five = [sale(str(number), number, fingerprint=str(number), ended=5) for number in range(5)]
    film = {str(number): "film" for number in range(5)}
    assert len(list(too_many_at_once(five, film))) == 1
    assert not list(too_many_at_once(five[:4], film))
    assert not list(too_many_at_once([*five[:4], sale("4", 5, ended=6)], film))
    assert not list(too_many_at_once(five, {**film, "4": "another film"}))
    assert not list(too_many_at_once([*five[:4], sale("4", 4, ended=5, answered=False)], film))


def test_a_traceback_of_ours_is_found_and_an_outage_is_not(tmp_path: Path) -> None:
    def told(last: str) -> str:
        return json.dumps({"message": "x", "traceback": f"Traceback (most recent call last):\n  File\n{last}"})

    raw = "Traceback (most recent call last):\n  File\nValueError: raw"
    (tmp_path / "worker.log").write_text("\n".join([
        told("KeyError: 'ours'"), told("psycopg2.OperationalError: gone"), raw]))
    found = list(tracebacks(tmp_path))
    assert len(found) == 2
    assert "KeyError" in found[0]
    assert "ValueError" in found[1]

"""The chaos program judges by these: a plan that can be repeated, and a verdict that can be guilty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.chaos.plan import make
from tests.chaos.verdict import bought_twice, tracebacks


def sale(number: str, at: float, state: str = "done", fingerprint: str = "same") -> dict[str, Any]:
    return {"provider": "kie", "id": number, "at": at, "state": state, "fingerprint": fingerprint}


def test_a_seed_makes_the_same_plan_each_time_and_another_seed_another() -> None:
    assert list(make(7, 5).lines()) == list(make(7, 5).lines())
    assert list(make(7, 5).lines()) != list(make(8, 5).lines())


def test_one_request_sold_twice_is_found() -> None:
    assert len(list(bought_twice([sale("a", 0), sale("b", 40)]))) == 1
    assert len(list(bought_twice([sale("a", 0, "running"), sale("b", 5)]))) == 1


def test_buying_again_after_a_failure_or_a_deadline_or_something_else_is_no_double() -> None:
    assert not list(bought_twice([sale("a", 0, "failed"), sale("b", 5)]))
    assert not list(bought_twice([sale("a", 0, "running"), sale("b", 50)]))
    assert not list(bought_twice([sale("a", 0), sale("b", 5, fingerprint="other")]))


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

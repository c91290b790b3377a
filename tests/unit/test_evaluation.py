"""What the evaluation counts: recall over queries that mean something, false recall over those that mean nothing."""

from __future__ import annotations

from typing import Any

from tests.evaluation.recall import Answer, false_recall, recall, report


def answer(expect: list[str], hits: list[tuple[str, float]], why: str = "") -> Answer:
    query: dict[str, Any] = {"tenant": "t", "user": "u", "language": "it", "about": "project", "expect": expect, "why": why}
    return Answer(query, hits)


ANSWERS = [
    answer(["a"], [("a", 0.9)]),
    answer(["a"], [("b", 0.9), ("c", 0.8), ("d", 0.7), ("a", 0.6)]),
    answer([], [("a", 0.5)], "near miss: another bread"),
    answer([], [], "chit-chat: hello"),
]


def test_only_the_first_three_above_the_floor_count() -> None:
    assert recall(ANSWERS, 0.5) == 0.5
    assert recall(ANSWERS, 0.95) == 0


def test_false_recall_is_told_by_sort() -> None:
    assert (false_recall(ANSWERS, 0.4), false_recall(ANSWERS, 0.6)) == (0.5, 0)
    assert (false_recall(ANSWERS, 0.4, "near miss"), false_recall(ANSWERS, 0.4, "chit-chat")) == (1, 0)


def test_a_row_of_somebody_else_is_counted() -> None:
    items = [{"id": name, "tenant": "t", "user": "u"} for name in "abc"] + [{"id": "d", "tenant": "t", "user": "other"}]
    assert "rows of another user or tenant: 1" in report(ANSWERS, items, "test", 0.5)

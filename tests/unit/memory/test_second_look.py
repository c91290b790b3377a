"""What a second look makes of what vectors found, and that an embedder without one is taken at its word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from aida_orchestrator.memory.second_look import MOST_JUDGED, first_look, look_again
from aida_orchestrator.model import Role, Task, Usage
from aida_orchestrator.pipeline.questions import KeptQuestions
from tests.builders import Clock, make_services

FOUND: list[dict[str, Any]] = [{"item_id": "near", "similarity": 0.4}, {"item_id": "far", "similarity": 0.2},
                               {"item_id": "else", "similarity": 0.1}]
TEXTS = ["a cat", "a dog on the beach", "a bank"]


class Plain:
    """An embedder of the service, without a second look."""

    name = "plain"

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        return [[1.0] for _ in texts], Usage("plain", self.name, {})


class Looking(Plain):
    """One that finds a text as sure as it has words of the question."""

    def judge(self, question: str, found: Sequence[tuple[str, float]]) -> list[float]:
        words = set(question.split())
        return [len(words & set(text.split())) / len(words) for text, _ in found]


def test_the_cosine_of_an_embedder_without_a_second_look_is_its_similarity() -> None:
    assert first_look(Plain(), 3, 0.7) == (3, 0.7)
    assert look_again(Plain(), "dog beach", FOUND, TEXTS, 1, 0.7) == FOUND


def test_a_second_look_sees_the_nearest_few_whatever_their_cosine() -> None:
    assert first_look(Looking(), 3, 0.7) == (MOST_JUDGED, -1.0)
    assert first_look(Looking(), 20, 0.7) == (20, -1.0)


def test_what_it_says_is_the_order_the_similarity_and_what_the_floor_is_for() -> None:
    assert look_again(Looking(), "dog beach", FOUND, TEXTS, 3, 0.5) == [{"item_id": "far", "similarity": 1.0}]
    order = [row["item_id"] for row in look_again(Looking(), "a dog", FOUND, TEXTS, 2, 0.0)]
    assert order == ["far", "near"]
    assert look_again(Looking(), "dog beach", [], [], 3, 0.5) == []


def test_one_that_stands_before_an_embedder_looks_again_through_it() -> None:
    class Kept(Plain):
        behind = Looking()

    assert first_look(Kept(), 3, 0.7) == (MOST_JUDGED, -1.0)
    assert look_again(Kept(), "dog beach", FOUND, TEXTS, 3, 0.5) == [{"item_id": "far", "similarity": 1.0}]


def test_what_keeps_a_films_questions_stands_before_its_embedder(tmp_path: Path) -> None:
    services = replace(make_services("postgresql://nowhere.invalid/none", tmp_path, Clock()), make_embedder=Looking)
    assert first_look(KeptQuestions(services, cast(Task, None)), 3, 0.7) == (MOST_JUDGED, -1.0)

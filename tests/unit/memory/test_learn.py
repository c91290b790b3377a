"""What is embedded of a project, and which vectors are refused before they reach a row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aida_orchestrator.errors import AnswerUnusable
from aida_orchestrator.memory.embedding import WIDTH, embed_one
from aida_orchestrator.memory.learn import what_it_is_about
from aida_orchestrator.model import Brief, Role, Style, Usage

USAGE = Usage("openai", "text-embedding-3-small", {"input_tokens": 3})


class Fixed:
    """An embedder that always gives these vectors."""

    name = "fixed"

    def __init__(self, *vectors: Sequence[float]) -> None:
        self._vectors = vectors

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[Sequence[Sequence[float]], Usage]:
        return self._vectors, USAGE


def test_a_project_is_about_its_title_message_intent_tone_and_style() -> None:
    brief = Brief(
        title="Il pane", language="it", intent="Un fornaio\x00 prima dell'alba.", tone="quieto", style=Style(words="oil"),
        duration_seconds=30, aspect_ratio="16:9",
    )
    assert what_it_is_about("Il pane", "un video\nsul pane", brief) == (
        "Il pane\nun video sul pane\nUn fornaio prima dell'alba.\nquieto\noil")
    assert len(what_it_is_about("t", "m" * 90_000, brief)) <= 6000


@pytest.mark.parametrize("vectors", [
    (), ([0.1] * 384,), ([0.1] * WIDTH, [0.1] * WIDTH), ([float("nan")] * WIDTH,), ([float("inf")] * WIDTH,),
])
def test_vectors_that_cannot_be_kept_are_refused_and_still_reported(vectors: tuple[Sequence[float], ...]) -> None:
    reported: list[Usage] = []
    with pytest.raises(AnswerUnusable, match="fixed"):
        embed_one(Fixed(*vectors), "pane", reported.append)
    assert reported == [USAGE]

"""What memory needs of an embedder: a name that stands for one vector space, and vectors of one width."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from ..errors import AnswerUnusable
from ..model import Usage

WIDTH = 1536
OnUsage = Callable[[Usage], None]


class Embedder(Protocol):
    """Turns texts into vectors; `name` changes whenever its vectors stop being comparable with earlier ones."""

    @property
    def name(self) -> str:
        """The model behind it."""

    def embed(self, texts: Sequence[str], /) -> tuple[Sequence[Sequence[float]], Usage]:
        """One vector a text, in order, and what the call consumed."""


def embed_one(embedder: Embedder, text: str, on_usage: OnUsage | None = None) -> list[float]:
    """The vector of one text; raises AnswerUnusable (after the usage was reported) when it cannot be kept."""
    vectors, usage = embedder.embed([text])
    if on_usage is not None:
        on_usage(usage)
    if len(vectors) != 1 or len(vectors[0]) != WIDTH:
        got = f"{len(vectors)} vectors" if len(vectors) != 1 else f"{len(vectors[0])} numbers"
        raise AnswerUnusable(
            usage.provider,
            f"Embedder {embedder.name} gave {got}; memory keeps one vector of {WIDTH} numbers: choose such a model",
        )
    vector = [float(number) for number in vectors[0]]
    if not all(map(math.isfinite, vector)):
        raise AnswerUnusable(usage.provider, f"Embedder {embedder.name} gave a vector with NaN or infinity in it")
    return vector

"""What memory needs of an embedder: a name that stands for one vector space, and vectors of one width."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from ..errors import AnswerUnusable
from ..model import Role, Usage

WIDTH = 1536
OnUsage = Callable[[Usage], None]


class Embedder(Protocol):
    """Turns texts into vectors; `name` changes whenever its vectors stop being comparable with earlier ones."""

    @property
    def name(self) -> str:
        """The model behind it."""

    def embed(self, texts: Sequence[str], /, *, role: Role = "passage") -> tuple[Sequence[Sequence[float]], Usage]:
        """One vector a text, in order, and what the call consumed; `role` is query for what is asked, passage for what
        is to be found."""


def embed_one(
    embedder: Embedder, text: str, on_usage: OnUsage | None = None, *, role: Role = "passage"
) -> list[float]:
    """The vector of one text; raises AnswerUnusable (after the usage was reported) when it cannot be kept."""
    return embed_all(embedder, [text], on_usage, role=role)[0]


def embed_all(
    embedder: Embedder, texts: Sequence[str], on_usage: OnUsage | None = None, *, role: Role = "passage"
) -> list[list[float]]:
    """One vector a text, by one call; raises AnswerUnusable (after the usage was reported) when they cannot be kept."""
    try:
        vectors, usage = embedder.embed(texts, role=role)
    except AnswerUnusable as error:
        if on_usage is not None and error.usage is not None:
            on_usage(error.usage)
        raise
    if on_usage is not None:
        on_usage(usage)
    widths = {len(vector) for vector in vectors}
    if len(vectors) != len(texts) or widths != {WIDTH}:
        got = f"{len(vectors)} vectors" if len(vectors) != len(texts) else f"{max(widths)} numbers"
        raise AnswerUnusable(
            usage.provider,
            f"Embedder {embedder.name} gave {got}; memory keeps one vector of {WIDTH} numbers: choose such a model",
        )
    plain = [[float(number) for number in vector] for vector in vectors]
    if not all(math.isfinite(number) for vector in plain for number in vector):
        raise AnswerUnusable(usage.provider, f"Embedder {embedder.name} gave a vector with NaN or infinity in it")
    return plain

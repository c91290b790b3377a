"""Which concepts of concepts.txt a text speaks of, in any of its languages, and which words stand for nothing there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WORDS = re.compile(r"[^\W_]+(?:'(?=\w))?")
_GROUP = re.compile(r"\[(?P<name>[^\]]+) (?P<weight>[\d.]+)\]")
_Index = dict[str, set[int]]
_LEAST_STEM, _LEAST_INSIDE = 3, 5
# Endings that Italian, English, Spanish and German put on one word, longest first; what is left is the stem.
_ENDINGS = ("innen", "ungen", "ing", "ern", "nen", "ies", "en", "er", "es", "in", "is", "os", "as", "a", "e", "i", "o", "s",
            "n", "y")


@dataclass(frozen=True, slots=True)
class Found:
    """`concepts`: index to weight; `others`: words without a concept, folded, that are not idle."""

    concepts: dict[int, float]
    others: frozenset[str]


def find_concepts(text: str) -> Found:
    """What a text speaks of: each concept once, and the words that no concept has."""
    (lexicon, weights), idle = _lexicon(), _idle()
    tokens = [fold(word) for word in _WORDS.findall(text)]
    plain = [token.rstrip("'") for token in tokens]
    found: dict[int, float] = {}
    others: set[str] = set()
    skip = set()
    for length in (4, 3, 2):
        for at in range(len(plain) - length + 1):
            hits = lexicon.phrases.get(_phrase(plain[at:at + length]))
            if hits:
                found |= {hit: weights[hit] for hit in hits}
                skip |= set(range(at, at + length))
    for at, word in enumerate(plain):
        if at in skip or word in idle or len(word) < 2:
            continue
        hits = lexicon.of(word)
        if hits:
            found |= {hit: weights[hit] for hit in hits}
        else:
            others.add(word)
    return Found(found, frozenset(others))


def content_words(text: str) -> list[str]:
    """The words of a text that are not idle, each once, as they are written."""
    said = (word.rstrip("'") for word in _WORDS.findall(text))
    return list(dict.fromkeys(word for word in said if len(folded := fold(word)) > 1 and folded not in _idle()))


def concept_count() -> int:
    """How many concepts there are: their indexes run from 0."""
    return len(_lexicon()[1])


def fold(text: str) -> str:
    """Small letters without accents; German's ß as ss."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, frozenset[int]]
    stems: dict[str, frozenset[int]]
    beginnings: dict[str, frozenset[int]]
    phrases: dict[str, frozenset[int]]

    def of(self, word: str) -> frozenset[int]:
        """Concepts of one folded word: itself, else its stem, else (German joins words) its beginning and end."""
        return (self.words.get(word) or self.stems.get(_stem(word)) or self._begun(word) or self._inside(word))

    def _begun(self, word: str) -> frozenset[int]:
        for length in range(len(word), _LEAST_INSIDE - 2, -1):
            if word[:length] in self.beginnings:
                return self.beginnings[word[:length]]
        return frozenset()

    def _inside(self, word: str) -> frozenset[int]:
        # Only parts that are words of their own: "hochzeitstorte" is a wedding and a cake.
        if len(_stem(word)) < _LEAST_INSIDE + 2:
            return frozenset()
        heads = (word[:end] for end in range(len(word) - 2, _LEAST_INSIDE - 2, -1))
        tails = (word[start:] for start in range(3, len(word) - _LEAST_INSIDE + 2))
        return _first(heads, self._whole) | _first(tails, self._whole)

    def _whole(self, part: str) -> frozenset[int] | None:
        return self.words.get(part) or (self.stems.get(_stem(part)) if len(_stem(part)) >= _LEAST_INSIDE else None)


def _first(parts: Iterable[str], find: Callable[[str], frozenset[int] | None]) -> frozenset[int]:
    return next((found for part in parts if (found := find(part))), frozenset())


@cache
def _lexicon() -> tuple[_Lexicon, tuple[float, ...]]:
    words, stems, beginnings, phrases = ({}, {}, {}, {})  # type: tuple[_Index, _Index, _Index, _Index]
    weights: list[float] = []
    weight = 1.0
    for line in Path(__file__).with_name("concepts.txt").read_text("utf-8").splitlines():
        group = _GROUP.fullmatch(line.strip())
        if group:
            weight = float(group["weight"])
        if group or not line.strip() or line.startswith("#"):
            continue
        for entry in fold(line.replace("|", " ")).split():
            if entry.endswith("*"):
                beginnings.setdefault(entry[:-1], set()).add(len(weights))
            elif "_" in entry:
                phrases.setdefault(_phrase(entry.split("_")), set()).add(len(weights))
            else:
                words.setdefault(entry, set()).add(len(weights))
                stems.setdefault(_stem(entry), set()).add(len(weights))
        weights.append(weight)
    made = ({key: frozenset(value) for key, value in index.items()} for index in (words, stems, beginnings, phrases))
    return _Lexicon(*made), tuple(weights)


@cache
def _idle() -> frozenset[str]:
    lines = Path(__file__).with_name("idle_words.txt").read_text("utf-8").splitlines()
    return frozenset(fold(" ".join(line for line in lines if not line.startswith("#"))).split())


def _phrase(words: Sequence[str]) -> str:
    return " ".join(_stem(word) for word in words)

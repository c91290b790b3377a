"""The pairs as the second look sees them: every word of a question beside every item, and the texts as wholes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aida_orchestrator.providers.concepts import content_words
from aida_orchestrator.providers.local_embedder import plain
from aida_orchestrator.providers.second_look import MOST_ASKED, MOST_HELD, read, steps, unit

from .texts import PAIRS, Array, Pairs, Texts, passages_of


@dataclass(frozen=True)
class Looks:
    """Questions (small talk last, of item -1) and items. A word is a row of `words`; `nearness` says how near the nearest
    word of each item is to it."""

    pairs: Pairs
    texts: list[str]
    facets: list[list[str]]  # of each item the texts that are embedded; the first is looked at
    asked: Array  # a question a row: its words
    there: Array  # and whether there is one
    words: Array
    nearness: Array
    raw: Array

    @cached_property
    def item(self) -> Array:
        """Of each question."""
        return np.concatenate([self.pairs.questions.item, self.pairs.talk.item])

    @cached_property
    def means(self) -> Array:
        """Of each question, whether it means its item."""
        return np.concatenate([self.pairs.questions.means, self.pairs.talk.means])

    def whole(self, means: tuple[Array, Array]) -> Array:
        """The cosine of each question with each item, as wholes."""
        return np.asarray(unit(self.raw - means[0]) @ unit(self.pairs.passages.raw - means[1]).T)

    def met(self, chosen: Array, items: Array) -> Array:
        """How near each word of these questions is to these items, one item a question, as steps."""
        return steps(self.nearness[self.asked[chosen], items[:, None]])


def read_looks(names: Sequence[str]) -> Looks:
    """The items of these files; the encoder reads some thousand texts in a minute or two."""
    lines = [(PAIRS / f"{name}.jsonl").read_text("utf-8").splitlines() for name in names]
    items: list[dict[str, Any]] = [json.loads(line) for some in lines for line in some]
    asked = [(number, sort == "yes", text) for number, item in enumerate(items) for sort in ("yes", "near")
             for text in item[sort]]
    talk = [(-1, False, text) for text in (PAIRS / "smalltalk.txt").read_text("utf-8").splitlines()]
    facets = [[plain(text) for text in passages_of(item)] for item in items]
    held = [texts[0] for texts in facets]
    rows = [*asked, *talk]
    raw = read([plain(text) for _, _, text in rows])
    said = [content_words(plain(text))[:MOST_ASKED] for _, _, text in rows]
    place = {word: number for number, word in enumerate(dict.fromkeys(word for some in said for word in some))}
    words = unit(read(list(place)))
    numbers, there = np.zeros((len(rows), MOST_ASKED), int), np.zeros((len(rows), MOST_ASKED), np.float32)
    for row, some in enumerate(said):
        numbers[row, : len(some)], there[row, : len(some)] = [place[word] for word in some], 1
    return Looks(
        pairs=Pairs(kind=np.array([item["kind"] for item in items]),
                    file=np.repeat(np.arange(len(names)), [len(some) for some in lines]),
                    questions=_texts(asked, raw[: len(asked)]), subjects=_texts([], raw[:0]),
                    passages=_texts([(number, True, text) for number, text in enumerate(held)], read(held)),
                    talk=_texts(talk, raw[len(asked):])),
        texts=[text for _, _, text in rows], facets=facets, asked=numbers, there=there, words=words,
        nearness=_nearness(words, held), raw=raw)


def _nearness(words: Array, held: Sequence[str]) -> Array:
    known: dict[str, Array] = {}
    near = np.zeros((len(words), len(held)), np.float32)
    for item, text in enumerate(held):
        own = content_words(text)[:MOST_HELD]
        new = [word for word in own if word not in known]
        if new:
            known.update(zip(new, unit(read(new)), strict=True))
        if own:
            near[:, item] = (words @ np.array([known[word] for word in own]).T).max(1)
    return near


def _texts(rows: Sequence[tuple[int, bool, str]], raw: Array) -> Texts:
    return Texts(raw, np.zeros((len(rows), 0), np.float32), np.array([item for item, _, _ in rows], int),
                 np.array([means for _, means, _ in rows], bool))

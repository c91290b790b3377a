"""Users made up of items that were not learned from, and what recall over them is worth at a floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .texts import Array, Pairs, Texts

# Of what means nothing, so much is of each sort. A user's neighbour is what another's bait is nearest to.
MIX = {"small talk": 0.15, "another's": 0.3, "another's bait": 0.3, "near miss": 0.25}
_NOTHING, _USERS = -9.0, 40


@dataclass(frozen=True)
class Likeness:
    """How like the items are to each question, to each that names a subject alone, and to each line of small talk."""

    questions: Array
    subjects: Array
    talk: Array


@dataclass(frozen=True)
class Outcome:
    """Best likeness of what was meant (-9 if it is not among the first three), of what was meant by its subject alone, and
    of anything where nothing was meant."""

    meant: Array
    named: Array
    nothing: Mapping[str, Array]

    def recall(self, floor: float) -> float:
        """Share of the questions that mean something whose item is among the first three."""
        return float((self.meant >= floor).mean())

    def recall_by_subject(self, floor: float) -> float:
        """The same of those that name a subject and no more."""
        return float((self.named >= floor).mean()) if len(self.named) else float("nan")

    def false_recall(self, floor: float) -> float:
        """Share of the others for which something is found, the sorts weighed as in MIX."""
        return float(sum(share * (self.nothing[sort] >= floor).mean() for sort, share in MIX.items()))

    def floor(self, most: float) -> float:
        """The least floor with no more false recall than this."""
        low, high = -2.0, 2.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.false_recall(middle) > most else (low, middle)
        return high


def mixed_folds(pairs: Pairs, count: int, seed: int) -> Array:
    """A fold for each item, so that each fold has its share of every file and kind."""
    chance, folds = np.random.default_rng(seed), np.zeros(len(pairs.kind), int)
    for file in np.unique(pairs.file):
        for kind in np.unique(pairs.kind):
            items = chance.permutation(np.flatnonzero((pairs.file == file) & (pairs.kind == kind)))
            folds[items] = (np.arange(len(items)) + chance.integers(count)) % count
    return folds


def meet(pairs: Pairs, folds: Array, likeness: Mapping[int, Likeness], seed: int = 1) -> Outcome:
    """Ask for each user of each fold; `likeness` is what each fold's model says that did not see the fold."""
    chance = np.random.default_rng(seed)
    meant: list[float] = []
    named: list[float] = []
    nothing: dict[str, list[float]] = {sort: [] for sort in MIX}
    near = _neighbours(pairs)
    for fold, seen in likeness.items():
        members = np.flatnonzero(folds == fold)
        for own in _users(pairs, members, chance):
            _ask_own(pairs, own, seen.questions, pairs.questions, meant, nothing["near miss"])
            _ask_own(pairs, own, seen.subjects, pairs.subjects, named, [])
            out = np.setdiff1d(members, own)
            _ask_foreign(pairs, own, seen, chance.choice(out, 8, replace=False), chance, nothing["another's"])
            bait = [next((other for other in near[item] if other in out and pairs.kind[other] == pairs.kind[item]), None)
                    for item in chance.choice(own, 8, replace=False)]
            _ask_foreign(pairs, own, seen, [item for item in bait if item is not None], chance, nothing["another's bait"])
            films = own[pairs.kind[own] == "project"]
            nothing["small talk"] += seen.talk[:, films].max(1, initial=_NOTHING).tolist()
    return Outcome(np.array(meant), np.array(named), {sort: np.array(found) for sort, found in nothing.items()})


def _users(pairs: Pairs, members: Array, chance: np.random.Generator) -> Iterator[Array]:
    """8 to 15 items each, up to half of them from one file."""
    for _ in range(_USERS):
        size, file = int(chance.integers(8, 16)), chance.choice(pairs.file[members])
        alike = members[pairs.file[members] == file]
        some = chance.choice(alike, min(len(alike), size // 2), replace=False)
        yield np.concatenate([some, chance.choice(np.setdiff1d(members, some), size - len(some), replace=False)])


def _ask_own(pairs: Pairs, own: Array, seen: Array, asked: Texts, meant: list[float], near: list[float]) -> None:
    for item in own:
        among = own[pairs.kind[own] == pairs.kind[item]]
        for question in np.flatnonzero(asked.item == item):
            row = seen[question]
            if not asked.means[question]:
                near.append(float(row[among].max()))
            else:
                meant.append(float(row[item]) if (row[among] > row[item]).sum() < 3 else _NOTHING)


def _ask_foreign(pairs: Pairs, own: Array, seen: Likeness, others: Array | list[int], chance: np.random.Generator,
                 found: list[float]) -> None:
    for item in others:
        question = chance.choice(np.flatnonzero((pairs.questions.item == item) & pairs.questions.means))
        among = own[pairs.kind[own] == pairs.kind[item]]
        found.append(float(seen.questions[question][among].max(initial=_NOTHING)))


def _neighbours(pairs: Pairs) -> Array:
    first = np.unique(pairs.passages.item, return_index=True)[1]
    raw = pairs.passages.raw[first] - pairs.passages.raw[first].mean(0)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    return np.asarray(np.argsort(-(raw @ raw.T), axis=1)[:, 1:])

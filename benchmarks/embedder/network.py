"""What is learned and how: the embedder's own two parts, with gradients written by hand, and Adam.

A question is to give its item more than a bar that is one for all, and everything else less. For each question some items
are drawn as one user's: what the likenesses k * (s - bar) of these say is a softmax in which "nothing" stands at 0. A
question that means an item is asked with it (the item is right) and without it (nothing is right); one that is only near,
with it (nothing is right).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .texts import Array, Texts

Numbers = dict[str, Array]
_ROLES = ("query", "passage")


@dataclass(frozen=True)
class Plan:
    """How long and how boldly; chosen by the cross-validation that train.py prints."""

    steps: int = 200
    items: int = 110  # a step looks at
    rate: float = 5e-4
    decay: float = 0.05  # towards what was there before learning
    foreign: float = 0.6  # what a question without its item counts
    near: float = 0.8
    user: tuple[float, float] = (0.02, 0.12)  # share of the other items that are drawn as one user's
    seed: int = 0


class Read(NamedTuple):
    """A text's two parts, and what their gradients need."""

    meaning: Array
    length: Array
    subjects: Array
    size: Array


def start(concepts: int) -> Numbers:
    """Before learning: E5 as it is, all concepts alike, both parts alike."""
    made: Numbers = {"weights": np.zeros(concepts + 1, np.float32), "doubt": np.full(2, np.log(0.3), np.float32),
                     "shares": np.zeros(2, np.float32), "bar": np.array([np.log(10.0), 0.15], np.float32)}
    made["weights"][-1] = np.log(0.2)
    for role in _ROLES:
        made[f"turn_{role}"] = np.zeros((384, 384), np.float32)
        made[f"lift_{role}"] = np.zeros((concepts, 384), np.float32)
    return made


def centred(texts: Texts, mean: Array) -> Array:
    """E5's numbers less their mean, of length 1."""
    return np.asarray(_unit(texts.raw - mean)[0])


def read(numbers: Numbers, meaning: Array, spoken: Array, role: str) -> Read:
    """The two parts of texts, as learned.py makes them."""
    concepts = len(numbers["weights"]) - 1
    turned, length = _unit(meaning + meaning @ numbers[f"turn_{role}"] + spoken[:, :concepts] @ numbers[f"lift_{role}"])
    weighed, doubt = spoken * _spread(numbers["weights"], spoken.shape[1]), np.exp(numbers["doubt"][_ROLES.index(role)])
    size = np.sqrt((weighed**2).sum(1, keepdims=True) + doubt**2)
    return Read(turned, length, weighed / size, size)


def likeness(numbers: Numbers, questions: Read, passages: Read) -> Array:
    """The cosine of each question with each passage."""
    one, other = _shares(numbers)
    return np.asarray(one * (questions.meaning @ passages.meaning.T) + other * (questions.subjects @ passages.subjects.T))


def learn(questions: Texts, passages: Texts, means: Mapping[str, Array], items: Array, concepts: int, plan: Plan) -> Numbers:
    """Numbers learned from these items."""
    chance, numbers = np.random.default_rng(plan.seed), start(concepts)
    first = {name: np.zeros_like(array) for name, array in numbers.items()}
    second = {name: np.zeros_like(array) for name, array in numbers.items()}
    begun = numbers["weights"].copy()
    asked, kept = centred(questions, means["query"]), centred(passages, means["passage"])
    waiting: list[int] = []
    for step in range(plan.steps):
        if len(waiting) < plan.items:
            waiting = chance.permutation(items).tolist()
        drawn, waiting = waiting[: plan.items], waiting[plan.items:]
        rows, held = np.flatnonzero(np.isin(questions.item, drawn)), np.flatnonzero(np.isin(passages.item, drawn))
        gradient = _gradient(numbers, questions.of(rows), asked[rows], passages.of(held), kept[held], plan, chance)
        ease = min(1.0, 2 * (1 - step / plan.steps))
        for name, slope in gradient.items():
            first[name] = 0.9 * first[name] + 0.1 * slope
            second[name] = 0.99 * second[name] + 0.01 * slope**2
            move = first[name] / (1 - 0.9 ** (step + 1)) / (np.sqrt(second[name] / (1 - 0.99 ** (step + 1))) + 1e-8)
            if name.startswith(("turn", "lift")):
                numbers[name] -= plan.rate * ease * (move + plan.decay * numbers[name])
            else:
                drift = plan.decay * (numbers[name] - begun) if name == "weights" else 0.0
                numbers[name] -= 0.01 * ease * (move + drift)
    return numbers


def _gradient(numbers: Numbers, questions: Texts, asked: Array, passages: Texts, kept: Array, plan: Plan,
              chance: np.random.Generator) -> Numbers:
    one, two = read(numbers, asked, questions.spoken, "query"), read(numbers, kept, passages.spoken, "passage")
    likes = likeness(numbers, one, two)
    steep, bar = np.exp(numbers["bar"][0]), numbers["bar"][1]
    slope = _slope(steep * (likes - bar), questions, passages, plan, chance)
    made: Numbers = {"bar": np.array([(slope * steep * (likes - bar)).sum(), -slope.sum() * steep], np.float32)}
    slope = (slope * steep).astype(np.float32)
    share = _shares(numbers)
    toward = [(slope * (part @ other.T)).sum() for part, other in ((one.meaning, two.meaning), (one.subjects, two.subjects))]
    lean = share[0] * share[1] * (toward[0] - toward[1])
    made["shares"] = np.array([lean, -lean], np.float32)
    concepts = len(numbers["weights"]) - 1
    doubts: list[float] = []
    weights = np.zeros(questions.spoken.shape[1], np.float32)
    for role, text, own, other, pull in (("query", asked, one, two, slope), ("passage", kept, two, one, slope.T)):
        spoken = (questions if role == "query" else passages).spoken
        outward = share[0] * (pull @ other.meaning)
        outward = (outward - own.meaning * (outward * own.meaning).sum(1, keepdims=True)) / own.length
        made[f"turn_{role}"], made[f"lift_{role}"] = text.T @ outward, spoken[:, :concepts].T @ outward
        outward = share[1] * (pull @ other.subjects)
        along = (outward * own.subjects).sum(1, keepdims=True)
        weights += ((outward - own.subjects * along) * own.subjects).sum(0)
        doubts.append(-(along * (np.exp(numbers["doubt"][len(doubts)]) / own.size) ** 2).sum())
    made["doubt"] = np.array(doubts, np.float32)
    made["weights"] = np.append(weights[:concepts], weights[concepts:].sum())
    return made


def _slope(height: Array, questions: Texts, passages: Texts, plan: Plan, chance: np.random.Generator) -> Array:
    """The loss's slope at each likeness: three softmaxes with "nothing" at 0 (see above)."""
    own = questions.item[:, None] == passages.item[None, :]
    names, place = np.unique(passages.item, return_inverse=True)
    drawn = chance.random((len(height), len(names))) < chance.uniform(*plan.user, size=(len(height), 1))
    others = drawn[:, place] & ~own
    odds = np.exp(np.clip(height, -30, 30))
    mine, theirs = (odds * own).sum(1, keepdims=True), (odds * others).sum(1, keepdims=True)
    means = questions.means[:, None].astype(np.float32)
    near = (1 - means) * plan.near * means.sum() / max(1.0, float((1 - means).sum()))
    both = odds * (own | others) / (1 + mine + theirs)
    slope = means * (both - odds * own / mine) + plan.foreign * means * odds * others / (1 + theirs) + near * both
    return np.asarray(slope / means.sum())


def _shares(numbers: Numbers) -> Array:
    raised = np.exp(numbers["shares"])
    return np.asarray(raised / raised.sum())


def _spread(weights: Array, places: int) -> Array:
    """Each concept's weight, and for all words the last."""
    return np.asarray(np.exp(np.append(weights[:-1], np.full(places - len(weights) + 1, weights[-1], np.float32))))


def _unit(rows: Array) -> tuple[Array, Array]:
    length = np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    return rows / length, length

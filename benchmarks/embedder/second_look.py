"""Learn the second look (providers/second_look.py), and say what it is worth.

    python -m benchmarks.embedder.second_look                  the tables
    python -m benchmarks.embedder.second_look --write          and the data file

How much a word counts and what a nearness is worth is learned from the pairs that the embedder learned from. What its own
cosine counts beside them, and the floor, are settled on pairs it never saw (pairs/later.jsonl): of what it learned from it
is too sure. The labelled set (tests/evaluation) has no part in any of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from aida_orchestrator.providers.concepts import concept_count, find_concepts
from aida_orchestrator.providers.local_embedder import LocalEmbedder
from aida_orchestrator.providers.second_look import KNOTS, NUMBERS, shares

from .looks import Looks, read_looks
from .network import Numbers
from .texts import FILES, Array
from .train import row
from .users import Likeness, meet, mixed_folds

_AXES, _STEPS, _ROUND, _RATE, _DECAY = 64, 400, 1000, 0.02, 2e-3
_NEAR, _OTHER, _TALK = 0.8, 0.3, 0.3  # what a message that means nothing counts, beside one that means something


def examples(looks: Looks, items: Array, chance: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Questions and items to tell apart: each with its own, with the three nearest of twelve others and with two more."""
    whole, kind = looks.whole(centres(looks, items)), looks.pairs.kind
    rows: list[tuple[int, int, float, float]] = []
    for question in np.flatnonzero(np.isin(looks.item, [*items, -1])):
        item = int(looks.item[question])
        if item < 0:
            rows += [(int(question), int(other), 0.0, _TALK) for other in chance.choice(items, 8)]
        elif not looks.means[question]:
            rows.append((int(question), item, 0.0, _NEAR))
        else:
            others = items[(kind[items] == kind[item]) & (items != item)]
            some = chance.permutation(others)[:12]
            drawn = [*some[np.argsort(-whole[question, some])[:3]], *chance.choice(others, 2)]
            rows += [(int(question), item, 1.0, 1.0), *((int(question), int(other), 0.0, _OTHER) for other in drawn)]
    questions, others, meant, weight = (np.array(column) for column in zip(*rows, strict=True))
    return questions, others, meant, weight


def centres(looks: Looks, items: Array) -> tuple[Array, Array]:
    """The middle of what is asked about these items, and of the items."""
    return looks.raw[np.isin(looks.item, items)].mean(0), looks.pairs.passages.raw[items].mean(0)


def learn(looks: Looks, items: Array, seed: int = 0) -> Numbers:
    """The numbers of the second look but those of the cosine."""
    chance = np.random.default_rng(seed)
    middle = looks.words.mean(0)
    spread, axes = np.linalg.eigh(np.cov((looks.words - middle).T))
    axes = axes[:, -_AXES:] / np.sqrt(spread[-_AXES:])
    seen = (looks.words - middle) @ axes
    questions, others, meant, weight = examples(looks, items, chance)
    whole = looks.whole(centres(looks, items))[questions, others]
    numbers: Numbers = {"counts": np.zeros(_AXES), "doubt": np.zeros(1), "steps": np.array([4.0, *[1.0] * len(KNOTS)]),
                        "whole": np.full(1, 3.0), "level": np.full(1, -4.0)}
    first = {name: np.zeros_like(array) for name, array in numbers.items()}
    second = {name: np.zeros_like(array) for name, array in numbers.items()}
    for step in range(_STEPS):
        drawn = chance.integers(0, len(questions), _ROUND)
        chosen = questions[drawn]
        word, there, met = seen[looks.asked[chosen]], looks.there[chosen], looks.met(chosen, others[drawn])
        counts = np.exp(np.clip(word @ numbers["counts"], -6, 4)) * there
        size = counts.sum(1) + np.exp(numbers["doubt"])
        mean = (counts[..., None] * met).sum(1) / size[:, None]
        height = mean @ numbers["steps"] + whole[drawn] * numbers["whole"] + numbers["level"]
        slope = (likely(height) - meant[drawn]) * weight[drawn] / weight.mean() / _ROUND
        pull = slope[:, None] * numbers["steps"]
        lean = ((met - mean[:, None]) * pull[:, None]).sum(-1) / size[:, None] * counts
        gradient = {
            "counts": np.einsum("ql,qld->d", lean, word) + _DECAY * numbers["counts"],
            "doubt": -((pull * mean).sum(1) @ (np.exp(numbers["doubt"]) / size))[None],
            "steps": mean.T @ slope, "whole": (whole[drawn] @ slope)[None], "level": slope.sum()[None]}
        for name, wish in gradient.items():
            first[name] = 0.9 * first[name] + 0.1 * wish
            second[name] = 0.99 * second[name] + 0.01 * wish**2
            move = first[name] / (1 - 0.9 ** (step + 1)) / (np.sqrt(second[name] / (1 - 0.99 ** (step + 1))) + 1e-9)
            pace = _RATE if name in ("counts", "doubt") else 4 * _RATE
            numbers[name] = numbers[name] - pace * min(1.0, 2 * (1 - step / _STEPS)) * move
    asked, held = centres(looks, items)
    return {**numbers, "counts": axes @ numbers["counts"], "base": -(middle @ axes @ numbers["counts"])[None],
            "doubt": np.exp(numbers["doubt"]), "mean_query": asked, "mean_passage": held}


def heights(looks: Looks, numbers: Numbers) -> Array:
    """What words and wholes say of each question and item, before the cosine has its say."""
    counts = np.exp(np.clip(looks.words @ numbers["counts"] + numbers["base"], -6, 4))
    made = looks.whole((numbers["mean_query"], numbers["mean_passage"])) * numbers["whole"] + numbers["level"]
    for question in range(len(made)):
        own = looks.asked[question][looks.there[question] > 0]
        if len(own):
            met = sum(step * part for step, part in zip(numbers["steps"], _parts(looks.nearness[own]), strict=True))
            made[question] += counts[own] @ met / (counts[own].sum() + numbers["doubt"])
    return np.asarray(made)


def _parts(nearness: Array) -> list[Array]:
    return [nearness, *(np.maximum(nearness - knot, 0) for knot in KNOTS)]


def cosines(looks: Looks) -> Array:
    """What the embedder in use says of the same, of each item by its nearer facet."""
    embedder = LocalEmbedder()
    asked = np.array(embedder.embed(looks.texts, role="query")[0])
    return np.stack([(asked @ np.array(embedder.embed(texts)[0]).T).max(1) for texts in looks.facets], axis=1)


def rarity(looks: Looks) -> Array:
    """Of each concept, by how many items speak of it."""
    speak = np.zeros(concept_count())
    for texts in looks.facets:
        speak[list(find_concepts(texts[0]).concepts)] += 1
    return np.asarray(np.log(len(looks.facets) / (1 + speak)))


def concepts(looks: Looks, rare: Array) -> tuple[Array, Array]:
    """Which part of each question's concepts each item has, and what it lacks."""
    held = [texts[0] for texts in looks.facets]
    both = np.array([shares(text, held, rare) for text in looks.texts])
    return both[:, 0], both[:, 1]


def weigh(looks: Looks, signs: Sequence[Array]) -> Array:
    """The weights of these signs and a level: a logistic regression by Newton's steps."""
    own = looks.item[:, None] == np.arange(len(looks.pairs.kind))
    alike = (looks.pairs.kind[looks.item][:, None] == looks.pairs.kind) | (looks.item < 0)[:, None]
    weight = np.where(own, np.where(looks.means, 1.0, _NEAR)[:, None],
                      0.1 * (alike & (looks.means | (looks.item < 0))[:, None])).ravel()
    meant = (own & looks.means[:, None]).ravel()
    seen = np.stack([*(sign.ravel() for sign in signs), np.ones(own.size)], axis=1)
    weights = np.zeros(len(signs) + 1)
    for _ in range(30):
        said = likely(seen @ weights)
        bend = (seen * (weight * said * (1 - said))[:, None]).T @ seen + 1e-6 * np.eye(len(weights))
        weights -= np.linalg.solve(bend, seen.T @ (weight * (said - meant)))
    return weights


def outcome(name: str, looks: Looks, folds: Array, seen: dict[int, Array]) -> str:
    """One line of the table."""
    asked = len(looks.pairs.questions.item)
    likeness = {fold: Likeness(one[:asked], one[:0], one[asked:]) for fold, one in seen.items()}
    return row(name, meet(looks.pairs, folds, likeness))


def likely(height: Array) -> Array:
    """A height as a number from 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-height)))


def main(words: Sequence[str] | None = None) -> None:
    """Read, learn, print, write."""
    parser = argparse.ArgumentParser(description="Learn the second look from the pairs of benchmarks/embedder/pairs.")
    parser.add_argument("--folds", type=int, default=2, help="how many of six parts are left out in turn, for the table")
    parser.add_argument("--write", action="store_true", help=f"write {NUMBERS.name}")
    asked = parser.parse_args(words)
    looks, later = read_looks(FILES), read_looks(["later"])
    folds = mixed_folds(looks.pairs, 6, 5)
    seen = {fold: likely(heights(looks, learn(looks, np.flatnonzero(folds != fold)))) for fold in range(asked.folds)}
    print(outcome("words and wholes", looks, folds, seen), flush=True)
    numbers, cosine, rare = learn(looks, np.arange(len(looks.pairs.kind))), cosines(later), rarity(looks)
    height = heights(later, numbers)
    signs = [height, cosine, *concepts(later, rare)]
    *weights, level = weigh(later, signs)
    alone = np.zeros(len(later.pairs.kind), int)
    every = likely(np.tensordot(weights, np.array(signs), 1) + level)
    for name, made in (("later: cosine", cosine), ("later: words, wholes", likely(height)), ("later: all", every)):
        print(outcome(name, later, alone, {0: made}), flush=True)
    if asked.write:
        kept = {name: numbers[name] for name in ("counts", "base", "doubt", "steps", "mean_query", "mean_passage")}
        one, *others = weights
        kept |= {"sum": np.array([one, one * numbers["whole"][0], *others]), "level": one * numbers["level"] + level,
                 "rarity": rare}
        np.savez_compressed(NUMBERS, **{name: array.astype(np.float32) for name, array in kept.items()})
        print(f"{NUMBERS.name}: {NUMBERS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""Learn what the local embedder knows beside E5, and say what it is worth on items it did not learn from.

    python -m benchmarks.embedder.train                  the table
    python -m benchmarks.embedder.train --write          and the data file, learned from all items

The floor for memory/floors.py is that at which 5 % of what means nothing is found. The labelled set (tests/evaluation)
has no part in any of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from aida_orchestrator.providers.concepts import concept_count
from aida_orchestrator.providers.learned import LEARNED, keep

from .network import Numbers, Plan, centred, learn, likeness, read, start
from .texts import FILES, Array, Pairs, Texts, read_pairs
from .users import MIX, Likeness, Outcome, meet, mixed_folds

AIM = 0.05


def judge(pairs: Pairs, numbers: Numbers, means: Mapping[str, Array]) -> Likeness:
    """How like the items are to every question, each item by its best passage."""
    passages = read(numbers, centred(pairs.passages, means["passage"]), pairs.passages.spoken, "passage")

    def part(texts: Texts) -> Array:
        rows = likeness(numbers, read(numbers, centred(texts, means["query"]), texts.spoken, "query"), passages)
        best = np.full((len(rows), len(pairs.kind)), -1.0, np.float32)
        for place, item in enumerate(pairs.passages.item):
            best[:, item] = np.maximum(best[:, item], rows[:, place])
        return best

    return Likeness(part(pairs.questions), part(pairs.subjects), part(pairs.talk))


def fit(pairs: Pairs, items: Array, plan: Plan) -> tuple[Numbers, dict[str, Array]]:
    """What these items teach, and the means of E5's numbers over them."""
    means = {"query": pairs.questions.raw[np.isin(pairs.questions.item, items)].mean(0),
             "passage": pairs.passages.raw[np.isin(pairs.passages.item, items)].mean(0)}
    if not plan.steps:
        return start(concept_count()), means
    return learn(pairs.questions.and_also(pairs.subjects), pairs.passages, means, items, concept_count(), plan), means


def validate(pairs: Pairs, folds: Array, plan: Plan) -> dict[int, Likeness]:
    """For each fold what a model says that saw the others only."""
    return {int(fold): judge(pairs, *fit(pairs, np.flatnonzero(folds != fold), plan)) for fold in np.unique(folds)}


def row(name: str, outcome: Outcome) -> str:
    """One line of the table."""
    floor = outcome.floor(AIM)
    sorts = " ".join(f"{(outcome.nothing[sort] >= floor).mean():>16.2f}" for sort in MIX)
    shares = " ".join(f"{outcome.recall(outcome.floor(most)):>6.2f}" for most in (AIM, 0.1, 0.28))
    return f"{name:<22}{shares} {outcome.recall(-1.0):>9.2f} {outcome.recall_by_subject(floor):>8.2f} {floor:>7.3f} {sorts}"


def table(pairs: Pairs, plan: Plan) -> str:
    """Before and after, over folds of all files, then with each file left out whole."""
    lines = [f"{'recall@3 at false':<22}{'0.05':>6} {'0.10':>6} {'0.28':>6} {'no floor':>9} {'subject':>8} {'floor':>7} "
             + " ".join(f"{sort:>16}" for sort in MIX)]
    mixed = mixed_folds(pairs, 6, 5)
    lines.append(row("not learned", meet(pairs, mixed, validate(pairs, mixed, replace(plan, steps=0)))))
    lines.append(row("learned", meet(pairs, mixed, validate(pairs, mixed, plan))))
    whole = validate(pairs, pairs.file, plan)
    lines += [row(f"without {name}", meet(pairs, pairs.file, {file: whole[file]})) for file, name in enumerate(FILES)]
    lines.append(row("all files left out", meet(pairs, pairs.file, whole)))
    return "\n".join(lines)


def write(pairs: Pairs, plan: Plan, path: Path) -> None:
    """The data file, learned from all items."""
    numbers, means = fit(pairs, np.arange(len(pairs.kind)), plan)
    raised = np.exp(numbers["shares"])
    keep(path, {"weights": np.exp(numbers["weights"]), "doubt": np.exp(numbers["doubt"]),
                "shares": np.sqrt(raised / raised.sum()), "mean_query": means["query"], "mean_passage": means["passage"],
                **{name: array for name, array in numbers.items() if name.startswith(("turn", "lift"))}})


def main(words: Sequence[str] | None = None) -> None:
    """Read, learn, print, write."""
    parser = argparse.ArgumentParser(description="Learn from the pairs of benchmarks/embedder/pairs.")
    parser.add_argument("--cache", type=Path, default=Path(".aida/embedder"), help="where E5's numbers are kept")
    parser.add_argument("--write", action="store_true", help=f"write {LEARNED.name}")
    asked = parser.parse_args(words)
    pairs = read_pairs(asked.cache)
    print(table(pairs, Plan()), flush=True)
    if asked.write:
        write(pairs, Plan(), LEARNED)
        print(f"{LEARNED.name}: {LEARNED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

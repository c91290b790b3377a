"""`python -m tests.chaos --seed 7 --runs 300`: one line a run; of a wrong one all about it and how to repeat it."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .lane import play
from .plan import Plan, make
from .run import Result


def main() -> int:
    """Run the seeds; 1 if any of them found something."""
    wishes = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    wishes.add_argument("--seed", type=int, help="the first run's seed; the next runs take the numbers after it")
    wishes.add_argument("--runs", type=int, default=1)
    wishes.add_argument("--films", type=int, help="films a run; without it chance decides (2 to 4)")
    wishes.add_argument("--lanes", type=int, default=3, help="runs side by side, each on servers of its own")
    wishes.add_argument("--seconds", type=float, help="begin no further run after so many seconds")
    wishes.add_argument("--plan", action="store_true", help="only print the plans")
    asked = wishes.parse_args()
    first = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    plans = [make(seed, asked.films) for seed in range(first, first + asked.runs)]
    if asked.plan:
        for plan in plans:
            print(*plan.lines(), sep="\n")
        return 0
    home, began, results = Path(tempfile.mkdtemp(prefix="aida-chaos-")), time.monotonic(), list[Result]()
    by_seed = {plan.seed: plan for plan in plans}
    for result in play(plans, asked.lanes, home, asked.seconds):
        results.append(result)
        print(result.line, flush=True)
        if result.wrongs:
            _tell(result, by_seed.get(result.seed), home, asked.films)
    wrong = [result for result in results if result.wrongs]
    if not wrong:
        shutil.rmtree(home, ignore_errors=True)
    print(_sum(results, wrong, time.monotonic() - began), flush=True)
    return 1 if wrong or not results else 0


def _tell(result: Result, plan: Plan | None, home: Path, films: int | None) -> None:
    print(*(f"  WRONG {wrong}" for wrong in result.wrongs), sep="\n")
    if plan is not None:
        more = f" FILMS={films}" if films else ""
        print(*(f"  {line}" for line in plan.lines()), sep="\n")
        print(f"  logs: {home / f'seed-{plan.seed}'}")
        print(f"  again: make chaos SEED={plan.seed} RUNS=1{more}", flush=True)


def _sum(results: list[Result], wrong: list[Result], seconds: float) -> str:
    counts: Counter[str] = sum((result.counts for result in results), Counter())
    seeds = sorted(result.seed for result in results) or [0]
    ends = ", ".join(f"{counts[name]} {name.removeprefix('films ')}" for name in sorted(counts) if name.startswith("films "))
    return (f"{len(results)} runs, {len(wrong)} wrong, seeds {seeds[0]}..{seeds[-1]}, {counts['films']} films ({ends}), "
            f"{counts['jobs sold']} jobs sold, {counts['faults']} faults, {counts['blows']} blows, {counts['kills']} kills, "
            f"{seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

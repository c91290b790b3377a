"""`python -m tests.chaos --seed 7 --runs 3 --films 5`: one line a run; at a failure the seed, what is wrong, the logs."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from ..harness import ask
from .ground import Ground, Stores
from .plan import FAULTY_SECONDS, Plan, make
from .users import User
from .verdict import judge, open_jobs

BOUND = 120.0  # seconds after all is well again within which every film has ended
_JOBS_BOUND = 45.0


def main() -> int:
    """Run the seeds one after another; 1 if any of them found something."""
    wishes = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    wishes.add_argument("--seed", type=int, help="the first run's seed; the next runs take the numbers after it")
    wishes.add_argument("--runs", type=int, default=1)
    wishes.add_argument("--films", type=int, default=5)
    wishes.add_argument("--plan", action="store_true", help="only print the plans")
    wishes.add_argument("--keep", action="store_true", help="keep the logs of good runs too")
    asked = wishes.parse_args()
    first = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    plans = [make(seed, asked.films) for seed in range(first, first + asked.runs)]
    if asked.plan:
        for plan in plans:
            print(*plan.lines(), sep="\n")
        return 0
    bad = _all(plans, asked.keep)
    if bad:
        print(f"{len(bad)} of {len(plans)} runs failed; seeds {', '.join(map(str, bad))}")
    return 1 if bad else 0


def _all(plans: list[Plan], keep: bool) -> list[int]:
    home = Path(tempfile.mkdtemp(prefix="aida-chaos-"))
    stores = Stores(home)
    bad = []
    try:
        stores.start()
        for plan in plans:
            folder = home / f"seed-{plan.seed}"
            folder.mkdir()
            (folder / "plan.txt").write_text("\n".join(plan.lines()) + "\n")
            wrongs = _one(folder, stores, plan)
            if wrongs:
                bad.append(plan.seed)
                print(*plan.lines(), *(f"  WRONG {wrong}" for wrong in wrongs), f"  logs: {folder}", sep="\n", flush=True)
            elif not keep:
                shutil.rmtree(folder)
    finally:
        stores.stop()
        if not bad and not keep:
            shutil.rmtree(home, ignore_errors=True)
    return bad


def _one(folder: Path, stores: Stores, plan: Plan) -> list[str]:
    ground, wrongs = Ground(folder, stores, plan), list[str]()
    try:
        ground.start()
        began = time.monotonic()
        healed, limit = threading.Event(), [began + FAULTY_SECONDS + BOUND + 60]
        users = [User(film, ground.service.url, healed, lambda: limit[0]) for film in plan.films]
        for user in users:
            user.start()
        _trouble(ground, plan, began)
        limit[0] = time.monotonic() + BOUND
        healed.set()
        for user in users:
            user.join()
            wrongs += user.wrongs
        _settle(ground)
        wrongs += [f"{name} had fallen by itself" for name in ground.revive()]
        wrongs += judge(ground, folder)
        print(_line(ground, plan, users, time.monotonic() - began, wrongs), flush=True)
    except Exception as error:
        wrongs.append(f"the run itself broke: {type(error).__name__}: {error}")
        print(f"seed {plan.seed}: broke", flush=True)
    finally:
        ground.stop()
    return wrongs


def _trouble(ground: Ground, plan: Plan, began: float) -> None:
    """Faults and blows at their moments; afterwards everything is well again."""
    rules, blows = list(plan.rules), list(plan.blows)
    while rules or blows:
        now = time.monotonic() - began
        while rules and rules[0][0] <= now:
            ground.sandbox.fault(rules.pop(0)[1])
        if blows and blows[0].at <= now:
            ground.strike(blows.pop(0))
        time.sleep(0.1)
    time.sleep(max(0.0, began + FAULTY_SECONDS - time.monotonic()))
    ask("DELETE", f"{ground.sandbox.url}/faults")
    ground.revive()


def _settle(ground: Ground) -> None:
    until = time.monotonic() + _JOBS_BOUND
    while open_jobs(ground) and time.monotonic() < until:
        time.sleep(0.5)
    # The queue's age in /ready counts from the last sweep; a callback may still be on its way.
    time.sleep(1)


def _line(ground: Ground, plan: Plan, users: list[User], seconds: float, wrongs: list[str]) -> str:
    ends = Counter(end for user in users for end in user.tasks.values())
    sold = ground.sandbox.ledger()["totals"]
    bought = ", ".join(f"{name} {sold.get(name, {'sold': 0})['sold']}" for name in ("kie", "fal"))
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    return (f"seed {plan.seed}: {len(users)} films ({told}), {len(plan.rules)} faults, {len(plan.blows)} blows, "
            f"sold {bought}, {seconds:.0f} s: {'WRONG' if wrongs else 'ok'}")


if __name__ == "__main__":
    sys.exit(main())

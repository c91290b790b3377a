"""One run: its films, faults and blows, then quiet, what is not whole is mended, and the verdict."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from ..harness import ask
from .blows import Striker
from .ceilings import Watch, set_ceilings
from .ground import Ground
from .person import Person
from .plan import FAULTY_SECONDS, Plan
from .users import User
from .verdict import judge, open_jobs

BOUND = 150.0  # seconds after all is well again within which every film has ended
_JOBS_BOUND = 120.0  # a submission whose process died is doubted after 39 s, a copying begun anew after 60 s
_READY_BOUND = 20.0


@dataclass
class Result:
    """What came of a run; `counts` is what the report adds up."""

    seed: int
    line: str
    wrongs: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def run(ground: Ground, plan: Plan) -> Result:
    """Play one plan on a ground that stands."""
    began, striker, watch = time.monotonic(), Striker(ground), Watch(ground.service.dsn)
    wrongs = striker.wrongs
    try:
        ground.begin(plan)
        set_ceilings(watch.dsn, {("user", user): str(dollars) for user, dollars in plan.ceilings})
        with watch.looking():
            _play(ground, plan, striker)
        striker.revive()
        wrongs += [*judge(ground, plan), *watch.books()]
    except Exception as error:
        wrongs.append(f"the run itself broke: {type(error).__name__}: {error}")
    return _result(ground, plan, time.monotonic() - began, wrongs)


def _play(ground: Ground, plan: Plan, striker: Striker) -> None:
    """Everything until all films have ended."""
    began, wrongs = time.monotonic(), striker.wrongs
    limit = [began + FAULTY_SECONDS + BOUND + 60]
    users = [User(film, ground.service.url, lambda: limit[0]) for film in plan.films]
    for user in users:
        user.start()
    _trouble(ground, plan, striker)
    set_ceilings(ground.service.dsn, {("user", user): "1000" for user, _ in plan.ceilings})
    limit[0] = time.monotonic() + BOUND
    for user in users:
        user.join()
        wrongs += user.wrongs
    person = Person(ground)
    person.mend()
    _settle(ground)
    person.mend()  # what came to be in doubt long after its film was cancelled
    _settle(ground)
    wrongs += person.wrongs


def _trouble(ground: Ground, plan: Plan, striker: Striker) -> None:
    """Faults and blows at their moments; afterwards everything is well again."""
    rules, blows, began = list(plan.rules), list(plan.blows), time.monotonic()
    while rules or blows:
        now = time.monotonic() - began
        while rules and rules[0][0] <= now:
            ground.sandbox.fault(rules.pop(0)[1])
        if blows and blows[0].at <= now:
            striker.strike(blows.pop(0))
        time.sleep(0.05)
    time.sleep(max(0.0, began + FAULTY_SECONDS - time.monotonic()))
    ask("DELETE", f"{ground.sandbox.url}/faults")
    striker.revive()


def _settle(ground: Ground) -> None:
    """Jobs of cancelled films end after their films do, and a broker that was emptied is swept again in a moment."""
    until = time.monotonic() + _JOBS_BOUND
    while open_jobs(ground) and time.monotonic() < until:
        time.sleep(0.3)
    until = time.monotonic() + _READY_BOUND
    while '"status":"ok"' not in ground.ready()[1].replace(" ", "")[:60] and time.monotonic() < until:
        time.sleep(0.5)


def _result(ground: Ground, plan: Plan, seconds: float, wrongs: list[str]) -> Result:
    ends, sold = Counter[str](), Counter[str]()
    try:
        ends.update(row["status"] for row in ground.rows("SELECT status FROM tasks WHERE created_at >= %(began)s"))
        sold.update({name: total["sold"] for name, total in ground.sandbox.ledger()["totals"].items()})
    except Exception as error:
        wrongs.append(f"the books cannot be read: {type(error).__name__}: {error}")
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    faults = ", ".join(f"{rule['provider']} {rule['operation']} {rule['fault']}" for _, rule in plan.rules)
    blows = ", ".join(blow.what for blow in plan.blows)
    line = (f"seed {plan.seed} ({plan.mode.name}): {blows}; {faults}; films: {told}; "
            f"sold kie {sold['kie']}, fal {sold['fal']}; {seconds:.0f} s: {'WRONG' if wrongs else 'ok'}")
    counts = Counter({"films": ends.total(), "jobs sold": sold["kie"] + sold["fal"], "blows": len(plan.blows),
                      "kills": sum(blow.what.startswith("kill") for blow in plan.blows), "faults": len(plan.rules)})
    return Result(plan.seed, line, wrongs, counts + Counter({f"films {end}": count for end, count in ends.items()}))

"""How many films cost what was said before: users whose messages name a length, name none, or point back.

Claude and the embedder are the sandbox, pictures and clips come at once from the benchmark's own provider. The figures are
those of `aida costs forecast`, for the first half of the films, when little is known, and for the second.
`make bench-estimates ARGS="--films 120"`.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from aida_orchestrator.cli.costs import error_lines
from aida_orchestrator.ledger.forecasts import errors_of
from aida_orchestrator.store.db import Database

from . import caching, ours
from .caching import running

GOAL = 0.9
_USERS, _LENGTHS = 8, (5, 10, 15, 20, 30, 30, 45, 60)
_NAMED = ("Spot di {n} secondi: {about}", "A {n} second film about {about}", "Un video di {n} secondi su {about}, ironico")
_SILENT = ("Voglio un video su {about}", "A film about {about}, warm and slow", "Spot per {about}")
_BACK = ("Un video come l'altra volta, ma su {about}", "Like last time, but about {about}")
_SUBJECTS = ("una pizzeria di Napoli", "the harbour of Genoa", "a watchmaker", "il pane di Forno Lucia", "la vendemmia",
             "a new running shoe", "a library at night", "una bottega di ceramica", "a mountain hut", "un gelato")


def main() -> None:
    """Make the films, print the errors of their estimates, and fail below the goal."""
    asked = _arguments()
    with running(KIE_TASK_DOLLARS="0.04") as service:
        began = datetime.now(UTC)
        half = asked.films // 2
        _films(service, range(half), asked)
        middle = datetime.now(UTC)
        _films(service, range(half, asked.films), asked)
        time.sleep(3)
        db = Database(service.dsn, size=2)
        first, second, whole = (errors_of(db, *period) for period in (
            (began, middle), (middle, datetime.now(UTC)), (began, datetime.now(UTC))))
        db.close()
    for title, found in (("first half", first), ("second half", second), ("all", whole)):
        print(f"\n{title}\n" + "\n".join(error_lines(found)))
    share = whole.whole.inside / whole.whole.films
    if share < GOAL:
        raise SystemExit(f"{share:.1%} inside is below the goal of {GOAL:.0%}")


def _films(service: ours.Ours, numbers: range, asked: argparse.Namespace) -> None:
    with ThreadPoolExecutor(asked.at_once) as pool:
        list(pool.map(lambda number: caching.make(service, *_wish(number, asked.seed)), numbers))


def _wish(number: int, seed: int) -> tuple[str, str]:
    """Half of the messages name a length, a third is silent, a sixth points back."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311
    way = chance.choice(chance.choices((_NAMED, _SILENT, _BACK), (3, 2, 1))[0])
    words = way.format(n=chance.choice(_LENGTHS), about=chance.choice(_SUBJECTS))
    return f"user-{chance.randrange(_USERS)}", f"{words}, no. {number + 1}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.estimates", description=__doc__)
    parser.add_argument("--films", type=int, default=120, help="(%(default)s)")
    parser.add_argument("--at-once", type=int, default=4, help="films under way (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the messages (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""What a first and a later film of one user cost by component, at list prices: the ledger of a run against the sandbox.

Claude and the embedder are the sandbox, which bills cached prompts as the API does; pictures and clips come at once and
empty from the benchmark's own provider. KIE's price is not known: a picture task is reckoned at 0.04 dollars.
`make bench-costs ARGS="--films 10"`.
"""

from __future__ import annotations

import argparse
import time
from decimal import Decimal

from . import caching

_COMPONENTS = ("orchestrator", "writer", "director", "memory", "midjourney", "kling")
_CHARGES = """
SELECT t.created_at, t.id, c.component, count(*), sum(c.dollars),
       sum(coalesce((c.units->>'input_tokens')::bigint, 0)), sum(coalesce((c.units->>'cache_write_1h_tokens')::bigint, 0)),
       sum(coalesce((c.units->>'cache_write_5m_tokens')::bigint, 0)),
       sum(coalesce((c.units->>'cache_read_tokens')::bigint, 0)), sum(coalesce((c.units->>'output_tokens')::bigint, 0)),
       max(c.price_version)
FROM tasks t JOIN charges c ON c.task_id = t.id GROUP BY 1, 2, 3 ORDER BY 1, 3"""


def main() -> None:
    """Make the films one after another and print the table."""
    asked = _arguments()
    with caching.running(KIE_TASK_DOLLARS=str(asked.picture)) as service:
        for number in range(asked.films):
            caching.film(service, number, asked)
        time.sleep(3)  # until the last film is put into memory
        rows = service.rows(_CHARGES)
    _print(rows, asked)


def _print(rows: list[tuple], asked: argparse.Namespace) -> None:
    films = list(dict.fromkeys(row[1] for row in rows))
    cost = {(row[1], row[2]): Decimal(row[4]) for row in rows}
    later = films[1:]
    print(f"\n{len(films)} films of {asked.seconds} s by one user, one after another; dollars, pictures at {asked.picture} "
          "a task\n")
    print(f"{'component':<14}{'first':>10}{f'no. {len(films)}':>10}{'mean later':>12}")
    for name in (*_COMPONENTS, "all"):
        parts = _COMPONENTS if name == "all" else (name,)
        sums = [sum((cost.get((film, part), Decimal(0)) for part in parts), Decimal(0)) for film in films]
        mean = sum(sums[1:], Decimal(0)) / max(1, len(later))
        print(f"{name:<14}{sums[0]:>10.4f}{sums[-1]:>10.4f}{mean:>12.4f}")
    print("\ntokens a film: first, then mean of the later ones (input, written 1h, written 5m, read, output; calls)")
    for name in _COMPONENTS[:4]:
        first = next(row for row in rows if row[1] == films[0] and row[2] == name)
        rest = [row for row in rows if row[1] in later and row[2] == name]
        mean = [round(sum(int(row[at]) for row in rest) / max(1, len(later))) for at in (5, 6, 7, 8, 9)]
        print(f"{name:<14}{[int(first[at]) for at in (5, 6, 7, 8, 9)]} {first[3]}"
              f"   {mean} {sum(row[3] for row in rest) / max(1, len(later)):.1f}")
    print("\nprices:", ", ".join(sorted({row[10] for row in rows})))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.costs", description=__doc__)
    parser.add_argument("--films", type=int, default=10, help="(%(default)s)")
    parser.add_argument("--seconds", type=int, default=30, help="of each film (%(default)s)")
    parser.add_argument("--picture", type=Decimal, default=Decimal("0.04"), help="dollars a picture task (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

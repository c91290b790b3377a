"""What the sandbox's books must show after any run: nothing bought twice, and never more at once than the caps allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .ground import CLIP_SECONDS, PICTURE_SECONDS

DEADLINE = {"kie": PICTURE_SECONDS, "fal": CLIP_SECONDS}
CAPS = {"kie": 4, "fal": 1}  # of one film at the same time
_VOID = ("failed", "cancelled")
_AT_ONCE = 0.2  # seconds; no callback comes sooner (tests/chaos/plan.py), and one may make good an answer that was lost


@dataclass(frozen=True)
class Sale:
    """One thing a provider took from us; times in unix seconds, `ended` None while it is still being made.

    `answered`: our rows knew of it at once, so it held one of the places. `gone`: since when its files can be called gone.
    """

    provider: str
    id: str
    at: float
    state: str
    fingerprint: str
    delivered: int = 1
    ended: float | None = None
    answered: bool = True
    gone: float | None = None

    @property
    def given_up_at(self) -> float:
        """When we may have stopped waiting for it."""
        return self.at + DEADLINE[self.provider]


def bought_twice(sales: Iterable[Sale]) -> Iterator[str]:
    """Requests paid for again although the first neither failed nor was given up after its deadline nor lost its files."""
    same = defaultdict(list)
    for sale in sales:
        if sale.state not in _VOID:
            same[sale.provider, sale.fingerprint].append(sale)
    for (provider, _), found in same.items():
        for earlier, later in pairwise(sorted(found, key=lambda sale: sale.at)):
            given_up = earlier.state != "done" and later.at >= earlier.given_up_at
            gone = earlier.gone is not None and later.at >= earlier.gone
            if not given_up and not gone:
                yield (f"{provider} was paid twice for one request: {earlier.id} ({earlier.state}) and "
                       f"{later.at - earlier.at:.1f} s later {later.id} ({later.state})")


def too_many_at_once(sales: Sequence[Sale], film_of: Mapping[str, str]) -> Iterator[str]:
    """Films of which more was made at the same time than their cap. Sales whose answer was lost hold none.

    While the outcome of one is unknown the rest of the film goes on; nobody could know that it was being made.
    """
    films = defaultdict(list)
    for sale in sales:
        if sale.answered and sale.id in film_of:
            films[sale.provider, film_of[sale.id]].append(sale)
    for (provider, film), found in films.items():
        for sale in found:
            beside = [other for other in found if other.at <= sale.at < (other.ended or other.given_up_at)]
            if len(beside) > CAPS[provider]:
                yield f"{provider} made {len(beside)} of {film} at once: {', '.join(sorted(one.id for one in beside))}"
                break


def gone_since(fetches: Iterable[tuple[str, int, float]]) -> dict[str, float]:
    """Sales whose every file that was asked for (name, status, moment) was refused three times and never had; since when.

    One refusal does not say so: an address that is seconds old may be ahead of its file.
    """
    refused, had = defaultdict[str, dict[str, list[float]]](lambda: defaultdict(list)), set[str]()
    for name, status, at in fetches:
        sale = name.rpartition("_")[0]
        if status in (200, 206):
            had.add(sale)
        elif status in (403, 404, 410):
            refused[sale][name].append(at)
    return {sale: max(sorted(times)[2] for times in files.values()) for sale, files in refused.items()
            if sale not in had and all(len(times) >= 3 for times in files.values())}


def read_sales(
    lines: Iterable[Mapping[str, Any]], ended: Mapping[str, float | None], accepted: Mapping[str, float],
    gone: Mapping[str, float],
) -> list[Sale]:
    """The ledger's lines of KIE and fal; `accepted` says when our rows learned of them."""
    return [Sale(line["provider"], line["id"], line["at"], line["state"], line["fingerprint"], line["delivered"],
                 ended.get(line["id"]), line["id"] in accepted and accepted[line["id"]] - line["at"] < _AT_ONCE,
                 gone.get(line["id"]))
            for line in lines if line["provider"] in DEADLINE]

"""Reads the Storyboard; leaves one picture a shot. Parks until every picture's job is settled."""

from __future__ import annotations

from typing import Any

from ...agents import director
from ...errors import AccountEmpty, AidaError, BudgetReached, PriceUnknown
from ...jobs import describe, picture
from ...model import Asset, Degradation, JobKind, Stage, Storyboard
from ...services import Services
from ..kept import kept_wish
from ..next_step import error_body, from_described
from ..outcome import Done, Outcome, Parked, Run, Stopped
from .waiting import Brought, settled, wished, wished_before

# What ends a picture only after it has waited for days.
_WAITED = (BudgetReached.code, PriceUnknown.code, AccountEmpty.code)


def run(services: Services, run: Run) -> Outcome:
    """Wish for the pictures; when all are settled, choose: go on, lend a neighbour's picture, or stop with an offer."""
    board, brief = run.storyboard(), run.brief()
    mine = wished(services, run.task.id)
    wanted = tuple(
        kept_wish(services, run.task.plan, shot.number, JobKind.PICTURE)
        or wished_before(mine, shot.number, JobKind.PICTURE)
        or picture(services.desk, shot, director.picture_prompt(shot, board.style), brief.aspect_ratio, board.style.sref,
                   brief.references)
        for shot in board.shots)
    brought = settled(services, mine, wanted)
    return Parked(JobKind.PICTURE, wanted) if brought is None else _finish(board, brought)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """The wishes could not even be written; there is no simpler picture."""
    return Stopped(from_described(describe(error), Stage.VISUAL))


def _finish(board: Storyboard, brought: dict[int, Brought]) -> Outcome:
    pictures = {number: one.assets[0] for number, one in brought.items() if one.assets}
    missing = [shot.number for shot in board.shots if shot.number not in pictures]
    failures = {number: brought[number].job.error or {} for number in missing}
    waited = next((number for number in missing if failures[number].get("code") in _WAITED), None)
    if waited is not None:  # there is no money for clips either
        return Stopped({**from_described(failures[waited], Stage.VISUAL), "shots": missing})
    if len(pictures) * 2 <= len(board.shots):
        first = failures[missing[0]]
        return Stopped(error_body(
            _common_code(failures), f"{len(missing)} of {len(board.shots)} pictures could not be made: "
            f"{first.get('message', 'no reason was given')}", Stage.VISUAL, provider="kie", shots=missing),
            director.offers(board.style))
    lent = {number: _neighbour(number, pictures) for number in missing}
    output: dict[str, Any] = {}
    for shot in board.shots:
        source = lent.get(shot.number, shot.number)
        output[str(shot.number)] = {"key": pictures[source].key, "sha256": pictures[source].sha256,
                                    "lentBy": source if source != shot.number else None}
    degraded = tuple(Degradation(
        stage=Stage.VISUAL, reason=str(failures[number].get("message", "the picture failed")),
        what=f"shot {number} uses the picture of shot {lender}",
        code=str(failures[number].get("code", "internal"))) for number, lender in lent.items())
    return Done({"pictures": output}, degraded)


def _common_code(failures: dict[int, dict[str, Any]]) -> str:
    """What an operator must mend is named as such; otherwise another style may help."""
    codes = {str(error.get("code")) for error in failures.values()}
    mendable = codes & {"provider_auth", "media_untrusted_origin"}
    return mendable.pop() if len(codes) == 1 and mendable else "visual_failed"


def _neighbour(number: int, pictures: dict[int, Asset]) -> int:
    """The nearest shot that has a picture, the earlier one of two."""
    return min(pictures, key=lambda other: (abs(other - number), other))

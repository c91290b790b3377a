"""The switch of all spending over HTTP, how many films wait for money, and which providers' accounts are empty."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from ..store import holds, spending
from ..store.db import Tx
from .asking import answer, services
from .figures import moment
from .query import parameters
from .schemas import Spending, parse

blueprint = Blueprint("spending", __name__, url_prefix="/api/orchestrator/spending")

_WORDS = ("budget", "spending", "provider")


@blueprint.get("")
def read() -> Response:
    """Whether anything may be bought."""
    parameters()
    with services().db.transaction() as tx:
        return answer(_body(tx, services().clock()))


@blueprint.put("")
def switch() -> Response:
    """Stop all spending, or start it again; twice is once."""
    body, now = parse(Spending), services().clock()
    with services().db.transaction() as tx:
        if body.stopped:
            spending.stop(tx, body.reason, now)
        else:
            spending.start(tx)
    with services().db.transaction() as tx:
        return answer(_body(tx, now))


def _body(tx: Tx, now: datetime) -> dict[str, Any]:
    stopped, held = spending.find_stop(tx), holds.count_held(tx, now)
    since, reason = stopped or (None, None)
    return {
        "stopped": stopped is not None, "since": moment(since), "reason": reason,
        "held": {word: held[word][0] if word in held else 0 for word in _WORDS},
        "pausedProviders": [{"provider": one.provider, "since": moment(one.since), "message": one.message}
                            for one in holds.list_pauses(tx)]}

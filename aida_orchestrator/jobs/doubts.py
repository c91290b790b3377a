"""Purchases whose outcome is unknown, and a person's word on them: an id is believed only after the provider was asked."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta

from ..errors import ConflictError, ProviderError, ProviderRefused
from ..model import JobKind
from ..providers.fal import RESULT_WITHHELD
from ..providers.kie_echo import Echo, read_echo
from ..store import doubts, looks
from ..store import jobs as rows
from ..store.db import Tx
from ..store.doubts import Line
from .booking import charge
from .desk import Desk
from .purchase import token_hash
from .wishes import asked_picture

log = logging.getLogger(__name__)

_TITLE = {"kie": "KIE.AI", "fal": "fal.ai"}
_PARAMETERS = re.compile(r"\s--[a-z].*", re.IGNORECASE | re.DOTALL)  # Midjourney's own, which may be set elsewhere


def read_back(desk: Desk, line: Line, provider_id: str) -> None:
    """Make sure that the provider knows this id and that it can be this job; asks the provider, so no transaction is open.

    Raises ConflictError when it does not know it or it plainly is another request, and another ProviderError when that
    cannot be told now.
    """
    with desk.db.single() as tx:
        looks.count_reads(tx, line.provider, desk.paces[line.provider], 2, desk.clock())
    try:
        if line.kind is JobKind.PICTURE:
            desk.kie.poll(provider_id, {})
        else:
            desk.fal.poll(line.endpoint, provider_id, {})
    except ProviderRefused as error:
        # Another no, such as a redirect or a gate's 403, comes from our settings and says nothing of the id.
        if error.status in (400, 404, 410, 422):
            raise ConflictError(f"{_TITLE[line.provider]} knows no request {provider_id!r}: copy the id again from its list "
                                "of requests; if it is of another account, it is not this purchase") from None
        raise
    except ProviderError as error:
        if error.code != RESULT_WITHHELD:  # finished there, so it is known
            raise
    if line.kind is JobKind.PICTURE:
        _compare(desk, line, provider_id, read_echo(desk.kie, provider_id))
    else:
        _compare_clip(desk, line, provider_id)


def _compare_clip(desk: Desk, line: Line, provider_id: str) -> None:
    """fal's queue does not repeat what was asked; its history does, where it can be read and holds the request yet."""
    if desk.history is None or line.sent is None or line.sent_at is None:
        return
    try:
        found = desk.history.list_sent(line.endpoint, line.sent_at - timedelta(days=1), provider_id)
    except ProviderError as error:
        log.info("the history could not be asked about a person's word", extra={"jobId": line.id, "code": error.code})
        return
    for past in found:
        others = [name for name, value in line.sent.items() if past.json_input.get(name, value) != value]
        if others:
            raise ConflictError(f"{provider_id!r} is another request: not the job's {', '.join(others)}")


def _compare(desk: Desk, line: Line, provider_id: str, echo: Echo) -> None:
    if echo.callback_url:
        hashed = token_hash(echo.callback_url.rstrip("/").rpartition("/")[2])
        if hashed == line.token_hash:
            return  # our own address, with the token of this very sending
        with desk.db.transaction() as tx:
            other = rows.find_job_by_token(tx, line.provider, hashed)
        if other is not None:
            raise ConflictError(f"{provider_id!r} was bought for another job of ours, {other.id}")
    # Nothing is lent for it: the addresses of the pictures it goes by are not compared.
    asked = desk.kie.fields(asked_picture(line.request, line.request.get("picture_keys", ())))["prompt"]
    if echo.prompt and _bare(echo.prompt) != _bare(asked):
        raise ConflictError(f"{provider_id!r} is another request: its prompt begins with {echo.prompt[:80]!r}, that of the "
                            f"job with {asked[:80]!r}")


def _bare(prompt: str) -> str:
    return " ".join(_PARAMETERS.sub("", prompt).split()).casefold()


def adopt(desk: Desk, tx: Tx, line: Line, provider_id: str, now: datetime) -> bool:
    """In doubt → running with this id, charged once; False when it is not in doubt any more.

    Raises ConflictError when the id is another job's: one purchase cannot be two.
    """
    doubts.lock_provider_id(tx, line.provider, provider_id)
    owner = doubts.find_owner(tx, line.provider, provider_id)
    if owner is not None:
        of = "an earlier attempt of this job, which failed there" if owner == line.id else f"another job of ours, {owner}"
        raise ConflictError(f"{provider_id!r} belongs to {of}")
    job = rows.get_job(tx, line.id)
    deadline = now + timedelta(seconds=desk.limits[line.kind].deadline_seconds)
    if job is None or job.attempt != line.attempt or not rows.adopt_unknown(tx, job, provider_id, now, deadline):
        return False
    charge(desk, tx, job, provider_id, now)
    return True

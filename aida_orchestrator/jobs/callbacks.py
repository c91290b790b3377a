"""What a callback means: a hint to look now. It also brings back a submission whose answer was lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ..errors import AidaError, ProviderUnavailable
from ..model import Job, JobKind, JobState, Outcome
from ..store import doubts, looks
from ..store import jobs as rows
from .booking import charge
from .desk import Desk
from .purchase import token_hash
from .telling import about, job_fields, story_line
from .watch import poll

log = logging.getLogger(__name__)

_PATIENCE, _PAUSE = 25, 0.2  # five seconds


def hint(desk: Desk, provider: str, token: str, provider_id: str | None,
         verified: Callable[[], bool | None]) -> bool:
    """A callback came: let its job be polled now; False for an unknown token. The callback's addresses are never used.

    If our submission's answer was lost, or is slower than the callback, the id it names is adopted: when its signature
    holds (`verified`, asked only then), or, where nothing is signed (None), after the job was read back. That may come
    after we had given up: what was bought is then still fetched and kept, and a retry of the film finds it; or after it
    was decided to send it again, which then is not done. Raises
    ProviderUnavailable when the job cannot be read back now; told so, the provider sends the callback again.
    """
    with desk.db.single() as tx:
        job = rows.find_job_by_token(tx, provider, token_hash(token))
    if job is None:
        return _came_late(desk, provider, token, provider_id)
    with about(job, "heed callback of"):
        log.debug("a callback came", extra={"namesId": provider_id is not None, "state": job.state})
        _heed(desk, job, token, provider_id, verified)
    return True


def _heed(desk: Desk, job: Job, token: str, provider_id: str | None, verified: Callable[[], bool | None]) -> None:
    if _may_be_bought(job):
        signed = verified() if provider_id else False
        if provider_id and signed is not False and _is_ours(desk, job, provider_id, token, signed):
            _adopt(desk, job, provider_id)
    elif provider_id is None or provider_id == job.provider_id:
        with desk.db.single() as tx:
            if job.outcome is Outcome.LOST:
                deadline = desk.clock() + timedelta(seconds=desk.limits[job.kind].deadline_seconds)
                if looks.look_again(tx, job, desk.clock(), deadline):
                    log.info("a callback came for a job that was given up; it is read again", extra={"jobId": job.id})
            else:
                looks.hurry_job(tx, job.id, desk.clock())


def _may_be_bought(job: Job) -> bool:
    """It was sent, and we do not know its id at the provider."""
    if job.state in (JobState.QUEUED, JobState.ADMITTED):
        return job.attempt > 0 and job.provider_id is None
    given_up = job.outcome is Outcome.LOST and job.provider_id is None
    return given_up or job.state in (JobState.SUBMITTING, JobState.UNKNOWN)


def _came_late(desk: Desk, provider: str, token: str, provider_id: str | None) -> bool:
    """A callback to the address of a former sending: nothing is done, but an id that nobody knows was paid for in vain."""
    with desk.db.single() as tx:
        job = rows.find_job_by_former_token(tx, provider, token_hash(token))
        known = job is not None and provider_id is not None and doubts.find_owner(tx, provider, provider_id) is not None
    if job is not None and provider_id and not known:
        log.error("a callback names a purchase that was taken for lost and made again: it may be billed twice",
                  extra={**job_fields(job), "providerId": provider_id})
    return job is not None


def _is_ours(desk: Desk, job: Job, provider_id: str, token: str, signed: bool | None) -> bool:
    """Whether the provider knows this id, and, where it repeats what it was asked, was given our address with this token.

    KIE signs id and time, not the address: a genuine callback of one job, sent again to the address of another, has a
    right signature. fal's covers the whole body.
    """
    if signed and job.kind is JobKind.CLIP:
        return True
    _wait_for_read(desk, job)
    try:
        there = poll(desk, replace(job, provider_id=provider_id, handles={}))
    except AidaError as error:
        if error.transient:  # whoever told us is to tell it again: this may be the only trace of what was bought
            raise
        return False
    return there.callback_url is None or there.callback_url.rstrip("/").rpartition("/")[2] == token


def _wait_for_read(desk: Desk, job: Job) -> None:
    """Many callbacks may come at once, and the account's pace holds for reading them back too."""
    for _ in range(_PATIENCE):
        with desk.db.single() as tx:
            if looks.take_read(tx, job.provider, desk.paces[job.provider], desk.clock()):
                return
        time.sleep(_PAUSE)
    raise ProviderUnavailable(job.provider, "too many callbacks are being read back at this moment", retry_after=5)


def _adopt(desk: Desk, job: Job, provider_id: str) -> None:
    now, found = desk.clock(), False
    with desk.db.transaction() as tx:
        doubts.lock_provider_id(tx, job.provider, provider_id)
        owner = doubts.find_owner(tx, job.provider, provider_id)
        if owner is not None:
            log.warning("a callback named an id that is known already", extra={"jobId": job.id, "providerId": provider_id,
                                                                               "owner": owner})
            return
        deadline = now + timedelta(seconds=desk.limits[job.kind].deadline_seconds)
        if rows.adopt_unknown(tx, job, provider_id, now, deadline):
            charge(desk, tx, job, provider_id, now)
            log.info("a lost answer was made good by a callback", extra={"jobId": job.id, "providerId": provider_id})
            found = True
    if found:
        story_line(desk, job, "job_found", how="its callback")

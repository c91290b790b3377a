"""Asking how running jobs stand, and settling doubts. Rows wait, nobody sleeps.

A poll loop has five exits: done, failed, an unknown word (asked again until the deadline), too many refused reads, too
long. The deadline ends a job only after it was asked once more: nobody may have asked for hours. A callback is only a
hint to ask now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..errors import AidaError, MediaUnavailable, OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from ..model import Job, JobKind, JobState, Outcome, Rendering
from ..providers.fal import RESULT_WITHHELD
from ..store import doubts, looks
from ..store import jobs as rows
from ..store.jobs import ref_of
from .aim import next_look, took
from .desk import PROVIDER_OF, Desk, Woken
from .holding import HOLDING
from .purchase import charge, token_hash
from .settle import describe, settle

log = logging.getLogger(__name__)

_FETCH_SEEMS_LOST = 15.0
_SIDE_BY_SIDE = 8
_MOST_AT_ONCE = 50
_PATIENCE, _PAUSE = 25, 0.2  # five seconds
_REFUSED_READS = 5
_WITHHELD_READS = 8
_BROKEN_READS = 10  # in a row, past the deadline: when we are started again, our line may be down for a while


def look_at_due(desk: Desk) -> Woken:
    """Look at every running job whose time has come, side by side, and ring the copying that seems lost."""
    woken = ring_copying(desk)
    due = claim_due(desk, due_in(desk), _MOST_AT_ONCE)
    if due:
        with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(due)), thread_name_prefix="look") as pool:
            for one in pool.map(lambda job: look(desk, job), due):
                woken.add(one)
    return woken


def ring_copying(desk: Desk) -> Woken:
    """Rendered jobs that nobody has begun to copy, or whose copying was cut off."""
    with desk.db.single() as tx:
        return Woken(fetches=looks.claim_fetches(tx, desk.clock(), _FETCH_SEEMS_LOST))


def due_in(desk: Desk) -> dict[JobKind, float]:
    """How long until some look at each kind of job is due, in seconds, 0 for now; without those that nobody makes."""
    with desk.db.single() as tx:
        at = looks.next_looks(tx, [PROVIDER_OF[kind] for kind in desk.limits])
    return {kind: max(0.0, (at[PROVIDER_OF[kind]] - desk.clock()).total_seconds())
            for kind in desk.limits if PROVIDER_OF[kind] in at}


def claim_due(desk: Desk, due_in: Mapping[JobKind, float], most: int) -> list[Job]:
    """Running jobs whose look is due, claimed for a lease: at most `most`, and what reads the accounts have left."""
    due: list[Job] = []
    for kind, seconds in due_in.items():
        now, provider = desk.clock(), PROVIDER_OF[kind]
        if len(due) < most and seconds <= 0:
            with desk.db.transaction() as tx:
                pace = desk.paces[provider]
                left = min(most - len(due), looks.reads_left(tx, provider, pace, now))
                claimed = looks.claim_looks(tx, provider, now, now + desk.lease, limit=left)
                if claimed:
                    looks.count_reads(tx, provider, pace, len(claimed), now)
            due += claimed
    return due


def look(desk: Desk, job: Job, copies: Callable[[], bool] = lambda: False) -> Woken:
    """See how a job stands that the caller has claimed. `copies` is asked when there is a result: whether the caller copies
    it at once, or anybody is rung."""
    try:
        with HOLDING.hold(desk, job.id):
            rendering = _poll(desk, job)
    except ProviderError as error:
        return _look_failed(desk, job, error)
    except Exception as error:
        log.exception("an answer about a job was not understood", extra={"jobId": job.id, "provider": job.provider})
        return _unread(desk, job, _counted(job, describe(error)))
    if rendering.error is not None:
        return _failed_there(desk, job, rendering.error)
    if not rendering.done:
        odd = rendering.note.startswith("unknown")
        if _past_deadline(desk, job):
            return _too_long(desk, job, f"{job.provider} did not finish within the deadline")
        _later(desk, job, {"code": "unknown_word", "message": rendering.note} if odd else None)
        return Woken()
    if not rendering.urls:
        return _failed_there(desk, job, ProviderRefused(job.provider, "finished without any media"))
    return _rendered(desk, job, rendering.urls, copies())


def _rendered(desk: Desk, job: Job, urls: Sequence[str], copy: bool) -> Woken:
    now = desk.clock()
    with desk.db.single() as tx:
        rendered = looks.render_job(tx, job, urls, now, now + (desk.lease if copy else timedelta(seconds=_FETCH_SEEMS_LOST)),
                                   took=took(desk, job), fetching=copy)
    if rendered is None:
        return Woken()
    if copy:
        return Woken(copies=[rendered], freed=[(rendered.kind, rendered.project_id)])
    return Woken(fetches=[ref_of(rendered)])  # whoever copies it gives the slot away


def _poll(desk: Desk, job: Job) -> Rendering:
    assert job.provider_id is not None
    if job.kind is JobKind.PICTURE:
        return desk.kie.poll(job.provider_id, job.handles)
    return desk.fal.poll(job.endpoint, job.provider_id, job.handles)


def _look_failed(desk: Desk, job: Job, error: ProviderError) -> Woken:
    """The reading failed, which says nothing of the job: read later. "No such job", said often enough, ends it.

    So does the provider's own word that the result cannot be had: fal has no failed status, only results that fail.
    """
    told = _counted(job, describe(error))
    if error.code == RESULT_WITHHELD and told["times"] >= _WITHHELD_READS:
        said = f"{job.provider} finished the job, but its result failed {told['times']} times"
        return _failed_there(desk, job, ProviderUnavailable(job.provider, said, status=error.status, body=error.body))
    if isinstance(error, ProviderRefused) and told["times"] >= _REFUSED_READS:
        return settle(desk, job, Outcome.LOST, error=told, from_states=[JobState.RUNNING])
    log.warning("a job could not be read", extra={"jobId": job.id, "provider": job.provider, "code": error.code,
                                                  "status": error.status})
    return _unread(desk, job, told)


def _counted(job: Job, told: dict[str, Any]) -> dict[str, Any]:
    """What went wrong, with how many times in a row it did."""
    former = job.error or {}
    return {**told, "times": int(former.get("times", 0)) + 1 if former.get("code") == told["code"] else 1}


def _unread(desk: Desk, job: Job, told: dict[str, Any]) -> Woken:
    if _past_deadline(desk, job) and told["times"] >= _BROKEN_READS:
        return _too_long(desk, job, f"{job.provider} did not say within the deadline how the job stands", told["code"])
    _later(desk, job, told)
    return Woken()


def _past_deadline(desk: Desk, job: Job) -> bool:
    return job.deadline_at is not None and job.deadline_at < desk.clock()


def _too_long(desk: Desk, job: Job, message: str, last: str | None = None) -> Woken:
    told = {"code": "provider_too_long", "provider": job.provider, "message": message, "last": last}
    return settle(desk, job, Outcome.LOST, error=told, from_states=[JobState.RUNNING])


def _later(desk: Desk, job: Job, error: dict[str, Any] | None) -> None:
    now = desk.clock()
    with desk.db.single() as tx:
        looks.look_later(tx, job, now, now + timedelta(seconds=next_look(desk, job)), error)


def _failed_there(desk: Desk, job: Job, error: Exception) -> Woken:
    """The provider took it and could not make it: nothing was delivered, so one new job may be asked for.

    KIE: one new task at most (providers' table, "accepted, then failed"); fal: only where its error type is passing.
    """
    told = describe(error)
    again = job.renewals < 1 and (job.kind is JobKind.PICTURE or getattr(error, "transient", False))
    log.warning("a job failed at the provider", extra={"jobId": job.id, "provider": job.provider,
                                                       "code": told.get("code"), "again": again})
    if not again:
        return settle(desk, job, Outcome.FAILED, error=told, from_states=[JobState.RUNNING])
    with desk.db.single() as tx:
        rows.requeue_job(tx, job, told, desk.clock() + timedelta(seconds=desk.policy.delays[0]), refused=False)
    return Woken()


def doubt_silent(desk: Desk) -> int:
    """Submissions whose process died before the answer was written become unknown; how many."""
    now = desk.clock()
    lost = OutcomeUnknown("unknown", "the worker stopped before the provider's answer was written")
    with desk.db.single() as tx:
        doubted = rows.doubt_silent(tx, now, now - timedelta(seconds=desk.submit_timeout + 15), describe(lost))
    return len(doubted)


def give_up(desk: Desk) -> Woken:
    """End what has waited to its bound: unknown outcomes become lost (never sent again), copying that only crashes fails.

    What a provider is still making is given up by the look that finds it so after its deadline.
    """
    woken = Woken()
    waits = {kind: limits.unknown_wait for kind, limits in desk.limits.items()}
    with desk.db.single() as tx:
        waited = rows.list_given_up(tx, desk.clock(), waits)
    for job in waited:
        if job.state is JobState.UNKNOWN:
            told = {**(job.error or {}), "code": OutcomeUnknown.code, "message":
                    "the request left and no answer says whether it was accepted; it may have been billed and is not "
                    "sent again by itself"}
            woken.add(settle(desk, job, Outcome.LOST, error=told, from_states=[JobState.UNKNOWN]))
        else:
            told = describe(MediaUnavailable("what was bought could not be copied: each try ended without a word"))
            woken.add(settle(desk, job, Outcome.FAILED, error=told, from_states=[JobState.RENDERED]))
    return woken


def hint(desk: Desk, provider: str, token: str, provider_id: str | None,
         verified: Callable[[], bool | None]) -> bool:
    """A callback came: let its job be polled now; False for an unknown token. The callback's addresses are never used.

    If our submission's answer was lost, or is slower than the callback, the id it names is adopted: when its signature
    holds (`verified`, asked only then), or, where nothing is signed (None), after the job was read back. That may come
    after we had given up: what was bought is then still fetched and kept, and a retry of the film finds it. Raises
    ProviderUnavailable when the job cannot be read back now; told so, the provider sends the callback again.
    """
    with desk.db.single() as tx:
        job = rows.find_job_by_token(tx, provider, token_hash(token))
    if job is None:
        return False
    given_up = job.outcome is Outcome.LOST and job.provider_id is None
    if given_up or job.state in (JobState.SUBMITTING, JobState.UNKNOWN):
        signed = verified() if provider_id else False
        if provider_id and signed is not False and _is_ours(desk, job, provider_id, token, signed):
            _adopt(desk, job, provider_id)
    elif provider_id is None or provider_id == job.provider_id:
        with desk.db.single() as tx:
            looks.hurry_job(tx, job.id, desk.clock())
    return True


def _is_ours(desk: Desk, job: Job, provider_id: str, token: str, signed: bool | None) -> bool:
    """Whether the provider knows this id, and, where it repeats what it was asked, was given our address with this token.

    KIE signs id and time, not the address: a genuine callback of one job, sent again to the address of another, has a
    right signature. fal's covers the whole body.
    """
    if signed and job.kind is JobKind.CLIP:
        return True
    _wait_for_read(desk, job)
    try:
        there = _poll(desk, replace(job, provider_id=provider_id, handles={}))
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
    now = desk.clock()
    with desk.db.transaction() as tx:
        doubts.lock_provider_id(tx, job.provider, provider_id)
        owner = doubts.find_owner(tx, job.provider, provider_id)
        if owner is not None:
            log.warning("a callback named an id that is known already", extra={"jobId": job.id, "providerId": provider_id,
                                                                               "owner": owner})
            return
        deadline = now + timedelta(seconds=desk.limits[job.kind].deadline_seconds)
        if rows.adopt_unknown(tx, job, provider_id, now, deadline):
            charge(desk, tx, job, now)
            log.info("a lost answer was made good by a callback", extra={"jobId": job.id, "providerId": provider_id})

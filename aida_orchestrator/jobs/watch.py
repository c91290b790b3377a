"""Asking how running jobs stand, and settling doubts. Rows wait, nobody sleeps.

A poll loop has five exits: done, failed, an unknown word (asked again until the deadline), reads refused or a result
withheld too often and for too long, too long. The deadline ends a job only after it was asked once more: nobody may have
asked for hours. Reads that fail settle a job as lost, never as failed: what was bought is not bought again because of them,
and a retry reads it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from ..errors import (
    AidaError,
    MediaUnavailable,
    OutcomeUnknown,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from ..model import Job, JobKind, JobState, Outcome, Rendering
from ..providers.fal import PICTURE_UNREAD, RESULT_WITHHELD, STOPPED
from ..store import jobs as rows
from ..store import looks
from ..store.jobs import ref_of
from .aim import look_after_trouble, next_look, slow, took
from .desk import PROVIDER_OF, Desk, Woken
from .held import pause
from .holding import HOLDING
from .settle import describe, settle
from .telling import about, job_fields, story_line

log = logging.getLogger(__name__)

_FETCH_SEEMS_LOST = 15.0
_SIDE_BY_SIDE = 8
_MOST_AT_ONCE = 50
# In a row, and for so long: looks may come closely, and what was made shows at a provider's every machine a little later.
_REFUSED_READS = 5
_WITHHELD_READS, _WITHHELD_SECONDS = 8, 600.0
_LOCKED_SECONDS = 2 * 24 * 3600.0  # an account that is empty, past any deadline
_BROKEN_READS = 10  # of any kind, past the deadline: when we are started again, our line may be down for a while


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
    with about(job, "look at"):
        return _look(desk, job, copies)


def _look(desk: Desk, job: Job, copies: Callable[[], bool]) -> Woken:
    try:
        with HOLDING.hold(desk, job.id):
            rendering = poll(desk, job)
        log.debug("looked", extra={"look": job.polls, "done": rendering.done, "waiting": rendering.waiting,
                                   "failed": rendering.error is not None, "results": len(rendering.urls)})
    except ProviderError as error:
        return _look_failed(desk, job, error)
    except Exception as error:
        log.exception("an answer about a job was not understood", extra=job_fields(job))
        return _unread(desk, job, _counted(desk, job, describe(error)))
    if rendering.error is not None:
        return _failed_there(desk, job, rendering.error)
    if not rendering.done:
        odd = rendering.note.startswith("unknown")
        if _past_deadline(desk, job):
            return _too_long(desk, job, f"{job.provider} did not finish within the deadline")
        if rendering.waiting:
            _stop_unwanted(desk, job)
        _later(desk, job, _unknown_word(job, rendering.note) if odd else None, next_look(desk, job))
        return Woken()
    if not rendering.urls:
        return _failed_there(desk, job, ProviderRefused(job.provider, "finished without any media"))
    return _rendered(desk, job, rendering.urls, copies())


def _unknown_word(job: Job, note: str) -> dict[str, Any]:
    return {"code": "unknown_word", "provider": job.provider, "said": note,
            "message": f"{job.provider} tells a state of the job that is not known here"}


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


def poll(desk: Desk, job: Job) -> Rendering:
    """How a job with a provider's id stands there, asked now; raises ProviderError."""
    assert job.provider_id is not None
    if job.kind is JobKind.PICTURE:
        return desk.kie.poll(job.provider_id, job.handles)
    return desk.fal.poll(job.endpoint, job.provider_id, job.handles)


def stop(desk: Desk, job: Job) -> None:
    """Ask fal to stop a clip that nobody wants any more; one that cannot be stopped is kept. Pictures cannot be."""
    if job.kind is JobKind.CLIP and job.provider_id:
        try:
            word = desk.fal.cancel(job.endpoint, job.provider_id, job.handles)
        except AidaError as error:
            log.info("a clip could not be cancelled at the provider; it will be kept",
                     extra={**job_fields(job), "code": error.code})
        else:
            if word == STOPPED:
                with desk.db.single() as tx:
                    looks.note_stopped(tx, job)


def _stop_unwanted(desk: Desk, job: Job) -> None:
    """A clip of a cancelled film that still waits at fal: whoever cancelled could not stop it, or did not know its id."""
    with desk.db.single() as tx:
        unwanted = rows.is_unwanted(tx, job.id)
    if unwanted:
        stop(desk, job)


def _look_failed(desk: Desk, job: Job, error: ProviderError) -> Woken:
    """The reading failed, which says nothing of the job: read later. "No such job", said often and long enough, ends it.

    So does the provider's own word that the result of what it finished cannot be had.
    """
    told, limits = _counted(desk, job, describe(error)), desk.limits[job.kind]
    lasted = (desk.clock() - datetime.fromisoformat(told["since"])).total_seconds()
    if error.code == RESULT_WITHHELD and told["times"] >= _WITHHELD_READS \
            and lasted >= min(_WITHHELD_SECONDS, limits.deadline_seconds / 6):
        return _too_long(desk, job, f"{job.provider} finished the job, but its result could not be had in {told['times']} "
                         f"reads over {lasted:.0f} s", error.code)
    if isinstance(error, ProviderRefused) and told["times"] >= _REFUSED_READS and lasted >= slow(limits):
        if job.handles.get("stopped"):  # nothing was made, and a film that goes on after a cancel needs it anew
            return _failed_there(desk, job, ProviderUnavailable(job.provider, "it was stopped there, as we asked"))
        return settle(desk, job, Outcome.LOST, error=told, from_states=[JobState.RUNNING])
    log.warning("a job could not be read", extra={**job_fields(job), "code": error.code, "status": error.status})
    if isinstance(error, ProviderBalanceError):  # a locked account does not even tell; what was bought there is read later
        if told["times"] == 1:
            pause(desk, error)
        if lasted < _LOCKED_SECONDS:
            _later(desk, job, told, look_after_trouble(desk, job, told["reads"]))
            return Woken()
    return _unread(desk, job, told)


def _counted(desk: Desk, job: Job, told: dict[str, Any]) -> dict[str, Any]:
    """What went wrong, how many times in a row it did and since when; and how many looks in a row failed somehow."""
    former, now = job.error or {}, desk.clock()
    counted = {**told, "times": 1, "since": now.isoformat(), "reads": int(former.get("reads", former.get("times", 0))) + 1}
    if former.get("code") == told["code"]:
        since = datetime.fromisoformat(former.get("since", counted["since"]))  # in the future: a wrong clock's
        counted |= {"times": int(former.get("times", 0)) + 1, "since": min(since, now).isoformat()}
    return counted


def _unread(desk: Desk, job: Job, told: dict[str, Any]) -> Woken:
    if _past_deadline(desk, job) and told["reads"] >= _BROKEN_READS:
        return _too_long(desk, job, f"{job.provider} did not say within the deadline how the job stands", told["code"])
    _later(desk, job, told, look_after_trouble(desk, job, told["reads"]))
    return Woken()


def _past_deadline(desk: Desk, job: Job) -> bool:
    return job.deadline_at is not None and job.deadline_at < desk.clock()


def _too_long(desk: Desk, job: Job, message: str, last: str | None = None) -> Woken:
    told = {"code": "provider_too_long", "provider": job.provider, "message": message, "last": last}
    return settle(desk, job, Outcome.LOST, error=told, from_states=[JobState.RUNNING])


def _later(desk: Desk, job: Job, error: dict[str, Any] | None, seconds: float) -> None:
    now = desk.clock()
    with desk.db.single() as tx:
        looks.look_later(tx, job, now, now + timedelta(seconds=seconds), error)


def _failed_there(desk: Desk, job: Job, error: Exception) -> Woken:
    """The provider took it and could not make it: nothing was delivered, so one new job may be asked for.

    KIE: one new task at most (providers' table, "accepted, then failed"); fal: only where its error type is passing, or
    it could not read the picture where its maker has it and can at our own address.
    """
    told = describe(error)
    elsewhere = told.get("code") == PICTURE_UNREAD and desk.public_url is not None
    again = job.renewals < 1 and (job.kind is JobKind.PICTURE or getattr(error, "transient", False) or elsewhere)
    log.warning("a job failed at the provider", extra={**job_fields(job), "code": told.get("code"), "again": again})
    if not again:
        return settle(desk, job, Outcome.FAILED, error=told, from_states=[JobState.RUNNING])
    with desk.db.single() as tx:
        rows.requeue_job(tx, job, told, desk.clock() + timedelta(seconds=desk.policy.delays[0]), refused=False)
    story_line(desk, job, "job_made_again", told)
    return Woken()


def doubt_silent(desk: Desk) -> int:
    """Submissions whose process died before the answer was written become unknown; how many.

    What a wrong clock wrote into the future is called back before, or it would be waited for until that time comes.
    """
    now = desk.clock()
    lost = OutcomeUnknown("unknown", "the worker stopped before the provider's answer was written")
    with desk.db.single() as tx:
        recalled = looks.recall_future(tx, now)
    if recalled:
        log.error("jobs were dated far in the future: the clock of a machine is wrong", extra={"jobs": recalled})
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

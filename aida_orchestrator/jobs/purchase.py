"""The one POST. Intent is committed before it, the provider's id straight after; silence is never answered by a second.

If Postgres is away when the provider has just accepted, the id is kept in a local fsynced file until it can be written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..errors import AidaError, Held, NotFoundError, OutcomeUnknown, ProviderBalanceError, ProviderError
from ..model import Accepted, ClipRequest, Job, JobKind, JobState, Outcome, PictureRequest
from ..providers.kie import MAINTENANCE
from ..store import jobs as rows
from ..store.db import StoreUnavailable
from ..store.jobs import Picture
from ..store.spending import key_of
from .aim import first_look
from .booking import charge, keys_of, usage_of
from .desk import COMPONENT_OF, Desk, Woken
from .held import account_empty, hold, resume, unread
from .settle import describe, settle
from .telling import about, job_fields, story_line
from .wishes import asked_picture

log = logging.getLogger(__name__)

_FRESH = timedelta(hours=20)  # a picture's address at KIE was seen to die after about 24 h
_KEEP_TRIES = 15
_IN_DOUBT = timedelta(days=35)  # by then the provider's bill has told whether it was bought
_TOLD = 3  # times in a row that a job was put off which the story tells
# "Not now", said to the whole account: it says nothing of the request, and passes when it passes.
_PAUSES = (429, MAINTENANCE)


def token_hash(token: str) -> str:
    """What is stored of a callback token."""
    return hashlib.sha256(token.encode()).hexdigest()


def submit(desk: Desk, job_id: str) -> Woken:
    """Submit an admitted job once; anything else than admitted is left alone, so a doubled message is harmless."""
    with desk.db.single() as tx:
        found = rows.job_to_submit(tx, job_id)
    if found is None:
        return Woken()
    with about(found[0], "submit"):
        return _submit(desk, *found)


def _submit(desk: Desk, job: Job, picture: Picture | None) -> Woken:
    try:
        fields = _fields(desk, job, picture)
    except StoreUnavailable:
        raise
    except Exception as error:
        # Nothing was sent. Left admitted, it would be rung again for ever, and its film would never end.
        if isinstance(error, ProviderBalanceError):
            return account_empty(desk, job, error, job.error, JobState.ADMITTED)
        if isinstance(error, ProviderError):  # a picture could not be lent
            return _refused(desk, job, error, job.error, JobState.ADMITTED)
        if not isinstance(error, AidaError):
            log.exception("a request could not be put together", extra=_extra(job))
        return settle(desk, job, Outcome.FAILED, error=describe(error), from_states=[JobState.ADMITTED])
    token = secrets.token_urlsafe(32)
    try:
        intended, tries = _intend(desk, job, token_hash(token), fields)
    except Held as held:
        return hold(desk, job, held, JobState.ADMITTED, job.error)
    if intended is None:
        return Woken()
    try:
        accepted = _post(desk, intended, fields, _callback_url(desk, intended, token))
    except OutcomeUnknown as error:
        log.warning("the outcome of a paid request is unknown", extra=_extra(intended, error))
        with desk.db.single() as tx:
            rows.doubt_job(tx, intended, describe(error), desk.clock())
        story_line(desk, job, "job_unknown", describe(error))
        return Woken()
    except ProviderBalanceError as error:
        return account_empty(desk, intended, error, job.error, JobState.SUBMITTING)
    except ProviderError as error:
        return _refused(desk, intended, error, job.error, JobState.SUBMITTING)
    _keep(desk, intended, accepted)
    log.info("job accepted", extra={**_extra(intended), "providerId": accepted.provider_id})
    if tries:
        resume(desk, intended.provider)
    return Woken()


def _intend(desk: Desk, job: Job, hashed: str, fields: dict[str, Any]) -> tuple[Job | None, bool]:
    """The intent and the reservation of what it costs, in one transaction; and whether it tries an account that was empty.

    Raises Held, and then nothing of it is written. The job's row is held first, here and where a purchase is booked.
    """
    with desk.db.transaction() as tx:
        now = desk.clock()
        intended = rows.intend_job(tx, job.id, hashed, fields, now)
        if intended is None:
            return None, False
        return intended, desk.reserve(tx, key_of(intended), keys_of(intended), COMPONENT_OF[job.kind],
                                      usage_of(desk, job), now, _IN_DOUBT, job.id)


def _fields(desk: Desk, job: Job, picture: Picture | None) -> dict[str, Any]:
    if job.kind is JobKind.PICTURE:
        return desk.kie.fields(_picture_request(desk, job))
    if picture is None:
        raise NotFoundError(f"the picture {job.request['picture_key']!r} is not in our storage any more")
    return desk.fal.fields(ClipRequest(
        endpoint=job.endpoint, prompt=job.request["prompt"], seconds=job.request["seconds"],
        aspect_ratio=job.request["aspect_ratio"], image_url=_picture_url(desk, job, picture)))


def _picture_request(desk: Desk, job: Job) -> PictureRequest:
    asked = job.request
    # One that was deleted is not worth an order.
    paths = {key: desk.storage.path(key) for key in asked.get("picture_keys", ())}
    return asked_picture(asked, [f"{desk.public_url}/media/{key}" if desk.public_url else desk.kie.lend(path)
                                 for key, path in paths.items()])


def _picture_url(desk: Desk, job: Job, picture: Picture) -> str:
    """An address from which the video provider can fetch the picture: its maker's while fresh, else ours, else lent.

    Where it could not read the maker's, ours: that host may refuse programs, or have lost the file.
    """
    in_vain = unread(job.error) and desk.public_url is not None
    if picture.url is not None and desk.clock() - picture.made_at < _FRESH and not in_vain:
        return picture.url
    if desk.public_url:
        return f"{desk.public_url}/media/{picture.key}"
    return desk.fal.lend(desk.storage.path(picture.key))


def _callback_url(desk: Desk, job: Job, token: str) -> str | None:
    return f"{desk.public_url}/api/orchestrator/callbacks/{job.provider}/{token}" if desk.public_url else None


def _post(desk: Desk, job: Job, fields: dict[str, Any], callback_url: str | None) -> Accepted:
    if job.kind is JobKind.PICTURE:
        return desk.kie.submit(fields, callback_url)
    return desk.fal.submit(job.endpoint, fields, callback_url)


def _refused(desk: Desk, job: Job, error: ProviderError, before: Mapping[str, Any] | None, state: JobState) -> Woken:
    """Certainly not bought: passing trouble waits in the queue (the row, not a worker), any other ends the job.

    `before` is the row's trouble before this try, `state` the one it is in. Few refusals are passed over; a pause of the
    whole account is waited for as long as the job may take to be made, and at least as often as other refusals.
    """
    told, most = describe(error), len(desk.policy.delays)
    tries, paused = job.refusals + 1, error.transient and error.status in _PAUSES
    if paused:
        tries = told["pauses"] = int((before or {}).get("pauses", 0)) + 1
    if unread(before):
        told["unread"] = True
    again = error.transient and (tries <= most or (paused and desk.clock() < _worth_waiting_until(desk, job)))
    delay = desk.policy.put_off(tries, error) if again else None
    log.warning("a paid request was refused", extra={**_extra(job, error), "againInSeconds": delay})
    if delay is None:
        if paused:
            told["message"] = f"{error.message}: it said so {tries} times, for longer than the job may wait"
        return settle(desk, job, Outcome.FAILED, error=told, from_states=[state])
    if state is JobState.ADMITTED:
        told.pop("status", None)  # said where files are lent: it holds nobody else's order up
    with desk.db.single() as tx:
        rows.put_off_job(tx, job, told, desk.clock() + timedelta(seconds=delay), counted=not paused, state=state)
    if tries <= _TOLD:
        story_line(desk, job, "job_put_off", told, again=round(delay))
    return Woken()


def _worth_waiting_until(desk: Desk, job: Job) -> datetime:
    """When a job that was asked for, or for another time, should have been made."""
    return job.deadline_at or job.created_at + timedelta(seconds=desk.limits[job.kind].deadline_seconds)


def _keep(desk: Desk, job: Job, accepted: Accepted) -> None:
    """Write the provider's id; hold on to it through an outage of the database."""
    note = desk.accepted_folder / f"{job.id}-{job.attempt}.json"
    for attempt in range(_KEEP_TRIES):
        try:
            _write_accepted(desk, job, accepted)
        except Exception as error:
            if attempt == 0:
                _write_note(note, job, accepted)
            if not isinstance(error, StoreUnavailable):
                raise  # a fault of ours, or a server that only reads: the file is tried until it is mended
            time.sleep(min(2.0, 0.2 * 2**attempt))
        else:
            with suppress(OSError):  # one that stays is found to be written already
                note.unlink()
            return
    log.error("the provider's id could not be written to the database; the sweep reads it from its file",
              extra={**_extra(job), "providerId": accepted.provider_id, "file": str(note)})


def _write_accepted(desk: Desk, job: Job, accepted: Accepted) -> None:
    now = desk.clock()
    first, limits = first_look(desk, job), desk.limits[job.kind]
    with desk.db.transaction() as tx:
        taken = rows.accept_job(tx, job, accepted, now, now + timedelta(seconds=first),
                                now + timedelta(seconds=limits.deadline_seconds))
        if taken:
            charge(desk, tx, job, accepted.provider_id, now)


def _write_note(note: Path, job: Job, accepted: Accepted) -> None:
    """Keep the id in a file; where that cannot be, the log has it, and the database is tried all the same."""
    content = {"job": job.id, "attempt": job.attempt, "provider_id": accepted.provider_id, "handles": dict(accepted.handles)}
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        with open(note, "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.error("a bought job's id cannot be kept in a file (AIDA_HOME)", extra={
            **_extra(job), "providerId": accepted.provider_id, "why": error.strerror})


def replay_accepted(desk: Desk) -> int:
    """Write what an earlier outage kept in files; how many. Cheap when there is nothing.

    Called by the sweep, and after each submission: the files are on this machine, and its workers may take no sweeps.
    """
    if not desk.accepted_folder.is_dir():
        return 0
    count = 0
    for note in desk.accepted_folder.glob("*.json"):
        try:
            kept = json.loads(note.read_text())
            job_id, attempt = kept["job"], kept["attempt"]
            accepted = Accepted(kept["provider_id"], kept["handles"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        with desk.db.single() as tx:
            job = rows.get_job(tx, job_id)
        if job is not None and job.attempt == attempt:
            try:
                _write_accepted(desk, job, accepted)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("a provider's id cannot be written", extra={**_extra(job), "file": str(note)})
                continue
            count += 1
        note.unlink(missing_ok=True)
    return count


def _extra(job: Job, error: ProviderError | None = None) -> dict[str, Any]:
    extra = job_fields(job)
    if error is not None:
        extra |= {"code": error.code, "status": error.status, "said": error.message}
    return extra

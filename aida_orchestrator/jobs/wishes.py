"""The wish for a paid request becomes a row, and a row gets a slot when its turn comes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..model import (
    Job,
    JobKind,
    JobState,
    Outcome,
    PictureRequest,
    Reference,
    ReferenceUse,
    Shot,
    Task,
    fingerprint,
)
from ..store import jobs as rows
from ..store.db import Tx
from .desk import PROVIDER_OF, Desk, Woken

log = logging.getLogger(__name__)

MIDJOURNEY_ENDPOINT = "mj/generate"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paid request that a stage needs; `request` is what it is made of, `fingerprint` names it exactly."""

    shot: int
    kind: JobKind
    endpoint: str
    request: dict[str, Any]
    fingerprint: str


def picture(
    desk: Desk, shot: Shot, prompt: str, aspect_ratio: str, sref: str, references: Sequence[Reference] = (),
) -> Wanted:
    """The wish for one Midjourney task; its fingerprint is that of the very fields to be sent, and of the take.

    References count by their content, as the picture of a clip does; their addresses are found when it is sent.
    """
    request: dict[str, Any] = {"prompt": prompt, "aspect_ratio": aspect_ratio, "sref": sref}
    named = PictureRequest(**request)
    if references:
        use = references[0].use
        named = replace(named, use=use, pictures=tuple(one.sha256 for one in references))
        request |= {"use": use.value, "picture_keys": [one.key for one in references]}
    print_ = fingerprint({"fields": desk.kie.fields(named), "take": shot.take})
    return Wanted(shot.number, JobKind.PICTURE, MIDJOURNEY_ENDPOINT, request, print_)


def asked_picture(request: Mapping[str, Any], pictures: Sequence[str]) -> PictureRequest:
    """What `picture` wrote into a row's request, read again; `pictures` stand for those that it goes by.

    TypeError for a request that says more, as a later version's may: without that it would be another picture.
    """
    plain = PictureRequest(**{name: value for name, value in request.items() if name not in ("use", "picture_keys")})
    return replace(plain, use=ReferenceUse(request["use"]), pictures=tuple(pictures)) if "use" in request else plain


def clip(shot: Shot, endpoint: str, aspect_ratio: str, picture_key: str, picture_sha: str) -> Wanted:
    """The wish for one Kling clip. The picture counts by its content: its address may change, the clip would not."""
    request = {"prompt": shot.motion_prompt, "seconds": shot.seconds, "aspect_ratio": aspect_ratio,
               "picture_key": picture_key}
    print_ = fingerprint({"endpoint": endpoint, "prompt": shot.motion_prompt, "seconds": shot.seconds,
                          "aspect_ratio": aspect_ratio, "picture": picture_sha, "take": shot.take})
    return Wanted(shot.number, JobKind.CLIP, endpoint, request, print_)


def same_again(job: Job) -> Wanted:
    """The wish that finds this row, and nothing but it: whatever settings and prompts are today, it is not made anew."""
    return Wanted(job.shot, job.kind, job.endpoint, job.request, job.fingerprint)


def begins_with(job: Job, shot: Shot, picture_key: str, picture_sha: str) -> bool:
    """Whether the clip of a row moves this picture, by its key or its content."""
    if job.request.get("picture_key") == picture_key:
        return True
    now = clip(shot, job.endpoint, str(job.request.get("aspect_ratio")), picture_key, picture_sha)
    return now.fingerprint == job.fingerprint


def ask(tx: Tx, task: Task, wanted: Sequence[Wanted], now: datetime) -> list[Job]:
    """Write the wishes of a task. What an earlier task of the project bought is taken over; what failed for an earlier
    task is tried anew; what is lost (perhaps bought) is never sent again here."""
    if not wanted:
        return []
    found = rows.ask_jobs(tx, task, [
        {"id": f"job_{secrets.token_hex(10)}", "shot": wish.shot, "kind": wish.kind, "provider": PROVIDER_OF[wish.kind],
         "endpoint": wish.endpoint, "fingerprint": wish.fingerprint, "request": wish.request} for wish in wanted], now)
    new = rows.link_jobs(tx, task.id, [job.id for job in found])
    for job in found:
        if job.id in new and (job.state is JobState.CANCELLED or job.outcome not in (None, Outcome.DONE)):
            rows.reopen_job(tx, job.id, now)
    return sorted(found, key=lambda job: job.shot)


def admit(desk: Desk, kinds: Sequence[JobKind] = tuple(JobKind), films: Sequence[str] | None = None) -> Woken:
    """Give free slots to waiting jobs of these kinds; the caller sends one submit message for each admitted.

    `films` (project ids): the caller knows that nothing else has changed. Where the account has room for all that wait,
    only these films are looked at; where it has not, all are, so that users take turns.
    """
    woken = Woken()
    for kind in kinds:
        limits, provider = desk.limits[kind], PROVIDER_OF[kind]
        now = desk.clock()
        with desk.db.transaction() as tx:
            rows.lock_admission(tx, provider)
            room, queued = rows.account_room(tx, provider, now, running_limit=limits.running, window_limit=limits.window,
                                             window_seconds=limits.window_seconds)
            if room and queued:
                if films is not None and queued <= room:
                    woken.submits += rows.admit_of_films(tx, provider, now, per_film=limits.per_film, project_ids=films,
                                                         lost_holds=limits.lost_holds)
                else:
                    woken.submits += rows.admit_jobs(tx, provider, now, per_film=limits.per_film, room=room,
                                                     lost_holds=limits.lost_holds)
        given = sum(ref.kind is kind for ref in woken.submits)
        if given:
            log.debug("slots were given away", extra={"provider": provider, "kind": kind, "queued": queued, "room": room,
                                                      "given": given})
    return woken

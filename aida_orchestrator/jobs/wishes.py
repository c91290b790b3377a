"""The wish for a paid request becomes a row, and a row gets a slot when its turn comes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ..model import Job, JobKind, PictureRequest, Shot, Task, fingerprint
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


def picture(desk: Desk, shot: Shot, prompt: str, aspect_ratio: str, sref: str) -> Wanted:
    """The wish for one Midjourney task; its fingerprint is that of the very fields to be sent, and of the take."""
    request = PictureRequest(prompt=prompt, aspect_ratio=aspect_ratio, sref=sref)
    print_ = fingerprint({"fields": desk.kie.fields(request), "take": shot.take})
    return Wanted(shot.number, JobKind.PICTURE, MIDJOURNEY_ENDPOINT, asdict(request), print_)


def clip(shot: Shot, endpoint: str, aspect_ratio: str, picture_key: str, picture_sha: str) -> Wanted:
    """The wish for one Kling clip. The picture counts by its content: its address may change, the clip would not."""
    request = {"prompt": shot.motion_prompt, "seconds": shot.seconds, "aspect_ratio": aspect_ratio,
               "picture_key": picture_key}
    print_ = fingerprint({"endpoint": endpoint, "prompt": shot.motion_prompt, "seconds": shot.seconds,
                          "aspect_ratio": aspect_ratio, "picture": picture_sha, "take": shot.take})
    return Wanted(shot.number, JobKind.CLIP, endpoint, request, print_)


def ask(tx: Tx, task: Task, wanted: Sequence[Wanted], now: datetime) -> list[Job]:
    """Write the wishes of a task. What an earlier task of the project bought is taken over; what failed for an earlier
    task is tried anew; what is lost (perhaps bought) is never sent again here."""
    found = []
    for wish in wanted:
        job = rows.ask_job(
            tx, id=f"job_{secrets.token_hex(10)}", task=task, shot=wish.shot, kind=wish.kind,
            provider=PROVIDER_OF[wish.kind], endpoint=wish.endpoint, fingerprint=wish.fingerprint,
            request=wish.request, now=now)
        if rows.link_job(tx, task.id, job.id):
            rows.reopen_job(tx, job.id, now)
        found.append(job)
    return found


def admit(desk: Desk, kinds: Sequence[JobKind] = tuple(JobKind)) -> Woken:
    """Give free slots to waiting jobs of these kinds; the caller sends one submit message for each admitted."""
    woken = Woken()
    for kind in kinds:
        limits = desk.limits[kind]
        with desk.db.transaction() as tx:
            woken.submits += rows.admit_jobs(
                tx, PROVIDER_OF[kind], desk.clock(), per_film=limits.per_film, running_limit=limits.running,
                window_limit=limits.window, window_seconds=limits.window_seconds)
    return woken

"""When to look at what a provider makes: aimed by how long the endpoint's latest jobs took.

A look before the quickest is wasted, and one a whole interval after the end is time lost: so the first comes when a
quarter of the latest were done, and from then on they come closely, as closely as the account's reads allow.
"""

from __future__ import annotations

import time

from ..model import Job
from ..store import looks
from ..store.db import Database
from ..store.looks import RenderTimes
from .desk import Desk

_ENOUGH = 5
_FRESH_SECONDS = 3.0
_CLOSEST = 0.2
_SLOWEST = 30.0
_MANY_LOOKS = 30
_latest: dict[tuple[int, str], tuple[float, RenderTimes]] = {}


def first_look(desk: Desk, job: Job) -> float:
    """Seconds from acceptance to the first look. Where a callback will tell, the look is only the net under it."""
    times = _times(desk.db, job)
    interval = desk.limits[job.kind].poll_seconds
    if desk.public_url:
        return times.late * 1.1 + interval if times.n >= _ENOUGH else 2 * interval
    return times.early if times.n >= _ENOUGH else interval


def next_look(desk: Desk, job: Job) -> float:
    """Seconds from a look that found nothing yet to the next."""
    limits = desk.limits[job.kind]
    interval = limits.poll_seconds
    if job.polls > _MANY_LOOKS:  # a job that takes long is asked more seldom
        interval = max(interval, min(_SLOWEST, interval * (job.polls / _MANY_LOOKS)))
    times = _times(desk.db, job)
    if times.n < _ENOUGH or desk.public_url or age(desk, job) > 2 * times.late:
        return interval
    closest = max(_CLOSEST, (times.late - times.early) / 6, times.running / limits.looks)
    return min(interval, closest)


def took(desk: Desk, job: Job) -> float:
    """Seconds that a job found done took, as far as can be told: done at the first look, it was done somewhat before."""
    seen = age(desk, job)
    if desk.public_url:
        return seen
    return seen * 0.97 if job.polls <= 1 else max(seen * 0.97, seen - _CLOSEST)


def age(desk: Desk, job: Job) -> float:
    """Seconds since the job was sent."""
    since = job.intent_at or job.accepted_at
    return (desk.clock() - since).total_seconds() if since else 0.0


def _times(db: Database, job: Job) -> RenderTimes:
    key = (id(db), job.endpoint)
    kept = _latest.get(key)
    if kept is None or time.monotonic() - kept[0] > _FRESH_SECONDS:
        with db.single() as tx:
            kept = _latest[key] = (time.monotonic(), looks.render_times(tx, job.provider, job.endpoint))
    return kept[1]

"""When to look at what a provider makes: aimed by how long the endpoint's latest jobs took.

A look before the quickest is wasted, and one a whole interval after the end is time lost: so the first comes when a
quarter of the latest were done, and from then on they come closely, as closely as the account's reads allow.

What is learnt of a job must not be how late we looked at it: the next look would be as late, and what it finds later still.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from ..model import Job
from ..store import looks
from ..store.db import Database
from ..store.looks import RenderTimes
from .desk import Desk, Limits

_ENOUGH = 5
_FRESH_SECONDS = 3.0
_CLOSEST = 0.2
_SLOWEST = 30.0
_MANY_LOOKS = 30
_LONGEST = 600.0  # no look is ever further away, whatever was learnt or set
_LOST_CALLBACK = 60.0  # what one may cost, beyond the time that the quickest take
_SLOW = 60.0
# By the database itself, not by its id(): one that is gone leaves its id to the next, which would believe what it learnt.
_latest: WeakKeyDictionary[Database, dict[str, tuple[float, RenderTimes]]] = WeakKeyDictionary()


def first_look(desk: Desk, job: Job) -> float:
    """Seconds from acceptance to the first look. Where a callback will tell, the look is only the net under it."""
    times, limits = _times(desk.db, job), desk.limits[job.kind]
    interval = limits.poll_seconds
    if times.n < _ENOUGH:
        aimed = 2 * interval if desk.public_url else interval
    elif desk.public_url:
        aimed = min(times.late * 1.1 + interval, times.early + _LOST_CALLBACK)
    else:
        aimed = times.early
    return min(aimed, _LONGEST, limits.deadline_seconds / 6)


def next_look(desk: Desk, job: Job) -> float:
    """Seconds from a look that found nothing yet to the next."""
    limits = desk.limits[job.kind]
    interval = min(limits.poll_seconds, _LONGEST)
    if job.polls > _MANY_LOOKS:  # a job that takes long is asked more seldom
        interval = max(interval, min(_SLOWEST, interval * (job.polls / _MANY_LOOKS)))
    times = _times(desk.db, job)
    if times.n < _ENOUGH or desk.public_url or age(desk, job) > 2 * times.late:
        return interval
    closest = max(_CLOSEST, (times.late - times.early) / 6, times.running / limits.looks)
    return min(interval, closest)


def look_after_trouble(desk: Desk, job: Job, failures: int) -> float:
    """Seconds from the last of so many looks in a row that failed to the next: a pace, then twice as long each time."""
    limits = desk.limits[job.kind]
    interval = min(limits.poll_seconds, _LONGEST)
    return min(interval * 2.0 ** min(failures - 1, 20), max(interval, slow(limits)))


def slow(limits: Limits) -> float:
    """Seconds between looks where nothing is in a hurry: a minute, less where the deadline is near."""
    return min(_SLOW, limits.deadline_seconds / 30)


def took(desk: Desk, job: Job) -> float | None:
    """Seconds that a job found done took, as far as can be told; None where nothing can.

    A callback says it to the moment. A look says no more than that it was done between the look before and the moment
    for which this one was meant, however late it came.
    """
    seen = age(desk, job)
    sent = job.intent_at or job.accepted_at
    meant = min(seen, (job.due_at - sent).total_seconds()) if sent and job.due_at else seen
    if not desk.public_url:
        done = meant * 0.97 if job.polls <= 1 else max(meant * 0.97, meant - _CLOSEST)
    elif job.hurried:
        done = meant
    elif job.polls > 1:
        done = meant - next_look(desk, job)
    else:
        # The net itself found it: done at any time before. The belief that set the net so late is halved until looks
        # come too early and tell more, or callbacks come again.
        times = _times(desk.db, job)
        if times.n < _ENOUGH:
            return None
        done = min(meant, times.early / 2)
    return max(0.0, done)


def age(desk: Desk, job: Job) -> float:
    """Seconds since the job was sent."""
    since = job.intent_at or job.accepted_at
    return (desk.clock() - since).total_seconds() if since else 0.0


def _times(db: Database, job: Job) -> RenderTimes:
    by_endpoint = _latest.setdefault(db, {})
    kept = by_endpoint.get(job.endpoint)
    if kept is None or time.monotonic() - kept[0] > _FRESH_SECONDS:
        with db.single() as tx:
            kept = by_endpoint[job.endpoint] = (time.monotonic(), looks.render_times(tx, job.provider, job.endpoint))
    return kept[1]

"""Looking up in fal's request history whether a clip was bought whose answer was lost.

A request there whose input is the very JSON that was sent, image address included, is ours: nobody else has that address.
That it is not there proves nothing, so nothing is ever sent again because of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from weakref import WeakKeyDictionary

from ..errors import AidaError, ConflictError, ProviderAuthError, ProviderRefused
from ..model import JobKind
from ..providers.fal_history import FalHistory, Past
from ..store import doubts as rows
from ..store.doubts import Line
from . import doubts
from .desk import PROVIDER_OF, STAGE_OF, Desk, Woken
from .telling import story_line

log = logging.getLogger(__name__)

_FIRST, _SLOWEST, _MOST = 4.0, 1800.0, 13  # seconds between looks: 4, 8, 16 ... half an hour; for two hours and a half
_OLDEST = timedelta(hours=20)
_EARLY = timedelta(seconds=60)  # fal's clock may be behind ours
_TELL_AGAIN = 3600.0
_PAUSE, _REST, _LONG_REST = 2.0, 15.0, 600.0  # between looks, after trouble that passes, and after a no

# When each history may be asked again by this process, and when its trouble was last told, on its own clock: many jobs in
# doubt, or an address that hangs, must not hold up the sweep each second.
_rests: WeakKeyDictionary[FalHistory, float] = WeakKeyDictionary()
_told: WeakKeyDictionary[FalHistory, float] = WeakKeyDictionary()


def look_up(desk: Desk) -> Woken:
    """Adopt those clips in doubt that the history shows, once for all of an endpoint; never raises a provider's trouble.

    Those that were given up are looked for too: what was bought is then still fetched, and a retry of the film finds it.
    """
    history = desk.history
    if history is None or _rests.get(history, 0.0) > time.monotonic():
        return Woken()
    now = desk.clock()
    provider = PROVIDER_OF[JobKind.CLIP]
    with desk.db.transaction() as tx:
        endpoints = rows.claim_lookups(tx, provider, now, now - _OLDEST, first=_FIRST, slowest=_SLOWEST, most=_MOST)
        lines = rows.list_lookups(tx, provider, endpoints, now - _OLDEST) if endpoints else []
    if endpoints:
        _rests[history] = time.monotonic() + _PAUSE
    for endpoint in endpoints:
        mine = [line for line in lines if line.endpoint == endpoint]
        since = min((line.sent_at for line in mine if line.sent_at), default=now)
        try:
            found = history.list_sent(endpoint, since - _EARLY)
        except AidaError as error:
            _trouble(history, error)
            break
        _match(desk, mine, found)
    return Woken()


def _match(desk: Desk, lines: Sequence[Line], found: Sequence[Past]) -> None:
    """Give each job in doubt, the first sent first, the earliest request of its own that is nobody's yet."""
    wanted = [past for past in found if any(line.sent == past.json_input for line in lines)]
    with desk.db.transaction() as tx:
        taken = rows.list_owned(tx, PROVIDER_OF[JobKind.CLIP], [past.request_id for past in wanted])
    for line in lines:
        own = [past for past in wanted if past.request_id not in taken and past.json_input == line.sent
               and line.sent_at is not None and past.sent_at >= line.sent_at - _EARLY]
        if own and _adopt(desk, line, own[0]):
            taken.add(own[0].request_id)
    for line in lines:
        left = [past.request_id for past in wanted if past.request_id not in taken and past.json_input == line.sent
                and line.sent_at is not None and past.sent_at >= line.sent_at - _EARLY]
        if left:
            taken.update(left)
            log.error("the provider shows more requests like this one than were meant: they were billed too", extra={
                "jobId": line.id, "taskId": line.task_id, "stage": STAGE_OF[line.kind], "provider": line.provider,
                "requestIds": left})


def _adopt(desk: Desk, line: Line, past: Past) -> bool:
    try:
        with desk.db.transaction() as tx:
            adopted = doubts.adopt(desk, tx, line, past.request_id, desk.clock())
    except ConflictError:
        return False  # it has become another job's meanwhile
    if adopted:
        log.info("a lost answer was made good by the provider's history", extra={
            "jobId": line.id, "taskId": line.task_id, "stage": STAGE_OF[line.kind], "providerId": past.request_id,
            "wasGivenUp": line.held})
        story_line(desk, line, "job_found", how="the provider's history")
    return adopted


def _trouble(history: FalHistory, error: AidaError) -> None:
    """A history that cannot be read is asked again later, and its trouble told once an hour."""
    now = time.monotonic()
    lasting = isinstance(error, ProviderAuthError | ProviderRefused)
    _rests[history] = now + (_LONG_REST if lasting else _REST)
    if history not in _told or now - _told[history] >= _TELL_AGAIN:
        _told[history] = now
        log.warning("the provider's history cannot be read: lost answers wait for callbacks, or for a person", extra={
            "provider": "fal", "code": error.code, "status": getattr(error, "status", None), "said": error.message})

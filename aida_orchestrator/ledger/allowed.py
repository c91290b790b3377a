"""Text calls under the gate: what a call may cost at the most is reserved before it, and let go or booked after it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from ..errors import AccountEmpty, ProviderBalanceError
from ..model import ClaudeRequest, Component, Usage
from ..store import holds, spending
from ..store.db import Database, StoreUnavailable
from .charging import TaskKeys
from .gate import Gate

log = logging.getLogger(__name__)

_LASTS = timedelta(minutes=30)  # longer than any call with all its tries
_BYTES_A_TOKEN = 2  # English has four and more, Chinese three
_OVERHEAD = 3000  # what the API itself says of tools and of the asked form


def most_of_claude(request: ClaudeRequest, model: str) -> Usage:
    """The most that an answer to this request can consume: nothing of it is read from the cache, and it is as long as it may
    be."""
    told = json.dumps((request.system, request.messages, request.tools, request.schema), ensure_ascii=False)
    return Usage("anthropic", model, {"cache_write_1h_tokens": len(told.encode()) // _BYTES_A_TOKEN + _OVERHEAD,
                                      "output_tokens": request.max_tokens})


def most_of_vectors(texts: Sequence[str], provider: str, model: str) -> Usage:
    """The most that reading these texts can consume: a token has one byte at least."""
    return Usage(provider, model, {"input_tokens": sum(len(text.encode()) for text in texts)})


@contextmanager
def allowed(
    db: Database, gate: Gate, key: str, keys: TaskKeys, component: Component, most: Usage, now: datetime,
) -> Iterator[None]:
    """A block in which one call is made that `most` is reserved for, under `key`, with which the block books it.

    Raises Held before anything is asked, or after an empty account was told, which stops every call there until it is
    good again. What is made on this machine costs nothing and is not asked about.
    """
    if most.provider == "local":
        yield
        return
    with db.transaction() as tx:
        tries = gate.reserve(tx, key, keys, component, most, now, _LASTS, probe=keys[0])
    try:
        yield
    except ProviderBalanceError as error:
        with db.transaction() as tx:
            spending.release(tx, key)
            begins = holds.pause(tx, error.provider, error.message, now)
        log.log(logging.ERROR if begins else logging.INFO,
                "a provider's account is empty: its calls wait until it is topped up", extra={
                    "provider": error.provider, "code": error.code, "status": error.status, "said": error.message})
        raise AccountEmpty(error.message, dollars=gate.price(most, now), provider=error.provider) from error
    except BaseException:
        with suppress(*StoreUnavailable), db.single() as tx:  # else it is let go when its time is over
            spending.release(tx, key)
        raise
    if tries:
        with db.single() as tx:
            if holds.resume(tx, most.provider):
                log.warning("a provider serves again: its calls go on", extra={"provider": most.provider})

"""Cursors of lists: where the last page ended, opaque to the caller."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from ..errors import InvalidError

T = TypeVar("T")


def write_cursor(last: Any) -> str:
    """What JSON can hold of the last line of a page, as `nextCursor`."""
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, read: Callable[[Any], T]) -> T | None:
    """What `read` makes of what was written; None without a cursor.

    Raises InvalidError for any other text; `read` raises ValueError or TypeError for what it did not write.
    """
    if cursor is None:
        return None
    try:
        return read(json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)))
    except (ValueError, TypeError, RecursionError):
        raise InvalidError("cursor must be the nextCursor of an earlier answer") from None


def read_place(written: Any) -> tuple[datetime, str]:
    """A moment and an id; raises ValueError or TypeError for anything else, and for what the database could not be asked."""
    at, item = written
    seen = datetime.fromisoformat(at)
    if type(item) is not str or "\0" in item or not seen.tzinfo:
        raise ValueError
    return seen, item

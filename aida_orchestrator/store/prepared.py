"""Statements that the server keeps parsed and planned, so that it does not do it again at each use of a connection.

PREPARE and EXECUTE are sent as SQL, for psycopg2 speaks the simple protocol. Why, when, and what it costs:
docs/decisions/0009-prepared-statements.md.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg2.extensions

from .variants import Variant, variant_of

log = logging.getLogger(__name__)

_MOST = 200  # of one connection; the server holds each in memory, with its plans
# A plan that is kept was made for tables as they were then, and of young ones the server says nothing for a minute: a scan
# of all jobs was best, there were few. So plans are made anew after so many uses, as the tables grow by what we do.
_USES = 1000
# Not to be prepared at all: no type can be told for a parameter, or another one than in the text.
_TYPE_TROUBLE = {"42P18", "42P08", "42804", "42883", "42725"}
_LOST = {"26000", "42P05"}  # the server lacks what was prepared, or has what was not


class Line(psycopg2.extensions.connection):
    """A connection, and what it has prepared."""

    statements: Statements


@dataclass(slots=True)
class Common:
    """What the connections of one pool share: whether to prepare, how often a table changed, and what cannot be prepared."""

    allowed: bool = True
    epoch: int = 0
    refused: set[Variant] = field(default_factory=set)


class Statements:
    """What one connection has prepared. A transaction calls `begin`, then `render` for each of its statements and, after
    each exchange with the server, `arrived` or `failed`."""

    def __init__(self, common: Common, *, lasting: bool) -> None:
        """`lasting`: the session is ours alone; behind a pooler the next transaction may be in another one."""
        self._common = common
        self._lasting = lasting
        self._epoch = common.epoch
        self._seen: set[Variant] = set()
        self._known: set[Variant] = set()
        self._making: list[Variant] = []   # in the exchange that is being put together
        self._uncertain = False            # what the server has is not what is known
        self._forgetting = False           # and this exchange begins with its forgetting all
        self._uses = 0                     # since the plans were made

    def begin(self) -> list[bytes]:
        """What the first exchange of a transaction must begin with."""
        self._making.clear()
        if self._epoch != self._common.epoch:
            self._epoch = self._common.epoch
            self._uncertain = self._uncertain or bool(self._known)
        self._forgetting = self._uncertain
        if self._uncertain:
            self._known.clear()
            return [b"DEALLOCATE ALL"]
        if self._uses >= _USES:
            self._uses = 0
            return [b"DISCARD PLANS"]
        return []

    def render(self, cursor: psycopg2.extensions.cursor, text: str, params: Mapping[str, Any]) -> bytes:
        """The statement as it is sent. It is prepared at its second use, by the exchange that also uses it."""
        variant = self._variant(text, params)
        if variant is None:
            return cursor.mogrify(text, params)
        call = cursor.mogrify(variant.execute, params)
        self._uses += 1
        if variant in self._known or variant in self._making:
            return call
        self._making.append(variant)
        return variant.prepare + b"\n;\n" + call

    def arrived(self) -> None:
        """The server has done all of the exchange."""
        if self._forgetting:
            self._uncertain = self._forgetting = False
        if self._making:
            self._known.update(self._making)
            self._making.clear()

    def failed(self, error: BaseException) -> bool:
        """The exchange failed, nobody knows where; True when the session is of no use any more, though the server lives."""
        if self._making or self._forgetting:
            self._uncertain, self._forgetting = True, False
            self._known.clear()
            self._seen.difference_update(self._making)  # alone the next time: what always fails must not spoil the others
        making, self._making = self._making, []
        if not isinstance(error, psycopg2.Error):
            return False
        if error.pgcode in _TYPE_TROUBLE:
            self._common.refused.update(making)
        if error.pgcode in _LOST:
            if self._common.allowed:
                log.warning("the database forgets prepared statements, none are made any more: %s", str(error).strip())
            self._common.allowed = False
            return True
        if error.pgcode == "0A000" and error.diag.source_function == "RevalidateCachedQuery":
            # "cached plan must not change result type": a table has got another column, by a migration beside us.
            self._common.epoch += 1
            return True
        return False

    def _variant(self, text: str, params: Mapping[str, Any]) -> Variant | None:
        if not self._lasting or not self._common.allowed or (self._uncertain and not self._forgetting):
            return None
        variant = variant_of(text, params)
        if variant is None or variant in self._known or variant in self._making:
            return variant
        if variant not in self._seen:
            if len(self._seen) > 5 * _MOST:
                self._seen.clear()
            self._seen.add(variant)
            return None
        full = len(self._known) + len(self._making) >= _MOST
        return None if full or variant in self._common.refused else variant

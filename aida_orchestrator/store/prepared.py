"""Statements that the server keeps parsed and planned, so that it does not do it again at each use of a connection.

PREPARE and EXECUTE are sent as SQL, for psycopg2 speaks the simple protocol. Why, when, and what it costs:
docs/decisions/0009-prepared-statements.md.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count
from math import isfinite
from typing import Any

import psycopg2.extensions
from psycopg2.extras import Json

log = logging.getLogger(__name__)

_MOST = 200  # of one connection; the server holds each in memory, with its plans
# A plan that is kept was made for tables as they were then, and of young ones the server says nothing for a minute: a scan
# of all jobs was best, there were few. So plans are made anew after so many uses, as the tables grow by what we do.
_USES = 1000
_TOKEN = re.compile(r"""--[^\n]*|(?P<quoted>'[^']*'|"[^"]*")|%\((?P<name>\w+)\)s|(?P<percent>%%)""")
_UNFIT = re.compile(r"[;$%]|/\*")  # more than one statement, or syntax that is not looked into
_PREPARABLE = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
# What the server takes a value for when it stands in the text: a word in quotes, NULL and {} become what is wanted there.
_UNKNOWN = "unknown"
_TYPES: dict[type, str] = {str: _UNKNOWN, type(None): _UNKNOWN, Json: _UNKNOWN, bool: "boolean", date: "date",
                           timedelta: "interval"}
# Not to be prepared at all: no type can be told for a parameter, or another one than in the text.
_TYPE_TROUBLE = {"42P18", "42P08", "42804", "42883", "42725"}
_LOST = {"26000", "42P05"}  # the server lacks what was prepared, or has what was not
_titles: dict[str, str] = {}
_numbers = count(1)


class Line(psycopg2.extensions.connection):
    """A connection, and what it has prepared."""

    statements: Statements


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A text with the types of its parameters; `execute` has the parameters as psycopg2 writes them."""

    prepare: bytes
    execute: str


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
        shape = _shape(text)
        if shape is None:
            return None
        types = tuple([_type_of(params[name]) for name in shape.names])
        if None in types:
            return None
        variant = _make(text, types)
        if variant in self._known or variant in self._making:
            return variant
        if variant not in self._seen:
            if len(self._seen) > 5 * _MOST:
                self._seen.clear()
            self._seen.add(variant)
            return None
        full = len(self._known) + len(self._making) >= _MOST
        return None if full or variant in self._common.refused else variant


@dataclass(frozen=True, slots=True)
class _Shape:
    """A text without comments, cut where its parameters stand: one piece more than names."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]


def entitle(text: str, title: str) -> None:
    """Let this statement be seen under a name in pg_stat_activity; letters, digits and underscores."""
    _titles[text] = title


def _type_of(value: Any) -> str | None:
    """The type that the server gives this value when it stands in a text; None: not known here."""
    kind = type(value)
    if kind in _TYPES:
        return _TYPES[kind]
    if kind is int:
        return "integer" if -2**31 <= value < 2**31 else "bigint" if -2**63 <= value < 2**63 else "numeric"
    if kind is datetime:
        return "timestamptz" if value.tzinfo else "timestamp"
    if kind is float or kind is Decimal:
        return "numeric" if isfinite(value) else None
    if kind is list:
        return _UNKNOWN if not value else "text[]" if all(isinstance(item, str) for item in value) else None
    return _UNKNOWN if isinstance(value, str) else None


@lru_cache(maxsize=1024)
def _shape(text: str) -> _Shape | None:
    """None for what is not prepared: other commands, several at once, and what would have to be parsed in earnest."""
    pieces, names, end = [""], [], 0
    for token in [*_TOKEN.finditer(text), None]:
        between = text[end:token.start()] if token else text[end:]
        if _UNFIT.search(between):
            return None
        pieces[-1] += between
        if token is None:
            break
        end = token.end()
        if token["name"]:
            names.append(token["name"])
            pieces.append("")
        elif token["quoted"] or token["percent"]:
            pieces[-1] += token[0].replace("%%", "%")
            if "%" in token[0].replace("%%", ""):
                return None
    whole = "".join(pieces)
    fits = _PREPARABLE.match(whole) and whole.isascii() and "\\" not in whole
    return _Shape(tuple(pieces), tuple(names)) if fits else None


@lru_cache(maxsize=1024)
def _make(text: str, types: tuple[str, ...]) -> Variant:
    """Each place of a value of unknown type is a parameter of its own: it may become something else in each of them."""
    shape = _shape(text)
    assert shape is not None
    body = shape.pieces[0]
    arguments: list[tuple[str, str]] = []
    numbers: dict[str, int] = {}
    for name, kind, piece in zip(shape.names, types, shape.pieces[1:], strict=True):
        number = numbers.get(name)
        if number is None:
            arguments.append((name, kind))
            number = len(arguments)
            if kind != _UNKNOWN:
                numbers[name] = number
        body += f"${number}{piece}"
    title = f"{_titles.get(text, 'statement')}_{next(_numbers)}"
    kinds = ", ".join(kind for _, kind in arguments)
    values = ", ".join(f"%({name})s" for name, _ in arguments)
    return Variant(f"PREPARE {title}{f' ({kinds})' if kinds else ''} AS {body}".encode(),
                   f"EXECUTE {title}{f' ({values})' if values else ''}")

"""A statement's text and the types of its values, as PREPARE and EXECUTE need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count
from math import isfinite
from typing import Any

from psycopg2.extras import Json

_TOKEN = re.compile(r"""--[^\n]*|(?P<quoted>'[^']*'|"[^"]*")|%\((?P<name>\w+)\)s|(?P<percent>%%)""")
_UNFIT = re.compile(r"[;$%]|/\*")  # more than one statement, or syntax that is not looked into
_PREPARABLE = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
# What the server takes a value for when it stands in the text: a word in quotes, NULL and {} become what is wanted there.
_UNKNOWN = "unknown"
_TYPES: dict[type, str] = {str: _UNKNOWN, type(None): _UNKNOWN, Json: _UNKNOWN, bool: "boolean", date: "date",
                           timedelta: "interval"}
_titles: dict[str, str] = {}
_numbers = count(1)


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A text with the types of its parameters; `execute` has the parameters as psycopg2 writes them."""

    prepare: bytes
    execute: str


def variant_of(text: str, params: Mapping[str, Any]) -> Variant | None:
    """The variant of these values; None for what cannot be prepared. Raises KeyError for a missing parameter."""
    shape = _shape(text)
    if shape is None:
        return None
    types = tuple([_type_of(params[name]) for name in shape.names])
    return None if None in types else _make(text, types)


def entitle(text: str, title: str) -> None:
    """Let this statement be seen under a name in pg_stat_activity; letters, digits and underscores."""
    _titles[text] = title


@dataclass(frozen=True, slots=True)
class _Shape:
    """A text without comments, cut where its parameters stand: one piece more than names."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]


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

"""What stands behind the question mark. What does not exist is refused: a `dry_run` that counts for nothing costs money."""

from __future__ import annotations

from flask import request

from ..errors import InvalidError


def parameters(*allowed: str) -> dict[str, str]:
    """The query's parameters; raises InvalidError for one that does not exist or holds a NUL."""
    wrong = [name for name in request.args if name not in allowed]
    if wrong:
        raise InvalidError(f"there is no parameter {wrong[0][:40]!r}: use {', '.join(allowed) or 'none'}")
    if any("\0" in value for value in request.args.values()):
        raise InvalidError("a parameter must not hold a NUL")
    return {name: str(value) for name, value in request.args.items()}


def flag_in(given: dict[str, str], name: str) -> bool:
    """A parameter that is true or 1, false or 0, in any letter case; false when left out."""
    value = given.get(name, "false").lower()
    if value not in ("true", "false", "1", "0"):
        raise InvalidError(f"{name} must be true or false")
    return value in ("true", "1")


def whole_in(given: dict[str, str], name: str, usual: int, most: int) -> int:
    """A parameter that is a whole number from 1 to `most`."""
    text = given.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise InvalidError(f"{name} must be a whole number from 1 to {most}")
    return int(text)

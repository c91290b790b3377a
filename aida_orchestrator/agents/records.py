"""Results of tools as they are kept with a film: whole where they can be, else shortened so that they can still be read."""

from __future__ import annotations

import json
from typing import Any

from .text import compact_json

LONGEST_RECORD = 20_000
"""Characters kept of one result."""

_STRINGS = (4000, 1500, 500, 150)  # the longest strings go first: they are texts of files and guidelines


def recorded(result: str) -> str:
    """The result, at most 20,000 characters of it. JSON stays JSON, and what is missing is marked by "…" in its strings, or
    the whole becomes {"cut": true, "beginning": …}; other text ends in "…"."""
    if len(result) <= LONGEST_RECORD:
        return result
    try:
        document = json.loads(result)
        for longest in _STRINGS:
            shorter = compact_json(_shortened(document, longest))
            if len(shorter) <= LONGEST_RECORD:
                return shorter
    except (ValueError, RecursionError):
        return f"{result[: LONGEST_RECORD - 1]}…"
    return compact_json({"cut": True, "beginning": result[: LONGEST_RECORD // 3]})  # quotes and backslashes may double


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(one, longest) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one, longest) for one in value]
    return f"{value[:longest]}…" if isinstance(value, str) and len(value) > longest else value

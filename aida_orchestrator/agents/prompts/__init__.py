"""The agents' prompts: Markdown beside this file, made into system blocks that are the same bytes for every user."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from .styles import catalogue_text

# At most four breakpoints in a request and every 1 h one before any 5 m one. One here, behind all that never changes (the
# tools stand before it), leaves three for the messages; a second one inside the same text would save nothing.
LONG_CACHE = {"type": "ephemeral", "ttl": "1h"}
SHORT_CACHE = {"type": "ephemeral", "ttl": "5m"}


@cache
def read(name: str) -> str:
    """The text of one prompt file, without its extension."""
    return files(__name__).joinpath(f"{name}.md").read_text("utf-8").strip()


def system(role: str, *, with_catalogue: bool) -> tuple[dict[str, Any], ...]:
    """The system blocks of a role: its own prompt with the common rules, then the style catalogue; both cached long."""
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text} for text in _texts(role, with_catalogue)]
    blocks[-1]["cache_control"] = dict(LONG_CACHE)
    return tuple(blocks)


@cache
def _texts(role: str, with_catalogue: bool) -> tuple[str, ...]:
    catalogue = (f"{read('catalogue')}\n\n{catalogue_text()}",) if with_catalogue else ()
    return (f"{read(role)}\n\n{read('rules')}", *catalogue)

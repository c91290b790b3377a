"""What is asked of providers, what they answer, and what a call consumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .words import ReferenceUse

Role = Literal["query", "passage"]
"""What a text is to an embedder: a question, or something to be found."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call consumed.

    units, by provider: anthropic input_tokens (uncached), cache_write_5m_tokens, cache_write_1h_tokens,
    cache_read_tokens, output_tokens; openai and local input_tokens; kie tasks; fal seconds.
    """

    provider: str
    model: str
    units: Mapping[str, int]

    @property
    def tokens(self) -> int:
        """All tokens, cached ones included; 0 for pictures and clips."""
        return sum(count for unit, count in self.units.items() if unit.endswith("_tokens"))


@dataclass(frozen=True, slots=True)
class ClaudeRequest:
    """One Messages request without the model: blocks as the API wants them.

    `timeout`: seconds in which there must be an answer, if that is sooner than usual. It is no part of what is asked.
    """

    system: tuple[dict[str, Any], ...]
    messages: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...] = ()
    schema: dict[str, Any] | None = None
    max_tokens: int = 8000
    effort: str = "low"
    timeout: float | None = None

    def fingerprint(self, model: str) -> str:
        """SHA-256 of the whole request: the same question of one task is never asked twice."""
        return fingerprint(
            {"model": model, "system": self.system, "messages": self.messages, "tools": self.tools,
             "schema": self.schema, "max_tokens": self.max_tokens, "effort": self.effort}
        )


@dataclass(frozen=True, slots=True)
class ClaudeAnswer:
    """Blocks unchanged (they must be sent back byte for byte in a tool loop), and what they cost."""

    blocks: tuple[dict[str, Any], ...]
    stop_reason: str
    usage: Usage

    @property
    def text(self) -> str:
        """All text blocks joined; thinking and tool blocks are left out."""
        return "".join(block.get("text", "") for block in self.blocks if block.get("type") == "text")

    @property
    def tool_uses(self) -> list[dict[str, Any]]:
        """The tool_use blocks, in order."""
        return [block for block in self.blocks if block.get("type") == "tool_use"]


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """One Midjourney task: four pictures of one prompt. `pictures` are addresses of the references, all for one `use`."""

    prompt: str
    aspect_ratio: str
    sref: str = ""
    use: ReferenceUse = ReferenceUse.STYLE
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One Kling clip from a start picture."""

    endpoint: str
    prompt: str
    image_url: str
    seconds: int
    aspect_ratio: str = "16:9"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the request; `handles` are the addresses it gave for asking later."""

    provider_id: str
    handles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a poll found: still going (`done` False, no error), done with `urls`, or failed with `error`.

    `callback_url` is the one that the request was made with, where the provider repeats it; `waiting`: it is still in the
    provider's queue.
    """

    done: bool = False
    urls: tuple[str, ...] = ()
    error: Exception | None = None
    note: str = ""
    callback_url: str | None = None
    waiting: bool = False


def fingerprint(value: Any) -> str:
    """SHA-256 of the value as canonical JSON (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

"""Our documents as Claude reads them: flat, with the same field names as the answers it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ..model import Brief, Script, Storyboard
from .prompts import LONG_CACHE
from .text import clean, quoted_json

_REMARK = 600


def object_schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """A closed object of required properties. Bounds are kept by code: the API takes no minimum, maximum or length."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def user_turn(
    parts: list[str], cache: dict[str, str] | None = None, *, context: Sequence[str] = ()
) -> dict[str, Any]:
    """One user turn of quoted parts, with a cache breakpoint at its end if one is given.

    `context`: what is the same in all requests of one user for an hour (preferences, guidelines), word for word. It comes
    first, in a block of its own that is cached long; a breakpoint behind `parts` pays only if a tool loop reads it again.
    """
    blocks: list[dict[str, Any]] = []
    if context:
        blocks.append({"type": "text", "text": "\n".join(context), "cache_control": dict(LONG_CACHE)})
    block: dict[str, Any] = {"type": "text", "text": "\n".join(parts)}
    if cache is not None:
        block["cache_control"] = dict(cache)
    return {"role": "user", "content": [*blocks, block]}


def conversation(said: Sequence[str]) -> list[str]:
    """What the client said before in this project, oldest first, as one quoted part; no part where nothing was said."""
    return [quoted_json("conversation", [clean(line, _REMARK) for line in said])] if said else []


def brief_json(brief: Brief) -> dict[str, Any]:
    """A brief without its matches. What a client's own picture stands for is said only where there is one."""
    by = sorted({one.use.value for one in brief.references})
    return {
        "title": brief.title,
        "language": brief.language,
        "intent": brief.intent,
        "tone": brief.tone,
        "style_words": brief.style.words,
        "style_reference": brief.style.sref,
        "duration_seconds": brief.duration_seconds,
        "aspect_ratio": brief.aspect_ratio,
        "constraints": list(brief.constraints),
        **({"reference_picture": by[0]} if by else {}),
    }


def recalled_brief(stored: dict[str, Any]) -> dict[str, Any]:
    """A stored brief of any age; what cannot be read as one is not shown."""
    try:
        return brief_json(Brief.model_validate(stored))
    except ValidationError:
        return {}


def script_json(script: Script) -> dict[str, Any]:
    """A script, beats in order."""
    return script.model_dump(mode="json")


def storyboard_json(storyboard: Storyboard) -> dict[str, Any]:
    """A storyboard without takes and numbers, which are ours to count."""
    return {
        "style_words": storyboard.style.words,
        "style_reference": storyboard.style.sref,
        "shots": [
            {"beat": shot.beat, "picture_prompt": shot.picture_prompt, "motion_prompt": shot.motion_prompt,
             "seconds": shot.seconds}
            for shot in storyboard.shots
        ],
    }

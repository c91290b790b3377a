"""What every peer asks of the providers for one film: the same calls, sized and worded like ours, as plain data.

A peer brings the HTTP client and the waiting; nothing here talks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

SHOTS = 6
PICTURES_AT_ONCE = 4
POLL_SECONDS = 1.0
TEXTS = ("context", "script", "storyboard")
_CLIPS = "fal-ai/kling-video/v2.1/standard/image-to-video"


@dataclass(frozen=True)
class Call:
    """One HTTP request; a `body` makes it a POST."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None


def base() -> str:
    """The provider's address, handed to the processes of a peer by their environment."""
    return os.environ["PEER_PROVIDER_URL"]


def text(film: str, stage: str) -> Call:
    """One call of Claude."""
    return Call(f"{base()}/anthropic/v1/messages", {"x-api-key": "peer", "anthropic-version": "2023-06-01"}, {
        "model": "claude-sonnet-4-5", "max_tokens": 2000,
        "messages": [{"role": "user", "content": f"The {stage} of film {film}, of {SHOTS} shots, please."}],
    })


def embedding(film: str) -> Call:
    """One embedding."""
    return Call(f"{base()}/openai/v1/embeddings", {"Authorization": "Bearer peer"}, {
        "model": "text-embedding-3-small", "input": f"film {film}", "encoding_format": "base64",
    })


def picture(film: str, shot: int, callback: str = "") -> Call:
    """Buy the picture of a shot; `callback` is the address to tell."""
    return Call(f"{base()}/kie/api/v1/mj/generate", {"Authorization": "Bearer peer"}, {
        "taskType": "mj_txt2img", "prompt": f"film {film}, shot {shot}", "speed": "fast", "aspectRatio": "16:9",
        "version": "7", **({"callBackUrl": callback} if callback else {}),
    })


def picture_id(answer: Mapping[str, Any]) -> str:
    """KIE's id in the answer to `picture`; raises where nothing was bought."""
    if answer.get("code") != 200:
        raise RuntimeError(f"KIE refused a picture: {answer}")
    return str(answer["data"]["taskId"])


def look_at_picture(task_id: str) -> Call:
    """Ask how far a picture is."""
    return Call(f"{base()}/kie/api/v1/mj/record-info?taskId={task_id}", {"Authorization": "Bearer peer"})


def picture_ready(answer: Mapping[str, Any]) -> bool:
    """Whether it is done; raises where it failed."""
    flag = answer["data"]["successFlag"]
    if flag not in (0, 1):
        raise RuntimeError(f"a picture failed: {answer}")
    return bool(flag == 1)


def clip(film: str, shot: int, callback: str = "") -> Call:
    """Buy the clip of a shot; `callback` is the address to tell."""
    hook = f"?fal_webhook={quote(callback, safe='')}" if callback else ""
    return Call(f"{base()}/fal/{_CLIPS}{hook}", {"Authorization": "Key peer"}, {
        "prompt": f"film {film}, shot {shot}", "image_url": f"https://pictures.example/{film}/{shot}.png", "duration": "5",
    })


def clip_addresses(answer: Mapping[str, Any]) -> dict[str, str]:
    """Where fal says to look (`status`) and to fetch (`response`)."""
    return {"status": str(answer["status_url"]), "response": str(answer["response_url"])}


def look_at_clip(address: str) -> Call:
    """Ask how far a clip is, or for the clip itself."""
    return Call(address, {"Authorization": "Key peer"})


def clip_ready(answer: Mapping[str, Any]) -> bool:
    """Whether it is done; raises where it failed."""
    if answer.get("error"):
        raise RuntimeError(f"a clip failed: {answer}")
    return bool(answer["status"] == "COMPLETED")

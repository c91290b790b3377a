"""What each Kling image-to-video endpoint accepts, from the vendor's typed list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .media import sides

_OLD = {"prompt", "negative_prompt", "cfg_scale"}
_NEW = {"prompt", "negative_prompt", "generate_audio", "voice_ids"}
_LONG = {"prompt", "multi_prompt", "negative_prompt", "generate_audio", "cfg_scale", "shot_type", "elements", "voice_ids"}
_SHORT_LENGTHS = {"5", "10"}
# endpoint: (start image field, end image field, lengths, other inputs)
ENDPOINTS: dict[str, tuple[str, str, set[str], set[str]]] = {
    "v1/standard": ("image_url", "tail_image_url", _SHORT_LENGTHS, _OLD),
    "v1.6/standard": ("image_url", "", _SHORT_LENGTHS, _OLD),
    "v1.6/pro": ("image_url", "tail_image_url", _SHORT_LENGTHS, _OLD | {"aspect_ratio"}),
    "v2.1/master": ("image_url", "", _SHORT_LENGTHS, _OLD),
    "v2.5-turbo/standard": ("image_url", "", _SHORT_LENGTHS, _OLD),
    "v2.5-turbo/pro": ("image_url", "tail_image_url", _SHORT_LENGTHS, _OLD),
    "v2.6/pro": ("start_image_url", "end_image_url", _SHORT_LENGTHS, _NEW),
    "v3/standard": ("start_image_url", "end_image_url", {str(n) for n in range(3, 16)}, _LONG),
    "v3/pro": ("start_image_url", "end_image_url", {str(n) for n in range(3, 16)}, _LONG),
    "o1": ("start_image_url", "end_image_url", {str(n) for n in range(3, 11)}, {"prompt"}),
    "o1/standard": ("start_image_url", "end_image_url", {str(n) for n in range(3, 11)}, {"prompt"}),
}


def find(endpoint: str) -> str | None:
    """The version in an endpoint's path, None if there is no such endpoint."""
    version = endpoint.removeprefix("fal-ai/kling-video/").removesuffix("/image-to-video")
    return version if version in ENDPOINTS and endpoint == f"fal-ai/kling-video/{version}/image-to-video" else None


def input_fault(version: str, body: Any) -> tuple[str, str] | None:
    """(field, type of error) of the first thing that is wrong with the input."""
    start, end, lengths, others = ENDPOINTS[version]
    if not isinstance(body, dict):
        return "body", "missing"
    for name in body:
        if name not in {start, end, "duration", *others}:
            return name, "extra_forbidden"
    for name in (start, "prompt"):
        if not isinstance(body.get(name), str) or not body[name].strip():
            return name, "missing"
    if len(body["prompt"]) > 2500:
        return "prompt", "string_too_long"
    if version.startswith("o1") and "@Image1" not in body["prompt"]:
        return "prompt", "value_error"
    if body.get("duration", "5") not in lengths:
        return "duration", "enum"
    if not isinstance(body.get("generate_audio", True), bool) or not isinstance(body.get("negative_prompt", ""), str):
        return "generate_audio", "bool_type"
    if body.get("aspect_ratio", "16:9") not in ("16:9", "9:16", "1:1"):
        return "aspect_ratio", "enum"
    return None


def image_fault(raw: Callable[[], bytes]) -> tuple[str, tuple[int, int]]:
    """(type of error or "", the picture's sides) of the start image, which is really fetched."""
    try:
        found = raw()
    except OSError:
        return "file_download_error", (0, 0)
    if len(found) > 10_000_000:
        return "file_too_large", (0, 0)
    try:
        width, height = sides(found)
    except OSError:
        return "image_load_error", (0, 0)
    if min(width, height) < 300:
        return "image_too_small", (width, height)
    return ("" if 0.4 <= width / height <= 2.5 else "image_aspect_ratio"), (width, height)

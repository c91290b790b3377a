"""What the Kling image-to-video endpoints of fal.ai accept, version by version, and the input made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..model import ClipRequest
from .base import cut
from .prompts import plain

_BEFORE_V3 = (5, 10)
_V3 = tuple(range(3, 16))
_O1 = tuple(range(3, 11))
_V4 = tuple(range(3, 31))
_SCREENS = ("16:9", "9:16", "1:1")
_FAMILY = "fal-ai/kling-video/"
_KIND = "/image-to-video"


@dataclass(frozen=True, slots=True)
class Rules:
    """One endpoint: its start picture's field, lengths in seconds, and which other inputs it knows.

    `audio`: it has generate_audio, which is true unless we say otherwise and costs more. `names_frames`: the prompt
    has to speak of the start picture as @Image1.
    """

    image_field: str = "image_url"
    seconds: tuple[int, ...] = _BEFORE_V3
    aspect_ratios: tuple[str, ...] = ()
    audio: bool = False
    negative_prompt: bool = True
    prompt_limit: int = 2500
    names_frames: bool = False


_OLD = Rules()
_WITH_ASPECT = Rules(aspect_ratios=_SCREENS)
_NEW = Rules("start_image_url", audio=True)
_LONG = Rules("start_image_url", _V3, audio=True)
_REFERENCE = Rules("start_image_url", _O1, negative_prompt=False, names_frames=True)

# From the vendor's typed endpoint list (@fal-ai/client 1.10.1): the start picture is `image_url` up to v2.5 and
# `start_image_url` from v2.6 on.
RULES: dict[str, Rules] = {
    "v1/standard": _OLD,
    "v1.5/pro": _WITH_ASPECT,
    "v1.6/standard": _OLD,
    "v1.6/pro": _WITH_ASPECT,
    "v2/master": _OLD,
    "v2.1/master": _OLD,
    "v2.1/standard": _OLD,
    "v2.1/pro": _OLD,
    "v2.5-turbo/standard": _OLD,
    "v2.5-turbo/pro": _OLD,
    "v2.6/pro": _NEW,
    "v3/standard": _LONG,
    "v3/pro": _LONG,
    "v3/4k": _LONG,
    "o1": _REFERENCE,
    "o1/standard": _REFERENCE,
}
_NEGATIVE = "blur, distort, and low quality"


def rules(endpoint: str) -> Rules:
    """The rules of an endpoint.

    One that is not in the table is taken by the version in its name to be like its nearest listed relative: o-models
    like o1, v4 and later like v3 with lengths up to 30 s, v3.x like v3, v2.6 to v2.9 like v2.6, all else like v2.5.
    A guess that is wrong shows as a 422 that names the field; nothing is bought then.
    """
    endpoint = endpoint.strip("/")
    known = RULES.get(endpoint.removeprefix(_FAMILY).removesuffix(_KIND)) if endpoint.startswith(_FAMILY) else None
    if known is not None:
        return known
    if re.search(r"/o\d", endpoint):
        return _REFERENCE
    found = re.search(r"/v(\d+)(?:\.(\d+))?", endpoint)
    version = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    if version >= (4, 0):
        return Rules("start_image_url", _V4, audio=True)
    if version >= (3, 0):
        return _LONG
    return _NEW if version >= (2, 6) else _OLD


def length(endpoint: str, seconds: int) -> int:
    """The endpoint's length for a wish: the next one that is no shorter, else its longest."""
    lengths = rules(endpoint).seconds
    return next((one for one in lengths if one >= seconds), lengths[-1])


def clip_fields(request: ClipRequest) -> dict[str, Any]:
    """The input for one clip, silent; a length the endpoint does not have is rounded up to the next one it has."""
    known = rules(request.endpoint)
    prompt = plain(request.prompt)
    if known.names_frames and "@Image1" not in prompt:
        prompt = f"Start from @Image1. {prompt}"
    fields: dict[str, Any] = {
        "prompt": cut(prompt, known.prompt_limit),
        known.image_field: request.image_url,
        "duration": str(length(request.endpoint, request.seconds)),
    }
    if request.aspect_ratio in known.aspect_ratios:
        fields["aspect_ratio"] = request.aspect_ratio
    if known.audio:
        fields["generate_audio"] = False
    if known.negative_prompt:
        fields["negative_prompt"] = _NEGATIVE
    return fields

"""The Kling endpoints fal sells: which version takes which fields, and pydantic-shaped complaints about the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIVE_TEN = ("5", "10")
ASPECTS = ("16:9", "9:16", "1:1")
APP = "fal-ai/kling-video"


@dataclass(frozen=True)
class Model:
    """One endpoint. `start` is the start picture's field; `extras` are further fields with the type they take."""

    endpoint: str
    start: str
    durations: tuple[str, ...]
    extras: Mapping[str, type]
    price: float
    multi_prompt: bool = False
    sound: bool = False


def _table() -> dict[str, Model]:
    plain: dict[str, type] = {"cfg_scale": float, "negative_prompt": str}
    tail: dict[str, type] = {**plain, "tail_image_url": str}
    masks: dict[str, type] = {"static_mask_url": str, "dynamic_masks": list}
    third: dict[str, type] = {**plain, "end_image_url": str, "multi_prompt": list, "shot_type": str, "elements": list,
                              "generate_audio": bool}
    three_to = {end: tuple(str(n) for n in range(3, end + 1)) for end in (10, 15)}
    rows: dict[str, tuple[str, tuple[str, ...], dict[str, type], float]] = {
        "v1/standard": ("image_url", FIVE_TEN, {**tail, **masks}, 0.045),
        "v1.5/pro": ("image_url", FIVE_TEN, {**tail, **masks, "aspect_ratio": str}, 0.095),
        "v1.6/standard": ("image_url", FIVE_TEN, plain, 0.045),
        "v1.6/pro": ("image_url", FIVE_TEN, {**tail, "aspect_ratio": str}, 0.095),
        "v2/master": ("image_url", FIVE_TEN, plain, 0.28),
        "v2.1/master": ("image_url", FIVE_TEN, plain, 0.28),
        "v2.1/standard": ("image_url", FIVE_TEN, plain, 0.05),
        "v2.1/pro": ("image_url", FIVE_TEN, tail, 0.09),
        "v2.5-turbo/standard": ("image_url", FIVE_TEN, plain, 0.042),
        "v2.5-turbo/pro": ("image_url", FIVE_TEN, tail, 0.07),
        "v2.6/pro": ("start_image_url", FIVE_TEN,
                     {"end_image_url": str, "generate_audio": bool, "voice_ids": list, "negative_prompt": str}, 0.07),
        "v3/standard": ("start_image_url", three_to[15], third, 0.084),
        "v3/pro": ("start_image_url", three_to[15], third, 0.112),
        "v3/4k": ("start_image_url", three_to[15], third, 0.42),
        "o1": ("start_image_url", three_to[10], {"end_image_url": str}, 0.112),
        "o1/standard": ("start_image_url", three_to[10], {"end_image_url": str}, 0.084),
    }
    return {
        f"{APP}/{version}/image-to-video": Model(
            f"{APP}/{version}/image-to-video", start, durations, extras, price,
            multi_prompt="multi_prompt" in extras, sound="generate_audio" in extras)
        for version, (start, durations, extras, price) in rows.items()
    }


MODELS = _table()


def _wrong(field: str, kind: str, message: str, value: Any, **ctx: Any) -> dict[str, Any]:
    problem: dict[str, Any] = {"loc": ["body", field], "msg": message, "type": kind, "input": value}
    return {**problem, "ctx": ctx} if ctx else problem


def complaints(model: Model, body: Any) -> list[dict[str, Any]]:
    """Everything wrong with an input, as fal lists it under `detail`; empty when it may go on."""
    if not isinstance(body, dict):
        return [{"loc": ["body"], "msg": "Input should be a valid dictionary", "type": "dict_type", "input": body}]
    allowed: dict[str, type] = {"prompt": str, "duration": str, model.start: str, **model.extras}
    found = [_wrong(name, "extra_forbidden", "Extra inputs are not permitted", value)
             for name, value in body.items() if name not in allowed]
    for name, value in body.items():
        if name in allowed and value is not None and not _fits(value, allowed[name]):
            kind = allowed[name].__name__
            found.append(_wrong(name, f"{kind}_type", f"Input should be a valid {kind}", value))
    if model.start not in body:
        found.append(_wrong(model.start, "missing", "Field required", body))
    return found + _prompt(model, body) + _choices(model, body)


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def _prompt(model: Model, body: dict[str, Any]) -> list[dict[str, Any]]:
    prompt, several = body.get("prompt"), body.get("multi_prompt") if model.multi_prompt else None
    if several and prompt:
        return [_wrong("multi_prompt", "value_error", "Either prompt or multi_prompt must be given, not both", several)]
    if not prompt and not several:
        return [_wrong("prompt", "missing", "Field required", body)]
    if isinstance(prompt, str) and len(prompt) > 2500:
        return [_wrong("prompt", "string_too_long", "String should have at most 2500 characters", prompt,
                       max_length=2500)]
    return []


def _choices(model: Model, body: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, allowed in (("duration", model.durations), ("aspect_ratio", ASPECTS)):
        value = body.get(name)
        if isinstance(value, str) and value not in allowed and (name == "duration" or name in model.extras):
            expected = ", ".join(f"'{each}'" for each in allowed)
            found.append(_wrong(name, "literal_error", f"Input should be {expected}", value, expected=expected))
    scale = body.get("cfg_scale")
    if isinstance(scale, int | float) and not 0 <= scale <= 1:
        found.append(_wrong("cfg_scale", "less_than_equal" if scale > 1 else "greater_than_equal",
                            "Input should be between 0 and 1", scale))
    return found


def seconds(body: Mapping[str, Any]) -> int:
    """The clip's length; with `multi_prompt` the sum of its parts."""
    parts = body.get("multi_prompt")
    if parts:
        return min(15, sum(int(part.get("duration", 5)) for part in parts if isinstance(part, dict))) or 5
    return int(body.get("duration") or "5")


def words(body: Mapping[str, Any]) -> str:
    """The prompt, or all parts of `multi_prompt` in a row."""
    if body.get("prompt"):
        return str(body["prompt"])
    return ". ".join(str(part.get("prompt", "")) for part in body.get("multi_prompt") or [] if isinstance(part, dict))

"""What KIE's Midjourney API accepts, and how often: field checks and the two rate limits of the account."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

ASPECTS = ("1:2", "9:16", "2:3", "3:4", "5:6", "1:1", "6:5", "4:3", "3:2", "16:9", "2:1")
VERSIONS = ("7", "6.1", "6", "5.2", "5.1", "niji6")
TASKS = ("mj_txt2img", "mj_img2img", "mj_style_reference", "mj_omni_reference", "mj_video", "mj_video_hd")
VIDEO = ("mj_video", "mj_video_hd")


def _one_of(*allowed: object) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, bool) and value in allowed


def _whole(low: int, high: int, step: int = 1) -> Callable[[Any], bool]:
    return lambda value: (isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
                          and value % step == 0)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "taskType": (_one_of(*TASKS), f"must be one of {', '.join(TASKS)}"),
    "prompt": (lambda v: isinstance(v, str) and len(v.strip()) > 0 and len(v) <= 2000, "must be 1 to 2000 characters"),
    "speed": (_one_of("relaxed", "fast", "turbo"), "must be relaxed, fast or turbo"),
    "aspectRatio": (_one_of(*ASPECTS), f"must be one of {', '.join(ASPECTS)}"),
    "version": (_one_of(*VERSIONS), f"must be one of {', '.join(VERSIONS)}"),
    "fileUrls": (lambda v: isinstance(v, list) and all(_address(u) for u in v), "must be a list of http(s) addresses"),
    "fileUrl": (_address, "must be an http(s) address"),
    "stylization": (_whole(0, 1000), "must be a whole number from 0 to 1000"),
    "weirdness": (_whole(0, 3000), "must be a whole number from 0 to 3000"),
    "variety": (_whole(0, 100, 5), "must be a whole number from 0 to 100 in steps of 5"),
    "ow": (_whole(1, 1000), "must be a whole number from 1 to 1000"),
    "waterMark": (_text, "must be text"),
    "enableTranslation": (lambda v: isinstance(v, bool), "must be true or false"),
    "callBackUrl": (_address, "must be an http(s) address"),
    "videoBatchSize": (_one_of(1, 2, 4), "must be 1, 2 or 4"),
    "motion": (_one_of("high", "low"), "must be high or low"),
}


def complaint(body: Any) -> str | None:
    """What is wrong with a request for `mj/generate`; None when it may go on."""
    if not isinstance(body, dict):
        return "the request body must be a JSON object"
    for field in ("taskType", "prompt"):
        if body.get(field) is None:
            return f"{field} is required"
    for field, value in body.items():
        if field not in CHECKS:
            return f"unknown field {field}"
        accepts, message = CHECKS[field]
        if value is not None and not accepts(value):
            return f"{field} {message}"
    task = body["taskType"]
    if task != "mj_txt2img" and not (body.get("fileUrls") or body.get("fileUrl")):
        return f"fileUrls is required for {task}"
    if task in (*VIDEO, "mj_omni_reference") and body.get("speed") is not None:
        return f"speed cannot be set for {task}"
    if task != "mj_omni_reference" and body.get("ow") is not None:
        return "ow can be set for mj_omni_reference only"
    if task not in VIDEO and (body.get("videoBatchSize") is not None or body.get("motion") is not None):
        return "videoBatchSize and motion can be set for video tasks only"
    return None


class Gate:
    """At most `count` passes within `seconds`, per key; who is refused does not count."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count, self._seconds = count, seconds
        self._lock = threading.Lock()
        self._passes: defaultdict[str, deque[float]] = defaultdict(deque)

    def passes(self, key: str) -> bool:
        now = time.monotonic()
        with self._lock:
            line = self._passes[key]
            while line and now - line[0] >= self._seconds:
                line.popleft()
            if len(line) >= self._count:
                return False
            line.append(now)
            return True

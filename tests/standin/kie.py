"""KIE's Midjourney: errors as HTTP 200 with a code, four pictures a task, callbacks signed over the id alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from .wire import Hub, broken, hang_up, reply

KEY = "kie-standin-0123456789"
WEBHOOK_KEY = "kie-webhook-standin"
_RATIOS = {"1:2", "9:16", "2:3", "3:4", "5:6", "1:1", "6:5", "4:3", "3:2", "16:9", "2:1"}
_VERSIONS = {"7", "6.1", "6", "5.2", "5.1", "niji6"}
_NUMBERS = {"stylization": (0, 1000), "weirdness": (0, 3000), "variety": (0, 100), "ow": (1, 1000)}
_FIELDS = {
    "taskType", "prompt", "speed", "aspectRatio", "version", "fileUrls", "fileUrl", "waterMark", "enableTranslation",
    "callBackUrl", *_NUMBERS,
}
_PARAMETER = re.compile(r"(?:--|—)\s*[a-zA-Z]")


@dataclass
class _Task:
    id: str
    asked: dict[str, Any]
    ready_at: float
    urls: list[str]


def blueprint(hub: Hub) -> Blueprint:
    """The API under `/kie`."""
    room, kie = Blueprint("kie", __name__, url_prefix="/kie"), _Kie(hub)
    room.post("/api/v1/mj/generate")(kie.generate)
    room.get("/api/v1/mj/record-info")(kie.record_info)
    return room


class _Kie:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tasks: dict[str, _Task] = {}
        self._posts: deque[float] = deque()
        self._reads: deque[float] = deque()

    def generate(self) -> Response:
        """POST /api/v1/mj/generate."""
        record, body = self._hub.record, request.get_json(silent=True)
        record.request("kie.generate", body)
        refused = self._gate() or self._paced("generate", self._posts, 20, 10.0)
        if refused:
            return refused
        fault = record.next_fault("kie.generate")
        if fault is not None and fault.reset != "after":
            return broken(fault)
        wrong = _faults(body)
        if wrong:
            record.violation("kie", wrong)
            return self._envelope(422, wrong)
        task = self._sell(body)
        self._call_back(task)
        if fault is not None:
            hang_up()
        return self._envelope(200, "success", {"taskId": task.id})

    def record_info(self) -> Response:
        """GET /api/v1/mj/record-info."""
        self._hub.record.request("kie.record")
        refused = self._gate() or self._paced("record-info", self._reads, 10, 1.0)
        if refused:
            return refused
        fault = self._hub.record.next_fault("kie.record")
        if fault is not None:
            return broken(fault)
        task = self._tasks.get(request.args.get("taskId", ""))
        if task is None:
            return self._envelope(422, "record is null")
        return self._envelope(200, "success", self._data(task))

    def _sell(self, body: dict[str, Any]) -> _Task:
        habits, id = self._hub.habits, secrets.token_hex(16)
        names = [f"{id}_0_{number}.jpeg" for number in range(4)]
        for name in names:
            self._hub.studio.add_picture(name, body.get("aspectRatio", "1:1"), habits.odd_media)
        wait = habits.kie_seconds
        if habits.kie_last_first:
            wait *= 1 + 4 / (1 + len(self._hub.record.bought("kie")))
        task = _Task(id, body, time.monotonic() + wait, [self._hub.media_url(name) for name in names])
        self._tasks[id] = task
        self._hub.record.sell("kie", id, {key: value for key, value in body.items() if key != "callBackUrl"})
        return task

    def _data(self, task: _Task) -> dict[str, Any]:
        habits, ready = self._hub.habits, time.monotonic() >= task.ready_at
        form: Any = {"resultUrls": [{"resultUrl": url, "extra": 1} for url in task.urls], "more": {}} if ready else None
        if ready and habits.kie_result == "string":
            form = json.dumps(form)
        flag: Any = int(ready)
        return {
            "taskId": task.id, "taskType": task.asked["taskType"], "paramJson": json.dumps(task.asked),
            "successFlag": str(flag) if habits.kie_numbers_as_strings else flag, "resultInfoJson": form,
            "createTime": "2026-11-22 10:00:00", "completeTime": None, "errorCode": None, "errorMessage": None, "new": [],
        }

    def _call_back(self, task: _Task) -> None:
        url, kinds = task.asked.get("callBackUrl"), self._hub.habits.kie_callbacks
        if not url:
            return
        if "forged" in kinds:
            self._send(url, secrets.token_hex(16), ["http://127.0.0.1:9/evil.jpeg"], forged=True)
            self._send(url, task.id, ["http://127.0.0.1:9/evil.jpeg"], forged=True)
        if "early" in kinds:
            self._send(url, task.id, task.urls)
        wait = max(0.0, task.ready_at - time.monotonic()) + 0.01
        for kind in kinds:
            if kind in ("after", "doubled"):
                for _ in range(1 + (kind == "doubled")):
                    self._hub.later(wait, self._send, url, task.id, task.urls)

    def _send(self, url: str, id: str, urls: list[str], forged: bool = False) -> None:
        body = json.dumps({"code": 200, "msg": "success", "data": {"taskId": id, "promptJson": "{}", "resultUrls": urls}})
        stamp = str(int(time.time()))
        key = b"somebody else's" if forged else WEBHOOK_KEY.encode()
        signature = base64.b64encode(hmac.new(key, f"{id}.{stamp}".encode(), hashlib.sha256).digest()).decode()
        self._hub.call_back("kie forged" if forged else "kie", url, body.encode(),
                            {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature})

    def _gate(self) -> Response | None:
        if "Mozilla/5.0" not in request.headers.get("user-agent", ""):
            self._hub.record.violation("kie", f"user agent {request.headers.get('user-agent')}")
            return Response("error code: 1010", 403, mimetype="text/plain")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self._envelope(401, "You do not have access permissions")
        return None

    def _paced(self, what: str, times: deque[float], most: int, seconds: float) -> Response | None:
        now = time.monotonic()
        with self._hub.record.lock:
            while times and times[0] <= now - seconds:
                times.popleft()
            times.append(now)
            over = len(times) > most
        if over:
            self._hub.record.violation("kie", f"more than {most} of {what} in {seconds:g} s")
            return reply({"code": 429, "msg": "too many requests"}, 429)
        return None

    def _envelope(self, code: int, msg: str, data: Any = None) -> Response:
        word: Any = str(code) if self._hub.habits.kie_numbers_as_strings else code
        return reply({"code": word, "msg": msg, "data": data, "requestId": "x"})


def _faults(body: Any) -> str:
    if not isinstance(body, dict):
        return "the body is no JSON object"
    prompt = body.get("prompt")
    references = body.get("fileUrls") or []
    checks = {
        f"unknown fields {sorted(set(body) - _FIELDS)}": bool(set(body) - _FIELDS),
        "taskType": body.get("taskType") not in ("mj_txt2img", "mj_img2img", "mj_style_reference", "mj_omni_reference"),
        "prompt: 1 to 2000 characters": not isinstance(prompt, str) or not 1 <= len(prompt.strip()) <= len(prompt) <= 2000,
        "prompt: parameters are fields here": bool(_PARAMETER.search(str(prompt))),
        "speed": body.get("speed", "fast") not in ("relaxed", "fast", "turbo"),
        "aspectRatio": body.get("aspectRatio", "1:1") not in _RATIOS,
        "version": body.get("version", "7") not in _VERSIONS,
        "fileUrls": not all(isinstance(url, str) and url.startswith("http") for url in references),
        "fileUrls are missing": body.get("taskType") != "mj_txt2img" and not references,
        "callBackUrl": not re.match(r"https?://", body.get("callBackUrl", "http://")),
        "enableTranslation": not isinstance(body.get("enableTranslation", False), bool),
    }
    for name, (least, most) in _NUMBERS.items():
        checks[name] = not (isinstance(body.get(name, least), int) and least <= body.get(name, least) <= most)
    return "; ".join(rule for rule, broken_ in checks.items() if broken_)

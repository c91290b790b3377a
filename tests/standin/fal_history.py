"""fal's platform API, as far as it lists past requests: those that have ended, the last ended first, in small pages."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from .wire import Hub, broken, reply

PAGE = 2  # far fewer than asked for, which a server may do
_KNOWN = {"limit", "cursor", "endpoint_id", "start", "end", "status", "request_id", "expand", "sort_by"}


@dataclass(frozen=True)
class Ended:
    """A request that has ended; times are unix seconds."""

    id: str
    endpoint: str
    asked: dict[str, Any]
    sent_at: float
    ended_at: float
    status: int


def blueprint(hub: Hub, key: str, ended: Callable[[], Iterable[Ended]]) -> Blueprint:
    """The list under `/fal-platform`, for the key `key`."""
    room = Blueprint("fal-platform", __name__, url_prefix="/fal-platform")

    @room.get("/v1/models/requests/by-endpoint")
    def by_endpoint() -> Response:
        hub.record.request("fal.history", request.args.to_dict())
        if request.headers.get("authorization") != f"Key {key}":
            return _refused(401, "authorization_error")
        if not hub.habits.fal_history:
            return _refused(403, "permission_denied")
        fault = hub.record.next_fault("fal.history")
        if fault is not None:
            return broken(fault)
        wrong = _faults()
        if wrong:
            hub.record.violation("fal", f"history: {wrong}")
            return _refused(400, "validation_error")
        return reply(_page(ended()))

    return room


def _faults() -> str:
    given = request.args
    if set(given) - _KNOWN:
        return f"unknown parameters {set(given) - _KNOWN}"
    if not given.get("endpoint_id"):
        return "endpoint_id is missing"
    if not 1 <= int(given.get("limit", "50")) <= 100:
        return "limit is not 1 to 100"
    return ""


def _page(ended: Iterable[Ended]) -> dict[str, Any]:
    given = request.args
    start = datetime.fromisoformat(given["start"]).timestamp() if "start" in given else time.time() - 86_400
    found = [one for one in ended if one.endpoint == given["endpoint_id"] and one.ended_at >= start
             and given.get("request_id") in (None, one.id)]
    found.sort(key=lambda one: -one.ended_at)
    number = int(base64.b64decode(given["cursor"])) if "cursor" in given else 1
    page = found[(number - 1) * PAGE:number * PAGE]
    more = len(found) > number * PAGE
    return {"items": [_item(one) for one in page], "has_more": more,
            "next_cursor": base64.b64encode(str(number + 1).encode()).decode() if more else None}


def _item(one: Ended) -> dict[str, Any]:
    item: dict[str, Any] = {
        "request_id": one.id, "endpoint_id": one.endpoint, "sent_at": _time(one.sent_at), "started_at": _time(one.sent_at),
        "ended_at": _time(one.ended_at), "status_code": one.status, "duration": one.ended_at - one.sent_at}
    return item | ({"json_input": one.asked, "json_output": {}} if "payloads" in request.args.getlist("expand") else {})


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refused(status: int, kind: str) -> Response:
    return reply({"error": {"type": kind, "message": "no", "docs_url": "https://docs", "request_id": "x"}}, status)

"""fal's queue: everything is accepted, two run at a time, and what was wrong shows when the result is asked for."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Blueprint, Response, request

from . import fal_history
from .fal_history import Ended
from .fal_models import ENDPOINTS, find, image_fault, input_fault
from .habits import Fault
from .wire import Hub, broken, hang_up, reply

KEY = "standin-id:standin-secret-0123456789"
CONCURRENCY = 2


@dataclass
class _Request:
    id: str
    endpoint: str
    app: str
    asked: dict[str, Any]
    webhook: str | None
    video: str = ""
    fault: tuple[str, str] | None = None
    late_error: str = ""
    started_at: float = 0.0
    done_at: float = 0.0
    sent_at: float = field(default_factory=time.time)
    extra: dict[str, Any] = field(default_factory=dict)


def blueprint(hub: Hub) -> Blueprint:
    """The queue under `/fal`, and beside it the platform's list of what it has done."""
    both, fal = Blueprint("fal-both", __name__), _Fal(hub)
    both.register_blueprint(_queue(fal))
    both.register_blueprint(fal_history.blueprint(hub, KEY, fal.ended))
    return both


def _queue(fal: _Fal) -> Blueprint:
    room = Blueprint("fal", __name__, url_prefix="/fal")
    room.get("/.well-known/jwks.json")(fal.jwks)
    room.get("/<owner>/<alias>/requests/<id>/status")(fal.status)
    room.get("/<owner>/<alias>/requests/<id>")(fal.result)
    room.get("/<owner>/<alias>/requests/<id>/response", endpoint="response")(fal.result)
    room.put("/<owner>/<alias>/requests/<id>/cancel")(fal.cancel)
    room.post("/<path:endpoint>")(fal.submit)
    return room


class _Fal:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._requests: dict[str, _Request] = {}
        self._key = Ed25519PrivateKey.generate()
        self._old_key = Ed25519PrivateKey.generate()

    def ended(self) -> list[Ended]:
        """What has ended, for the history."""
        now = time.monotonic()
        return [Ended(one.id, one.endpoint, one.asked, one.sent_at, one.sent_at + one.done_at - one.started_at,
                      422 if one.fault else 503 if one.late_error else 200)
                for one in list(self._requests.values()) if one.done_at and one.done_at <= now]

    def jwks(self) -> Response:
        """The key set: an old key stands before the one in use."""
        keys = [
            {"kty": "OKP", "crv": "Ed25519", "kid": str(number),
             "x": base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()}
            for number, key in enumerate((self._old_key, self._key))
        ]
        return reply({"keys": keys})

    def submit(self, endpoint: str) -> Response:
        """POST /{endpoint id}: validation and the fetching of the picture come later, as in a queue."""
        record, body = self._hub.record, request.get_json(silent=True)
        record.request("fal.submit", {"endpoint": endpoint, "input": body})
        fault = record.next_fault("fal.submit")
        if fault is not None and not (fault.reset == "after" or fault.late_error):
            return broken(fault)
        if self._locked():
            return reply({"detail": "Cannot access application. Authentication is required."}, 401)
        version = find(endpoint)
        if version is None or set(request.args) - {"fal_webhook"}:
            record.violation("fal", f"POST {request.full_path}")
            return reply({"detail": "Path not found"}, 404)
        asked = self._take(endpoint, version, body, fault)
        record.sell("fal", asked.id, {"endpoint": endpoint, **asked.asked})
        if "early" in self._hub.habits.fal_callbacks:
            self._send(asked)
        if fault is not None and fault.reset:
            hang_up()
        return reply(self._handles(asked), self._hub.habits.fal_submit_status)

    def status(self, owner: str, alias: str, id: str) -> Response:
        """GET …/status."""
        asked, refused = self._find("fal.status", owner, alias, id)
        if refused or asked is None:
            return refused or reply({})
        self._schedule()
        now, habits = time.monotonic(), self._hub.habits
        if asked.done_at and now >= asked.done_at:
            body: dict[str, Any] = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 3.4}}
            if asked.late_error:
                body |= {"error": "The runner was lost.", "error_type": asked.late_error}
            return reply(body | self._handles(asked, short=True))
        if asked.started_at:
            logs = [{"message": "x", "level": "INFO", "source": "RUN", "timestamp": "now"}] if habits.fal_logs else None
            return reply({"status": "IN_PROGRESS", "logs": logs} | self._handles(asked, short=True), habits.fal_going_status)
        return reply(self._handles(asked), habits.fal_going_status)

    def result(self, owner: str, alias: str, id: str) -> Response:
        """GET the response_url, and no other spelling of it."""
        asked, refused = self._find("fal.result", owner, alias, id)
        if refused or asked is None:
            return refused or reply({})
        if request.path.endswith("/response") != self._hub.habits.fal_response_suffix:
            return reply({"detail": "Not Found"}, 404)
        if not asked.done_at or time.monotonic() < asked.done_at:
            self._hub.record.violation("fal", "the result was asked for before the request was COMPLETED")
            return reply({"detail": "Request is still in progress"}, 400)
        return self._output(asked)

    def cancel(self, owner: str, alias: str, id: str) -> Response:
        """PUT …/cancel."""
        asked, refused = self._find("fal.cancel", owner, alias, id)
        if refused or asked is None:
            return reply({"status": "NOT_FOUND"}, 404)
        if asked.done_at and time.monotonic() >= asked.done_at:
            return reply({"status": "ALREADY_COMPLETED"}, 400)
        asked.done_at, asked.late_error = time.monotonic(), "client_cancelled"
        return reply({"status": "CANCELLATION_REQUESTED"}, 202)

    def _take(self, endpoint: str, version: str, body: Any, fault: Fault | None) -> _Request:
        asked = _Request(secrets.token_hex(16), endpoint, "/".join(endpoint.split("/")[:2]), dict(body or {}),
                         request.args.get("fal_webhook"), late_error=fault.late_error if fault else "")
        asked.fault = input_fault(version, body)
        sides = (0, 0)
        if asked.fault is None:
            image = body[ENDPOINTS[version][0]]
            wrong, sides = image_fault(lambda: urllib.request.urlopen(image, timeout=20).read())
            asked.fault = (ENDPOINTS[version][0], wrong) if wrong else None
        if asked.fault is not None:
            self._hub.record.violation("fal", f"{version}: {' '.join(asked.fault)}")
        else:
            name = f"{asked.id}.mp4"
            odd = (1 + len(self._requests) % 2) if self._hub.habits.odd_media else 0
            self._hub.studio.add_clip(name, int(body.get("duration", "5")), *sides, odd)
            asked.video = self._hub.media_url(name)
        with self._lock:
            self._requests[asked.id] = asked
        self._schedule()
        return asked

    def _schedule(self) -> None:
        now = time.monotonic()
        with self._lock:
            running = sum(bool(one.started_at) and one.done_at > now for one in self._requests.values())
            for one in self._requests.values():
                if not one.started_at and running < CONCURRENCY:
                    one.started_at, one.done_at = now, now + self._hub.habits.fal_seconds
                    running += 1
                    for kind in self._hub.habits.fal_callbacks:
                        if kind in ("after", "doubled") and one.webhook:
                            for _ in range(1 + (kind == "doubled")):
                                self._hub.later(self._hub.habits.fal_seconds + 0.01, self._send, one)
                        if kind == "forged" and one.webhook:
                            self._hub.later(0.0, self._send, one, True)

    def _output(self, asked: _Request) -> Response:
        fault = self._hub.record.next_fault("fal.result")
        if fault is not None:
            return broken(fault)
        if asked.fault is not None:
            place, kind = asked.fault
            return reply({"detail": [{"loc": ["body", place], "msg": kind, "type": kind, "input": asked.asked}]}, 422)
        if asked.late_error:
            return reply({"detail": "The runner was lost.", "error_type": asked.late_error}, 503)
        return reply({"video": {"url": asked.video, "content_type": "video/mp4", "file_name": "output.mp4",
                                "file_size": None}, "seed": 7})

    def _find(self, operation: str, owner: str, alias: str, id: str) -> tuple[_Request | None, Response | None]:
        self._hub.record.request(operation)
        if self._locked():
            return None, reply({"detail": "Authentication is required."}, 401)
        fault = self._hub.record.next_fault(operation) if operation == "fal.status" else None
        if fault is not None:
            return None, broken(fault)
        asked = self._requests.get(id)
        if asked is None or asked.app != f"{owner}/{alias}":
            return None, reply({"detail": "Request not found"}, 404)
        return asked, None

    def _locked(self) -> bool:
        return request.headers.get("authorization") != f"Key {KEY}"

    def _handles(self, asked: _Request, short: bool = False) -> dict[str, Any]:
        base = f"{self._hub.main}/fal/{asked.app}/requests/{asked.id}"
        suffix = "/response" if self._hub.habits.fal_response_suffix else ""
        body: dict[str, Any] = {"request_id": asked.id, "response_url": base + suffix, "status_url": f"{base}/status",
                                "cancel_url": f"{base}/cancel"}
        if not short:
            body |= {"status": "IN_QUEUE", "queue_position": 0}
        return body

    def _send(self, asked: _Request, forged: bool = False) -> None:
        if not asked.webhook:
            return
        payload = {"video": {"url": "http://127.0.0.1:9/evil.mp4" if forged else asked.video}}
        raw = json.dumps({"request_id": asked.id, "gateway_request_id": secrets.token_hex(16), "status": "OK",
                          "payload": payload}).encode()
        stamp, user = str(int(time.time())), "user-1"
        message = f"{asked.id}\n{user}\n{stamp}\n{hashlib.sha256(raw).hexdigest()}".encode()
        signature = (Ed25519PrivateKey.generate() if forged else self._key).sign(message).hex()
        self._hub.call_back("fal forged" if forged else "fal", asked.webhook, raw, {
            "X-Fal-Webhook-Request-Id": asked.id, "X-Fal-Webhook-User-Id": user, "X-Fal-Webhook-Timestamp": stamp,
            "X-Fal-Webhook-Signature": signature})

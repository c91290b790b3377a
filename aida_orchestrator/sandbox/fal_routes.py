"""fal's addresses under `/fal`: the queue, the keys its webhooks are signed with, prices and history."""

from __future__ import annotations

from flask import Blueprint, Response, request

from . import wording
from .fal import Fal


def blueprint(queue: Fal) -> Blueprint:
    """All of fal's routes; everything but the key set needs `Authorization: Key …`."""
    room = Blueprint("fal", __name__, url_prefix="/fal")

    @room.get("/.well-known/jwks.json")
    def jwks() -> Response:
        return wording.answer(queue.signer.jwks())

    @room.before_request
    def check_key() -> Response | None:
        if _key() or request.path.endswith("/jwks.json"):
            return None
        return wording.answer({"detail": "Authentication is required to access this application."}, 401)

    @room.get("/v1/models/pricing")
    def pricing() -> Response:
        named = [name for value in request.args.getlist("endpoint_id") for name in value.split(",")]
        return queue.prices(named)

    @room.get("/v1/models/requests/by-endpoint")
    def history() -> Response:
        payloads = "payloads" in request.args.get("expand", "")
        return queue.history(request.args.get("endpoint_id", ""), request.args.get("start", ""), payloads)

    @room.post("/<path:endpoint>")
    def submit(endpoint: str) -> Response:
        return queue.submit(_key(), endpoint, request.args.get("fal_webhook", ""), request.get_data(as_text=True))

    @room.get("/<owner>/<alias>/requests/<request_id>/status")
    def status(owner: str, alias: str, request_id: str) -> Response:
        return queue.status(f"{owner}/{alias}", request_id, request.args.get("logs", "") in ("1", "true", "True"))

    @room.get("/<owner>/<alias>/requests/<request_id>")
    @room.get("/<owner>/<alias>/requests/<request_id>/response")
    def result(owner: str, alias: str, request_id: str) -> Response:
        return queue.result(f"{owner}/{alias}", request_id)

    @room.put("/<owner>/<alias>/requests/<request_id>/cancel")
    def cancel(owner: str, alias: str, request_id: str) -> Response:
        return queue.cancel(f"{owner}/{alias}", request_id)

    return room


def _key() -> str:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if kind == "Key" else ""

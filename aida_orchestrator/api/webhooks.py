"""KIE and fal report back. A callback is only a hint to look now: the result is read from the provider, never from here."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from .. import jobs
from ..errors import NotFoundError
from ..services import Services

log = logging.getLogger(__name__)

_LONGEST_ID = 200

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/orchestrator/callbacks")


@blueprint.post("/kie/<token>")
def from_kie(token: str) -> Response:
    """A Midjourney task ended, says KIE (signed over id and time only, where a key is set)."""
    services, raw = _services(), request.get_data()
    headers = dict(request.headers)
    return _hint("kie", token, _id(services.desk.kie.callback_id(raw)),
                 verified=lambda: services.desk.kie.verify_callback(headers, raw))


@blueprint.post("/fal/<token>")
def from_fal(token: str) -> Response:
    """A Kling request ended, says fal (Ed25519 over the raw body)."""
    services, raw = _services(), request.get_data()
    headers = dict(request.headers)
    return _hint("fal", token, _fal_id(raw),
                 verified=lambda: services.desk.fal.verify_callback(headers, raw, datetime.now(UTC)))


def _hint(provider: str, token: str, provider_id: str | None, verified: Any) -> Response:
    if not jobs.hint(_services().desk, provider, token, provider_id, verified):
        raise NotFoundError("unknown callback address")
    return Response("{}", 200, mimetype="application/json")


def _fal_id(raw: bytes) -> str | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return _id(body.get("request_id") if isinstance(body, dict) else None)


def _id(said: Any) -> str | None:
    """What can be an id; anybody may post here, and not every string can be looked for in the database."""
    return said if isinstance(said, str) and said.isprintable() and len(said) <= _LONGEST_ID else None


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services

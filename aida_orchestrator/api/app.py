"""create_app(): blueprints, request ids, the access log by route template (paths can carry tokens), error handlers."""

from __future__ import annotations

import logging
import re
import secrets
import time
from contextlib import ExitStack
from pathlib import Path

from flask import Flask, Response, g, request

from .. import logs, tally, tracing
from ..services import Services
from . import (
    budgets,
    campaigns,
    erasure,
    files,
    health,
    jobs,
    media,
    metrics,
    preferences,
    problems,
    projects,
    spending,
    stories,
    videos,
    webhooks,
)
from .broker import Broker

log = logging.getLogger("aida_orchestrator.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_MAX_BODY = 1_000_000
_OFTEN = ("/health", "/metrics", "/media/<path:key>")  # asked for by machines, all the time


def create_app(services: Services, broker_url: str, metrics_folder: Path | None = None) -> Flask:
    """The WSGI app over these services; `broker_url` is only for /ready and /metrics, and `metrics_folder`, where the
    processes of this machine keep their counts, only for /metrics."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["services"] = services
    app.extensions["broker"] = Broker(broker_url)
    app.extensions["metrics_folder"] = metrics_folder
    for module in (videos, jobs, webhooks, media, health, metrics, campaigns, preferences, erasure, files, projects,
                   stories, budgets, spending):
        app.register_blueprint(module.blueprint)
    problems.register(app)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_unbind)
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"
    g.started = time.monotonic()
    g.held = ExitStack()
    g.held.enter_context(logs.bound(requestId=g.request_id))
    route = request.url_rule.rule if request.url_rule else "(no route)"
    if route not in _OFTEN:
        g.span = g.held.enter_context(tracing.span(f"{request.method} {route}", request.headers.get("traceparent"),
                                                   request_id=g.request_id))


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    route = request.url_rule.rule if request.url_rule else "(no route)"
    seconds = time.monotonic() - g.get("started", time.monotonic())
    tally.request_answered(route, request.method, response.status_code, seconds - g.get("waited", 0.0))
    level = logging.DEBUG if route in _OFTEN else logging.INFO
    if "span" in g:
        g.span.set(status=response.status_code)
    log.log(level, "request", extra={
        "method": request.method, "route": route, "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1)})
    return response


def _unbind(_: BaseException | None) -> None:
    held = g.pop("held", None)
    if held is not None:
        held.close()

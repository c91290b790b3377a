"""Two servers on loopback: the APIs with their media, and a second origin that only has media."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

from flask import Flask, Response, redirect
from werkzeug.serving import make_server

from . import anthropic, fal, kie, openai
from .habits import Fault, Habits, Record
from .wire import Hub, broken, reply


class StandIn:
    """All four providers. Start it, switch its habits, read its record."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._hub = Hub()
        self._servers = [make_server("127.0.0.1", 0, app, threaded=True) for app in (self._app(True), self._app(False))]
        self._hub.main, self._hub.second = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def start(self) -> None:
        """Answer from now on."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def record(self) -> Record:
        """What was asked, sold and broken."""
        return self._hub.record

    @property
    def origins(self) -> tuple[str, str]:
        """The first and the second server."""
        return self._hub.main, self._hub.second

    def behave(self, habits: Habits | None = None, **changes: Any) -> None:
        """From now on like this."""
        self._hub.habits = replace(habits or Habits(), **changes)

    def plan(self, operation: str, *faults: Fault | None) -> None:
        """The next answers to an operation (anthropic.messages, kie.generate, fal.submit, media ...) go wrong."""
        self.record.plan(operation, *faults)

    def add_picture(self, name: str) -> str:
        """A picture that somebody may fetch; its address."""
        self._hub.studio.add_picture(name, "16:9", odd=True)
        return self._hub.media_url(name)

    def environment(self) -> dict[str, str]:
        """The variables that point the service here."""
        main = self._hub.main
        return {
            "ANTHROPIC_API_KEY": anthropic.KEY, "ANTHROPIC_BASE_URL": f"{main}/claude",
            "OPENAI_API_KEY": openai.KEY, "OPENAI_BASE_URL": f"{main}/openai/v1",
            "KIE_API_KEY": kie.KEY, "KIE_BASE_URL": f"{main}/kie", "KIE_WEBHOOK_KEY": kie.WEBHOOK_KEY,
            "FAL_KEY": fal.KEY, "FAL_QUEUE_URL": f"{main}/fal", "FAL_JWKS_URL": f"{main}/fal/.well-known/jwks.json",
            "FAL_API_URL": f"{main}/fal-platform",
            "MEDIA_TRUSTED_ORIGINS": ",".join(self.origins), "KIE_POLL_SECONDS": "0.3", "FAL_POLL_SECONDS": "0.3",
        }

    def _app(self, whole: bool) -> Flask:
        app = Flask(f"standin-{whole}")
        app.get("/media/<name>")(self._media)
        if whole:
            app.get("/moved/<name>")(lambda name: redirect(f"{self._hub.second}/media/{name}", 302))
            for room in (anthropic, openai, kie, fal):
                app.register_blueprint(room.blueprint(self._hub))
        app.register_error_handler(404, lambda error: reply({"detail": "Not Found"}, 404))
        return app

    def _media(self, name: str) -> Response:
        self.record.request("media", name)
        fault = self.record.next_fault("media")
        if fault is not None:
            return broken(fault)
        found = self._hub.studio.get(name)
        return Response(found[0], 200, mimetype=found[1]) if found else reply({"detail": "gone"}, 404)

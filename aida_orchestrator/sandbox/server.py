"""Serving the sandbox over HTTP: bind first (port 0 is allowed), then build the application for that address."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .app import Sandbox, build


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1, and no line per request: the books keep those."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Server:
    """A bound sandbox. `serve` blocks; `start` serves in a thread."""

    def __init__(
        self, data_dir: str | Path, host: str = "127.0.0.1", port: int = 0, public_url: str = "",
        latency: Mapping[str, float] | None = None, concurrency: int = 10,
    ) -> None:
        self.http: BaseWSGIServer = make_server(
            host, port, Flask(__name__), threaded=True, request_handler=QuietHandler)
        self.url = public_url.rstrip("/") or f"http://{host}:{self.http.server_port}"
        self.address = f"http://{host}:{self.http.server_port}"
        self.sandbox: Sandbox = build(data_dir, self.url, latency, concurrency=concurrency)
        self.http.app = self.sandbox.app

    def serve(self) -> None:
        self.http.serve_forever(poll_interval=0.1)

    def start(self) -> Server:
        threading.Thread(target=self.serve, name="sandbox", daemon=True).start()
        return self

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.sandbox.close()

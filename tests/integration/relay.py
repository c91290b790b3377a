"""Beside a crashing process: the relay between it and the providers, which can kill it, and a web process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import requests
from werkzeug.serving import make_server

from aida_orchestrator.api.app import create_app
from aida_orchestrator.services import Services
from tests.harness import ROOT
from tests.integration.mortal import Errand

Answer = tuple[int, dict[str, str], bytes]
_NOT_CARRIED = ("host", "connection", "accept-encoding", "content-length", "transfer-encoding", "server", "date")


class Relay:
    """Carries requests to the sandbox under an address of its own; `kill_after` the n-th purchase its client is killed.

    Killed when the provider has taken the order and before a byte of the answer is on its way.
    """

    def __init__(self, sandbox_url: str) -> None:
        self.purchases, self.kill_after, self.client = 0, 0, 0
        self._sandbox, self._lock = sandbox_url, threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def carry(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """The provider's answer with its addresses leading here; None when nobody is there any more to read it."""
        kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_CARRIED}
        answer = requests.request(method, self._sandbox + path, headers=kept, data=body, timeout=30, allow_redirects=False)
        if method == "POST" and path.startswith(("/kie/", "/fal/")):
            with self._lock:
                self.purchases += 1
                if self.purchases == self.kill_after:
                    os.kill(self.client, signal.SIGKILL)
                    return None
        text = answer.content
        if "json" in answer.headers.get("Content-Type", ""):
            text = text.replace(self._sandbox.encode(), self.url.encode())
        given = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_CARRIED}
        return answer.status_code, given, text

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = relay.carry(self.command, self.path, dict(self.headers), body)
                if answer is None:
                    return
                self.send_response(answer[0])
                for name, value in answer[1].items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer[2])))
                self.end_headers()
                self.wfile.write(answer[2])

            do_GET = do_POST = do_PUT = do_HEAD = _any  # noqa: N815 (the names are the base class's)

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler


class Crasher:
    """The process that forks one after another to carry a film. `log` holds what they say."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.mortal"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True)

    def close(self) -> None:
        """End it."""
        self._pipe(self._process.stdin).close()
        self._process.wait(20)
        self._log.close()

    def carry(self, errand: Errand, relay: Relay) -> int:
        """The exit code of the process that carried this film, or tried to."""
        relay.purchases = 0
        relay.kill_after = errand.step if errand.kind == "purchase" else 0
        entrance, exit_ = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        entrance.write(json.dumps(asdict(errand)) + "\n")
        entrance.flush()
        relay.client = int(exit_.readline().split()[1])
        return int(exit_.readline().split()[1])

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@contextmanager
def web(make: Callable[[], Services], port: int) -> Iterator[None]:
    """The real API over these services in threads of this process: it takes the callbacks."""
    server = make_server("127.0.0.1", port, create_app(make(), "redis://127.0.0.1:9"), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()

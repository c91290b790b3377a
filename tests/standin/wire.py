"""What the rooms of the stand-in share: its habits and record, JSON answers, broken lines, and calling back."""

from __future__ import annotations

import json
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from .habits import Fault, Habits, Record
from .media import Studio


class Hub:
    """The habits of the moment, the record, the media, and the addresses of the two servers."""

    def __init__(self) -> None:
        self.habits = Habits()
        self.record = Record()
        self.studio = Studio()
        self.main = ""
        self.second = ""

    def media_url(self, name: str) -> str:
        """Where a file is offered: on this server or another, or first here and then sent on to the other."""
        if self.habits.media_redirects:
            return f"{self.main}/moved/{name}"
        return f"{self.second if self.habits.media_elsewhere else self.main}/media/{name}"

    def call_back(self, provider: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """POST to the client, once, and note what it said."""
        asked = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=15) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.record.callback_answers.append((provider, status))

    def later(self, seconds: float, *what: Any) -> None:
        """Call `what[0]` with the rest after some seconds, in a thread."""
        timer = threading.Timer(seconds, what[0], what[1:])
        timer.daemon = True
        timer.start()


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON."""
    return Response(json.dumps(body), status, dict(headers or {}), mimetype="application/json")


def broken(fault: Fault) -> Response:
    """The answer that goes wrong as planned."""
    if fault.reset:
        hang_up()
    if isinstance(fault.body, str):
        return Response(fault.body, fault.status, fault.headers, mimetype="text/html")
    return reply(fault.body, fault.status, fault.headers)


def hang_up() -> None:
    """End the connection instead of answering."""
    line: socket.socket = request.environ["werkzeug.socket"]
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.shutdown(socket.SHUT_RDWR)

"""A TCP server that misbehaves as it is told, below the level of HTTP."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

Behaviour = Callable[[socket.socket, bytes], None]


class RawServer:
    """A TCP server that reads one whole request per connection and then does what it is told with the socket."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, greet: bool = True) -> None:
        self.requests: list[bytes] = []
        self._behaviour = behaviour
        self._tls = tls
        self._greet = greet
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with suppress(OSError):
                self._one(client)

    def _one(self, client: socket.socket) -> None:
        client.settimeout(5)
        if not self._greet:
            reset(client, b"")
            return
        if self._tls:
            client = self._tls.wrap_socket(client, server_side=True)
        request = read_request(client)
        self.requests.append(request)
        self._behaviour(client, request)
        client.close()


def read_request(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        piece = client.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def reset(client: socket.socket, _: bytes) -> None:
    """Close with a TCP reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def hang_up(client: socket.socket, _: bytes) -> None:
    """Close without a word."""
    client.close()


def say(raw: bytes) -> Behaviour:
    """Send these bytes, whatever they are, and close."""

    def behave(client: socket.socket, _: bytes) -> None:
        client.sendall(raw)

    return behave

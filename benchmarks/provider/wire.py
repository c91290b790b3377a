"""Just enough HTTP/1.1: requests with a Content-Length or none, kept connections, one request at a time each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

# Gives the whole answer and after how many seconds it is to be sent.
Route = Callable[[str, str, bytes], tuple[bytes, float]]

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_REASONS = {200: b"OK", 202: b"Accepted", 400: b"Bad Request", 404: b"Not Found", 422: b"Unprocessable Entity"}


def whole(body: bytes, status: int = 200, content_type: bytes = b"application/json", more: bytes = b"") -> bytes:
    """A complete answer; `more` are header lines, each ended by CRLF."""
    head = b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
    return head % (status, _REASONS[status], content_type, len(body), more) + body


class Door(asyncio.Protocol):
    """One connection."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._buffer = b""
        self._close = False
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while self._buffer and self._take():
            pass

    def _take(self) -> bool:
        """Serve the first request of the buffer if it is all there."""
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = buffer[:end]
        found = _LENGTH.search(head)
        size = end + 4 + (int(found[1]) if found else 0)
        if len(buffer) < size:
            if len(buffer) == end + 4 and _EXPECT.search(head):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return False
        self._buffer = buffer[size:]
        method, target, _ = head[: head.find(b"\r\n")].decode("latin-1").split(" ", 2)
        self._close = _CLOSE.search(head) is not None
        answer, seconds = self._route(method, target, buffer[end + 4 : size])
        if seconds:
            self._loop.call_later(seconds, self._send, answer)
        else:
            self._send(answer)
        return True

    def _send(self, answer: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(answer)
        if self._close:
            self._transport.close()

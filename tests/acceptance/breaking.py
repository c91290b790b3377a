"""What the tests of faults break things with."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import redis

_ARGUMENT = re.compile(rb'"((?:[^"\\]|\\.)*)"')


class Doubler:
    """Puts every message that is sent through a Redis database there a second time, byte for byte, while it is open."""

    def __init__(self, redis_url: str) -> None:
        self._client = redis.Redis.from_url(redis_url)
        self._database = urlsplit(redis_url).path.strip("/") or "0"
        self._socket = _monitor(redis_url)
        self._seen: set[bytes] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.queues: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
        self._client.close()

    def _run(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                self._double(line)

    def _double(self, line: bytes) -> None:
        # +1700000000.123456 [3 127.0.0.1:4000] "LPUSH" "context" "{\"body\": ...}"
        place, _, command = line.partition(b"] ")
        arguments = [_plain(found) for found in _ARGUMENT.findall(command)]
        if len(arguments) != 3 or arguments[0].upper() != b"LPUSH" or f"[{self._database} ".encode() not in place:
            return
        _, queue, message = arguments
        print_ = hashlib.sha256(message).digest()
        if print_ not in self._seen:  # the second time it is our own copy
            self._seen.add(print_)
            self.queues.append(queue.decode())
            self._client.lpush(queue.decode(), message)


def _monitor(redis_url: str) -> socket.socket:
    parts = urlsplit(redis_url)
    talk = socket.create_connection((parts.hostname or "", parts.port or 6379))
    talk.sendall(f"AUTH {parts.password}\r\nMONITOR\r\n".encode())
    answer = b""
    while answer.count(b"+OK\r\n") < 2:
        answer += talk.recv(1)
    return talk


def _plain(quoted: bytes) -> bytes:
    """An argument as it was before Redis quoted it for the monitor."""
    return quoted.decode("unicode_escape").encode("latin-1")

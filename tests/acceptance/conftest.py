"""A whole service that most tests share: starting one takes longer than a short film."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg2
import pytest

from ..harness import Sandbox, Servers, Service, ServiceWishes, ask


@pytest.fixture(scope="package")  # its last polls must not use up the faults of tests elsewhere
def common_service(
    servers: Servers, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """Web, worker and beat for all tests that leave no trace in each other."""
    dsn = servers.migrated_database()
    sandbox_process.reset()
    # What a test leaves being made holds its places of the account until the provider would have ended it.
    room = {"KIE_RUNNING_LIMIT": "2000", "FAL_RUNNING_LIMIT": "2000"}
    running = Service(tmp_path_factory.mktemp("service"), dsn, servers.redis_url(), sandbox_process, ServiceWishes(room))
    running.start()
    yield running
    running.stop()
    servers.drop(dsn)


@pytest.fixture
def shared(common_service: Service, sandbox: Sandbox) -> Iterator[Service]:
    """The common service, and a sandbox without faults and with an empty ledger. What is left running is cancelled."""
    yield common_service
    cancel_open_tasks(common_service)


def cancel_open_tasks(service: Service) -> None:
    """So that the next test's ledger holds its own films only."""
    connection = psycopg2.connect(service.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM tasks WHERE status IN ('queued', 'processing')")
            left = [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()
    for task in left:
        ask("POST", f"{service.url}/api/orchestrator/cancel/{task}", {})
    if left:
        _let_it_arrive(service.sandbox)


def _let_it_arrive(sandbox: Sandbox) -> None:
    """A request that was on its way as its film was cancelled is sold yet: wait until nothing more comes."""
    seen, quiet_since, until = -1, time.monotonic(), time.monotonic() + 10
    while time.monotonic() < min(until, quiet_since + 0.5):
        sold = len(sandbox.ledger()["sold"])
        if sold != seen:
            seen, quiet_since = sold, time.monotonic()
        time.sleep(0.1)

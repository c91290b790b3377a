"""A whole service that most tests share: starting one takes longer than a short film."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from ..harness import Sandbox, Servers, Service, ServiceWishes, ask


@pytest.fixture(scope="session")
def common_service(
    servers: Servers, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """Web, worker and beat for all tests that leave no trace in each other."""
    dsn = servers.migrated_database()
    sandbox_process.reset()
    running = Service(tmp_path_factory.mktemp("service"), dsn, servers.redis_url(), sandbox_process, ServiceWishes({}))
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

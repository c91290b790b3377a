"""Fixtures for all tests. Servers start when the first test asks for them: unit tests start none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aida_orchestrator.store.db import Database

from .harness import Sandbox, Servers, Service, ServiceWishes


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_developer() -> None:
    """Tests never see real keys or databases, whoever runs them."""
    for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "PUBLIC_URL", "AIDA_HOME", "AIDA_URL", "ORCHESTRATOR_PORT",
                 "MEMORY_EMBEDDER", "MEMORY_SIMILARITY_FLOOR"):
        os.environ.pop(name, None)
    for provider in ("ANTHROPIC", "OPENAI", "FAL", "KIE"):
        for name in [name for name in os.environ if name.startswith(provider + "_")]:
            del os.environ[name]


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for servers that run as another user; each run of pytest closes the parents of `tmp_path` anew."""
    with tempfile.TemporaryDirectory(prefix="aida-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey for the whole run, in a folder whose permissions no other run of pytest resets."""
    with tempfile.TemporaryDirectory(prefix="aida-tests-") as folder:
        running = Servers(Path(folder))
        running.start()
        yield running
        running.stop()


@pytest.fixture
def dsn(servers: Servers) -> Iterator[str]:
    """A fresh, migrated database."""
    address = servers.migrated_database()
    yield address
    servers.drop(address)


@pytest.fixture
def empty_dsn(servers: Servers) -> Iterator[str]:
    """A fresh database without tables."""
    address = servers.empty_database()
    yield address
    servers.drop(address)


@pytest.fixture
def own_database(dsn: str) -> Iterator[Database]:
    """Our own door to a fresh, migrated database."""
    opened = Database(dsn)
    yield opened
    opened.close()


@pytest.fixture
def redis_url(servers: Servers) -> str:
    """An empty numbered database of Valkey."""
    return servers.redis_url()


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for the whole run."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The sandbox with nothing sold and no faults."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def start_service(
    tmp_path: Path, dsn: str, redis_url: str, sandbox: Sandbox, request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Service]]:
    """`start_service(slots=2, callbacks=False, env={...})`: the whole service, differing from the usual one."""
    started: list[Service] = []

    def start(slots: int = 8, callbacks: bool = True, env: dict[str, str] | None = None) -> Service:
        service = Service(tmp_path, dsn, redis_url, sandbox, ServiceWishes(env or {}, slots, callbacks))
        started.append(service)
        service.start()
        return service

    failed_before = request.session.testsfailed
    yield start
    for service in started:
        service.stop()
        if request.session.testsfailed > failed_before:
            print(service.tail())


@pytest.fixture
def service(start_service: Callable[..., Service]) -> Service:
    """The whole service: web, worker and beat on fresh databases, its providers the sandbox."""
    return start_service()

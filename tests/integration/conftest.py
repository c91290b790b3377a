"""What the tests of rows share: one migrated database a file, emptied between its tests, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aida_orchestrator.jobs import Desk
from aida_orchestrator.store.db import Database
from tests.builders import Broker, Clock, Shared, broker_in_memory, shared_database
from tests.harness import Sandbox, Servers
from tests.integration.films import House, build
from tests.integration.purchase import desk_maker


@pytest.fixture(scope="module")
def shared(servers: Servers) -> Iterator[Shared]:
    with shared_database(servers) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(shared: Shared) -> Database:
    return shared.empty()


@pytest.fixture
def make_desk(shared: Shared, database: Database, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Desk]:
    return desk_maker(shared.dsn, sandbox, tmp_path, clock)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_in_memory() as opened:
        yield opened


@pytest.fixture
def house(shared: Shared, database: Database, tmp_path: Path, clock: Clock, broker: Broker) -> Iterator[House]:
    made = build(shared.dsn, tmp_path, clock)
    yield made
    made.database.close()

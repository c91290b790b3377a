"""What the tests of rows share: one migrated database a file, emptied between its tests, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import Clock, Shared, shared_database
from tests.harness import Servers


@pytest.fixture(scope="module")
def shared(servers: Servers) -> Iterator[Shared]:
    with shared_database(servers) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()

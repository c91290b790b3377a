"""The rows of this installation's database, for commands that must work while the web server does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..local.migrating import database_here
from ..settings import load_settings
from ..store.db import Database


@contextmanager
def database() -> Iterator[Database]:
    """DATABASE_URL's, else the embedded one, which is started for the moment if it does not run."""
    with database_here(load_settings()) as dsn:
        db = Database(dsn, size=2)
        try:
            yield db
        finally:
            db.close()

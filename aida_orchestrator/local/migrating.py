"""`aida migrate`, and the database of this machine for whatever else works on rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..settings import Settings, load_settings
from ..store.migrate import migrate
from .home import Home
from .postgres import Postgres
from .supervisor import Supervisor, stop_leftovers


def migrate_here() -> list[str]:
    """The names of the migrations applied."""
    with database_here(load_settings()) as dsn:
        return migrate(dsn)


@contextmanager
def database_here(settings: Settings) -> Iterator[str]:
    """The database's address. Without DATABASE_URL and a running `aida up` the embedded server is started for the moment."""
    if settings.database_url is not None:
        yield settings.require_database()
        return
    home = Home(settings.aida_home)
    home.take()
    supervisor = Supervisor(home.register)
    try:
        stop_leftovers(home.register, print)
        postgres = Postgres(home.folder / "postgres", home.log("postgres"))
        supervisor.start(postgres.prepare())
        supervisor.wait("postgres", postgres.is_ready, 60)
        postgres.make_database()
        yield postgres.dsn
    finally:
        supervisor.stop_all()
        home.leave()

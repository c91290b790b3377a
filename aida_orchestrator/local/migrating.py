"""`aida migrate`: the database of the settings, or the embedded one, brought up to date."""

from __future__ import annotations

from ..settings import load_settings
from ..store.migrate import migrate
from .home import Home
from .postgres import Postgres
from .supervisor import Supervisor, stop_leftovers


def migrate_here() -> list[str]:
    """The names of the migrations applied. Without DATABASE_URL and a running `aida up`, the embedded server is
    started for the moment."""
    settings = load_settings()
    if settings.database_url is not None:
        return migrate(settings.require_database())
    home = Home(settings.aida_home)
    home.take()
    supervisor = Supervisor(home.register)
    try:
        stop_leftovers(home.register, print)
        postgres = Postgres(home.folder / "postgres", home.log("postgres"))
        supervisor.start(postgres.prepare())
        supervisor.wait("postgres", postgres.is_ready, 60)
        postgres.make_database()
        return migrate(postgres.dsn)
    finally:
        supervisor.stop_all()
        home.leave()

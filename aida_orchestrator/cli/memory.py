"""`aida memory reindex`: another embedder reads everything again; works on the rows, as `aida migrate` does."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from ..errors import SettingsError
from ..ledger import Ledger, PriceBook
from ..local.migrating import database_here
from ..memory import reindex as memory
from ..model import Component, Usage
from ..prices import load_sheets
from ..providers.base import RetryPolicy
from ..providers.embedders import make_embedder
from ..settings import Settings, load_settings
from ..store.db import Database


def reindex(arguments: argparse.Namespace) -> int:
    """Make the vectors that are missing, then, if asked, delete those of other embedders; prints counts."""
    settings = load_settings()
    kind = arguments.embedder or settings.memory_embedder
    if arguments.prune and kind != settings.memory_embedder:
        raise SettingsError(f"the service still searches with MEMORY_EMBEDDER={settings.memory_embedder}: set it to {kind}, "
                            "restart, and prune then")
    embedder = make_embedder(kind, settings.openai_api_key, settings.openai_base_url, settings.openai_embedding_model,
                             settings.openai_timeout_seconds, RetryPolicy())
    with database_here(settings) as dsn:
        db = Database(dsn, size=2)
        try:
            made = memory.reindex(db, embedder, _now, _booking(db, settings), _tell)
            print(f"{embedder.name}: " + (", ".join(f"{count} of {name}" for name, count in made.items() if count)
                                          or "nothing to do"))
            if arguments.prune:
                print(f"deleted of other embedders: {memory.prune(db, embedder.name)}")
        finally:
            db.close()
    return 0


def _booking(db: Database, settings: Settings) -> memory.Book:
    ledger = Ledger(db, PriceBook(load_sheets(settings.prices_dir), settings.kie_task_dollars))

    def book(tenant: str, user: str, usage: Usage) -> None:
        ledger.record_now(task=(None, None, tenant, user), component=Component.MEMORY, usage=usage, now=_now())

    return book


def _tell(kind: str, count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{kind}: {count} vectors ", end="", file=sys.stderr, flush=True)
    elif count % 640 < 64:
        print(f"{kind}: {count} vectors", file=sys.stderr)


def _now() -> datetime:
    return datetime.now(UTC)

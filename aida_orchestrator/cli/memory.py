"""`aida memory reindex`: another embedder reads everything again; works on the rows, as `aida migrate` does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from ..errors import SettingsError, SpendingStopped
from ..ledger import Ledger, PriceBook
from ..memory import reindex as memory
from ..memory.embedding import Embedder
from ..model import Component, Role, Usage
from ..prices import load_sheets
from ..providers.base import RetryPolicy
from ..providers.embedders import make_embedder
from ..settings import Settings, load_settings
from ..store import spending
from ..store.db import Database
from .rows import database


def reindex(arguments: argparse.Namespace) -> int:
    """Make the vectors that are missing, then, if asked, delete those of other embedders; prints counts."""
    settings = load_settings()
    kind = arguments.embedder or settings.memory_embedder
    if arguments.prune and kind != settings.memory_embedder:
        raise SettingsError(f"the service still searches with MEMORY_EMBEDDER={settings.memory_embedder}: set it to {kind}, "
                            "restart, and prune then")
    made_by = make_embedder(kind, settings.openai_api_key, settings.openai_base_url, settings.openai_embedding_model,
                            settings.openai_timeout_seconds, RetryPolicy())
    with database() as db:
        embedder = made_by if kind == "local" else _Stoppable(made_by, db)
        made = memory.reindex(db, embedder, _now, _booking(db, settings), _tell)
        print(f"{embedder.name}: " + (", ".join(f"{count} of {name}" for name, count in made.items() if count)
                                      or "nothing to do"))
        if arguments.prune:
            print(f"deleted of other embedders: {memory.prune(db, embedder.name)}")
    return 0


class _Stoppable:
    """An Embedder that heeds the switch of all spending. No ceiling is asked: it is the operator who has this done."""

    def __init__(self, embedder: Embedder, db: Database) -> None:
        self._embedder = embedder
        self._db = db

    @property
    def name(self) -> str:
        """The model behind it."""
        return self._embedder.name

    def embed(self, texts: Sequence[str], /, *, role: Role = "passage") -> tuple[Sequence[Sequence[float]], Usage]:
        """As the embedder does; raises SpendingStopped."""
        with self._db.single() as tx:
            stopped = spending.find_stop(tx)
        if stopped is not None:
            raise SpendingStopped("all spending is stopped: `aida spending start` first; what is made by now is kept",
                                  dollars=None, provider="openai")
        return self._embedder.embed(texts, role=role)


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

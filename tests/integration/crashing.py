"""A process that stops at a named commit: a database that notes each one and crashes at the one asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aida_orchestrator.store.db import Database, Tx


class Crash(BaseException):
    """The process is gone: nothing of ours may catch it."""


@dataclass
class Steps:
    """Every step that was passed, and the one at which the process stops (None: none)."""

    stop_at: str | None = None
    passed: list[str] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> str:
        """The name with how often it has come: `commit 3`."""
        self._counts[name] = self._counts.get(name, 0) + 1
        return f"{name} {self._counts[name]}"

    def reach(self, step: str) -> None:
        """Note the step, or stop here."""
        if step == self.stop_at:
            raise Crash(step)
        self.passed.append(step)


class CrashingDatabase:
    """Stops before a commit (which then never happens) or straight after it."""

    def __init__(self, database: Database, steps: Steps) -> None:
        self._database, self._steps = database, steps

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Like the real one, between two steps."""
        name = self._steps.number("commit")
        with self._database.transaction() as tx:
            yield tx
            tx.flush()
            self._steps.reach(f"before {name}")
        self._steps.reach(f"after {name}")

    single = transaction

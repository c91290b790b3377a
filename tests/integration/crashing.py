"""A process that stops at a named point: collaborators for the desk that note each step and crash at the one asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from aida_orchestrator.jobs import Desk
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


class Crashing:
    """Any collaborator: stops before or after one of its calls."""

    def __init__(self, inner: Any, steps: Steps, *calls: str) -> None:
        self._inner, self._steps, self._calls = inner, steps, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._watched(name, found) if name in self._calls else found

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **more: Any) -> Any:
            numbered = self._steps.number(name)
            self._steps.reach(f"before {numbered}")
            result = call(*args, **more)
            self._steps.reach(f"after {numbered}")
            return result

        return watched


def crashing(desk: Desk, steps: Steps) -> Desk:
    """The desk of a process that stops at `steps.stop_at`."""
    return replace(
        desk, db=cast(Any, CrashingDatabase(desk.db, steps)), kie=cast(Any, Crashing(desk.kie, steps, "submit", "poll")),
        fal=cast(Any, Crashing(desk.fal, steps, "submit", "poll")),
        fetcher=cast(Any, Crashing(desk.fetcher, steps, "fetch")),
        storage=cast(Any, Crashing(desk.storage, steps, "put")))

"""Ceilings while a run goes on and after it: none is passed at any moment, and what is set aside is what is in doubt."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg2

from aida_orchestrator.store import budgets
from aida_orchestrator.store.budgets import Ceiling
from aida_orchestrator.store.db import Database

# Every ceiling with what is booked and set aside under it, in one statement and so at one moment.
_STANDING = """
SELECT b.scope, b.subject, b.dollars, b.spent,
       (SELECT coalesce(sum(coalesce(c.dollars, c.counted)), 0) FROM charges c
        WHERE CASE b.scope WHEN 'tenant' THEN true WHEN 'user' THEN c.user_id = b.subject ELSE c.task_id = b.subject END),
       (SELECT coalesce(sum(r.dollars), 0) FROM reservations r
        WHERE CASE b.scope WHEN 'tenant' THEN true WHEN 'user' THEN r.user_id = b.subject ELSE r.task_id = b.subject END)
FROM budgets b"""
# What may not be found once all is quiet: (what is wrong with it, the query that names it).
_RULES = (
    ("is booked, and still set aside", """
SELECT r.key FROM reservations r JOIN charges c ON c.job_id = r.key"""),
    ("is in doubt, and not set aside", """
SELECT j.id FROM jobs j WHERE (j.state IN ('submitting', 'unknown') OR (j.state = 'settled' AND j.outcome = 'lost'
                               AND j.provider_id IS NULL))
AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.key = j.id || '#' || j.attempt)"""),
    ("was certainly not bought, or is booked, and still set aside", """
SELECT r.key FROM reservations r JOIN jobs j ON r.key = j.id || '#' || j.attempt
WHERE j.state IN ('queued', 'running', 'rendered', 'cancelled') OR (j.state = 'settled' AND j.outcome <> 'lost')"""),
    ("is answered, and still set aside", """
SELECT r.key FROM reservations r JOIN calls a ON r.key = a.task_id || ':' || a.fingerprint"""),
    ("is booked more often than it was bought", """
SELECT j.id FROM jobs j WHERE (SELECT count(*) FROM charges c WHERE split_part(c.job_id, '#', 1) = j.id)
    > cardinality(j.former_ids) + (j.provider_id IS NOT NULL)::int"""),
)


class Watch:
    """Looks at every ceiling again and again. `wrongs` are the moments at which one was passed, or its sum was not right."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.looks, self.wrongs, self.fullest = dsn, 0, list[str](), Decimal(0)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        connection = psycopg2.connect(self.dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def look(self) -> None:
        """Once."""
        for scope, subject, ceiling, spent, charged, reserved in self.rows(_STANDING):
            if charged + reserved > ceiling:
                self.wrongs.append(f"{scope} {subject}: {charged} booked and {reserved} set aside of {ceiling}")
            if spent != charged:
                self.wrongs.append(f"{scope} {subject}: {spent} counted, {charged} booked")
            if scope == "tenant":
                self.fullest = max(self.fullest, charged + reserved)
        self.looks += 1

    @contextmanager
    def looking(self) -> Iterator[None]:
        """All the time while the block runs; a database that is away is looked at when it is back."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.03):
                try:
                    self.look()
                except psycopg2.Error:
                    continue

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)

    def books(self) -> Iterator[str]:
        """What is wrong with the books now that all is quiet, and what was with the ceilings on the way, as sentences."""
        self.look()
        yield from dict.fromkeys(self.wrongs)
        for wrong, query in _RULES:
            yield from (f"{key} {wrong}" for (key,) in self.rows(query))


def set_ceilings(dsn: str, dollars: Mapping[tuple[str, str], str]) -> None:
    """Set ceilings, without a period, by whose they are: (scope, subject)."""
    door = Database(dsn, size=1)
    try:
        with door.transaction() as tx:
            for (scope, subject), ceiling in dollars.items():
                budgets.put_budget(tx, Ceiling("default", scope, subject, "total"), Decimal(ceiling), datetime.now(UTC))
    finally:
        door.close()

"""What the sandbox was told and what it sold: one SQLite file and a media folder, both outliving `kill -9`."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLBACK_FIELDS = frozenset({"callBackUrl", "fal_webhook", "webhook_url"})
VOID_STATES = frozenset({"failed", "cancelled"})

SCHEMA = """
CREATE TABLE IF NOT EXISTS sold (
    id TEXT PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, fingerprint TEXT NOT NULL,
    request TEXT NOT NULL, state TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0,
    media_fetched INTEGER NOT NULL DEFAULT 0, fields TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sold_by_state ON sold (provider, state, at);
CREATE INDEX IF NOT EXISTS sold_uncalled ON sold (provider) WHERE json_extract(fields, '$.called') = 0;
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY, provider TEXT NOT NULL, operation TEXT NOT NULL, at REAL NOT NULL,
    status INTEGER NOT NULL, request TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Sold:
    """One thing a provider was paid for: a message, an embedding, a picture task or a clip.

    `at` is in unix seconds; `fields` holds whatever the provider's own room wants to remember.
    """

    id: str
    provider: str
    kind: str
    at: float
    fingerprint: str
    request: dict[str, Any]
    state: str
    delivered: int
    media_fetched: int
    fields: dict[str, Any]

    def as_ledger_line(self) -> dict[str, Any]:
        return {
            "provider": self.provider, "id": self.id, "kind": self.kind, "at": self.at,
            "fingerprint": self.fingerprint, "request": self.request, "state": self.state,
            "delivered": self.delivered, "mediaFetched": self.media_fetched,
        }


def fingerprint(request: Mapping[str, Any]) -> str:
    """SHA-256 of the request in canonical JSON; where the answer is to be sent plays no part in it."""
    bare = {key: value for key, value in request.items() if key not in CALLBACK_FIELDS}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class State:
    """Thread-safe memory of the sandbox; every change is on disk before the call returns."""

    def __init__(self, data_dir: str | Path) -> None:
        self.data_dir = Path(data_dir)
        self.media_dir = self.data_dir / "media"
        self.media_dir.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            self.data_dir / "sandbox.sqlite", check_same_thread=False, isolation_level=None, timeout=10
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing with NORMAL; only a power cut could, and that is not our trade.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def record(self, provider: str, operation: str, request: Any, status: int) -> None:
        """Note one request that reached us, whatever became of it; `status` is the answer's (0: none was given)."""
        text = json.dumps(request, ensure_ascii=False, default=str)
        with self._lock:
            self._db.execute(
                "INSERT INTO requests (provider, operation, at, status, request) VALUES (?, ?, ?, ?, ?)",
                (provider, operation, time.time(), status, text),
            )

    def sell(
        self, provider: str, kind: str, request: Mapping[str, Any], *,
        job_id: str | None = None, state: str = "done", **fields: Any,
    ) -> str:
        """Book a sale and give its id; `state` is free text ("failed" and "cancelled" are not counted as bought)."""
        identity = job_id or (str(uuid.uuid4()) if provider == "fal" else uuid.uuid4().hex)
        with self._lock:
            self._db.execute(
                "INSERT INTO sold (id, provider, kind, at, fingerprint, request, state, fields) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (identity, provider, kind, time.time(), fingerprint(request),
                 json.dumps(dict(request), ensure_ascii=False, default=str), state, json.dumps(fields)),
            )
        return identity

    def find(self, job_id: str) -> Sold | None:
        """The sale with this id, or None."""
        with self._lock:
            row = self._db.execute("SELECT * FROM sold WHERE id = ?", (job_id,)).fetchone()
        return None if row is None else _sold(row)

    def get(self, job_id: str) -> Sold:
        """The sale with this id; KeyError when there is none."""
        sold = self.find(job_id)
        if sold is None:
            raise KeyError(job_id)
        return sold

    def list_sold(
        self, provider: str | None = None, states: tuple[str, ...] = (), since: float = 0.0, uncalled: bool = False
    ) -> list[Sold]:
        """Sales in the order they were made, optionally of one provider, in some states, from a moment on."""
        query, values = "SELECT * FROM sold WHERE at >= ?", [since]  # type: tuple[str, list[Any]]
        if provider is not None:
            query, values = query + " AND provider = ?", [*values, provider]
        if states:
            query, values = query + f" AND state IN ({','.join('?' * len(states))})", [*values, *states]
        if uncalled:
            query += " AND json_extract(fields, '$.called') = 0"
        with self._lock:
            rows = self._db.execute(query + " ORDER BY at, rowid", values).fetchall()
        return [_sold(row) for row in rows]

    def list_uncalled(self, provider: str) -> list[Sold]:
        """Ended jobs whose callback has not been delivered; `called` is set by who delivers it."""
        return self.list_sold(provider, ("done", "failed", "cancelled"), uncalled=True)

    def update(
        self, job_id: str, state: str | None = None, *, expected: tuple[str, ...] = (), **fields: Any
    ) -> bool:
        """Change the state and merge `fields`; False when the job is gone or not in one of the `expected` states."""
        with self._lock:
            sold = self.find(job_id)
            if sold is None or (expected and sold.state not in expected):
                return False
            self._db.execute(
                "UPDATE sold SET state = ?, fields = ? WHERE id = ?",
                (state or sold.state, json.dumps({**sold.fields, **fields}), job_id),
            )
            return True

    def count_delivered(self, job_id: str) -> None:
        """The finished result was read once more."""
        with self._lock:
            self._db.execute("UPDATE sold SET delivered = delivered + 1 WHERE id = ?", (job_id,))

    def count_media_fetched(self, job_id: str) -> None:
        """One of the job's files was downloaded once more."""
        with self._lock:
            self._db.execute("UPDATE sold SET media_fetched = media_fetched + 1 WHERE id = ?", (job_id,))

    def ledger(self, since: float = 0.0) -> dict[str, Any]:
        """Everything sold and asked since a moment, and per provider how much of it was bought twice."""
        sold = self.list_sold(since=since)
        with self._lock:
            rows = self._db.execute(
                "SELECT provider, operation, at, status FROM requests WHERE at >= ? ORDER BY number", (since,)
            ).fetchall()
        return {
            "sold": [line.as_ledger_line() for line in sold],
            "requests": [dict(row) for row in rows],
            "totals": _totals(sold),
        }


def _sold(row: sqlite3.Row) -> Sold:
    values = dict(row)
    return Sold(**{**values, "request": json.loads(values["request"]), "fields": json.loads(values["fields"])})


def _totals(sold: list[Sold]) -> dict[str, dict[str, int]]:
    """Sales per provider; a duplicate is one fingerprint bought again although the first was not refused."""
    counts = Counter(line.provider for line in sold)
    bought = Counter((line.provider, line.fingerprint) for line in sold if line.state not in VOID_STATES)
    again: Counter[str] = Counter()
    for (provider, _), times in bought.items():
        again[provider] += times - 1
    return {provider: {"sold": number, "duplicates": again[provider]} for provider, number in counts.items()}

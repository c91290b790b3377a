"""Idempotency-Keys: the same key with the same body is the same request, and makes one task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import InvalidError
from ..model import Task
from ..store import tasks
from ..store.db import Tx


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's Idempotency-Key, and the body it was used with."""

    route: str
    key: str
    body: Mapping[str, Any]

    @property
    def body_sha(self) -> str:
        """SHA-256 of the body with sorted keys."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()


def earlier_task(tx: Tx, tenant_id: str, once: Once | None) -> Task | None:
    """The task of an earlier request with the same key; twins wait for each other here, so one of them makes the task."""
    if once is None:
        return None
    tasks.lock_idempotency_key(tx, tenant_id, once.route, once.key)
    found = tasks.find_idempotency_key(tx, tenant_id, once.route, once.key)
    if found is None:
        return None
    task_id, body_sha = found
    if body_sha != once.body_sha:
        raise InvalidError("this Idempotency-Key was used with another body: use a new key for a new request")
    return tasks.get_task(tx, task_id)


def remember_key(tx: Tx, tenant_id: str, once: Once | None, task_id: str, now: datetime) -> None:
    """Write which task the key has made."""
    if once is not None:
        tasks.add_idempotency_key(tx, tenant_id=tenant_id, route=once.route, key=once.key, body_sha=once.body_sha,
                                  task_id=task_id, now=now)

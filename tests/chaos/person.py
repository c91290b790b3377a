"""The person whom a lost answer waits for: looks into the provider's own list, says what became of it, and retries films."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ..harness import fetch
from .ground import Ground

_BOUND = 90.0
_RETRIES = 3
_FAILED = """SELECT id FROM tasks t WHERE status IN ('partial', 'failed') AND created_at >= %(began)s
    AND NOT EXISTS (SELECT 1 FROM tasks newer WHERE newer.project_id = t.project_id AND newer.created_at > t.created_at)"""
_UNENDED = "SELECT id FROM tasks WHERE status NOT IN ('completed', 'partial', 'failed', 'cancelled')"
_KNOWN = "SELECT provider_id FROM jobs UNION SELECT unnest(former_ids) FROM jobs"
_ORPHANS = """SELECT id, provider, at, coalesce(json_extract(request, '$.prompt'), json_extract(request, '$.input.prompt'))
    FROM sold WHERE provider IN ('kie', 'fal') AND at >= ?"""


class Person:
    """`wrongs` is what the API answered that it must not."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self.wrongs = ground, list[str]()
        self._base = f"{ground.service.url}/api/orchestrator"
        self.settled = 0

    def mend(self) -> None:
        """Settle every doubt and retry every film that is not whole, as often as a patient person would."""
        for _ in range(_RETRIES):
            self._until(lambda: not self._settle_doubts())
            self._until(self._all_ended)
            failed = self._ground.rows(_FAILED)
            for row in failed:
                self._ask("POST", f"retry/{row['id']}", {"maxCostDollars": 50}, (202, 409))
            if not failed:
                return
            self._until(self._all_ended)

    def _all_ended(self) -> bool:
        """Whether every film has; one that went on by itself may wait at its ceiling, and its user looks at it no more."""
        unended = self._ground.rows(_UNENDED)
        for row in unended:
            held = self._ask("GET", f"status/{row['id']}", None, (200,))["hold"]
            if held is not None and held["for"] == "budget":
                self._ask("PATCH", f"tasks/{row['id']}", {"maxCostDollars": 50}, (200,))
        return not unended

    def _settle_doubts(self) -> bool:
        """Say of each job in doubt whether it was bought; whether any is left."""
        doubts = self._ask("GET", "jobs?unknown=true&limit=200", None, (200,))["jobs"]
        for job in doubts:
            if job["heldForPerson"]:
                found = next(self._orphans(job), None)
                # 409: a callback was quicker, or the film is being put together; 503: the id could not be read back.
                self._ask("POST", f"jobs/{job['jobId']}/resolve", {"bought": found or False}, (200, 409, 503))
                self.settled += 1
        return bool(doubts)

    def _orphans(self, job: dict[str, Any]) -> Iterator[str]:
        """Sales that no row knows and that can be this job, the nearest in time first."""
        known = {row["provider_id"] for row in self._ground.rows(_KNOWN)}
        sent = datetime.fromisoformat(job["sentAt"]).timestamp()
        for number, provider, _, prompt in sorted(
                self._ground.sandbox.rows(_ORPHANS, self._ground.sandbox.since), key=lambda sale: abs(sale[2] - sent)):
            if number not in known and provider == job["provider"] and prompt.startswith(job["prompt"]):
                yield number

    def _until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + _BOUND
        while not reached() and time.monotonic() < until:
            time.sleep(0.4)

    def _ask(self, method: str, path: str, body: Any, expected: tuple[int, ...]) -> Any:
        status, _, raw = fetch(method, f"{self._base}/{path}", body)
        if status not in expected:
            self.wrongs.append(f"{method} {path} answered {status}: {raw[:300]!r}")
        return json.loads(raw)

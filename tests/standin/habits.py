"""What an honest server of these APIs may do in more than one way, and the troubles it may have."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Habits:
    """One way of keeping to the documents; a test switches from one to another between films.

    `schema`: plain, minimal, random or maximal answers. `tool_rounds`: how many tools are called in each round.
    `fal_history`: whether the key may read it.
    `kie_callbacks` and `fal_callbacks`: when they come: after, early (before the submit's answer), doubled, forged, none.
    """

    thinking: bool = True
    text_pieces: int = 1
    tool_rounds: tuple[int, ...] = (1,)
    pauses: int = 0
    schema: str = "plain"
    seed: int = 1
    floats: bool = False
    out_of_order: bool = False
    kie_seconds: float = 0.3
    kie_result: str = "object"
    kie_numbers_as_strings: bool = False
    kie_last_first: bool = False
    kie_callbacks: tuple[str, ...] = ("after",)
    fal_seconds: float = 0.2
    fal_submit_status: int = 200
    fal_going_status: int = 200
    fal_response_suffix: bool = False
    fal_logs: bool = False
    fal_callbacks: tuple[str, ...] = ("after",)
    fal_history: bool = True
    media_elsewhere: bool = False
    media_redirects: bool = False
    odd_media: bool = False


@dataclass(frozen=True)
class Fault:
    """One answer that goes wrong. `reset`: "before" the request was looked at, or "after" it was sold and before the
    answer. `stop`: a stop_reason of Claude. `late_error`: the error_type of a clip that fails after it was accepted."""

    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    reset: str = ""
    stop: str = ""
    late_error: str = ""


class Record:
    """What was asked, what was sold, and every rule that was broken; safe for threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.violations: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.sold: list[dict[str, Any]] = []
        self.callback_answers: list[tuple[str, int]] = []
        self._faults: dict[str, list[Fault | None]] = {}

    def violation(self, provider: str, rule: str) -> None:
        """A rule of the documents was broken by the client."""
        with self.lock:
            self.violations.append(f"{provider}: {rule}")

    def request(self, operation: str, body: Any = None) -> None:
        """A request came, whatever becomes of it."""
        with self.lock:
            self.requests.append({"operation": operation, "at": time.monotonic(), "body": body})

    def sell(self, provider: str, id: str, what: Any) -> None:
        """Something was accepted that costs money."""
        with self.lock:
            self.sold.append({"provider": provider, "id": id, "what": what, "at": time.monotonic()})

    def plan(self, operation: str, *faults: Fault | None) -> None:
        """The next answers of an operation go wrong like this; None = that one is right."""
        with self.lock:
            self._faults[operation] = list(faults)

    def next_fault(self, operation: str) -> Fault | None:
        """The fault that is due now."""
        with self.lock:
            due = self._faults.get(operation)
            return due.pop(0) if due else None

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The requests of one operation, in order."""
        with self.lock:
            return [line for line in self.requests if line["operation"] == operation]

    def bought(self, provider: str) -> list[dict[str, Any]]:
        """What one provider sold, in order."""
        with self.lock:
            return [line for line in self.sold if line["provider"] == provider]

    def duplicates(self) -> list[str]:
        """What was bought twice: the same thing of the same provider."""
        seen: dict[str, int] = {}
        with self.lock:
            for line in self.sold:
                key = f"{line['provider']} {line['what']}"
                seen[key] = seen.get(key, 0) + 1
        return [key for key, count in seen.items() if count > 1]

    def clear(self) -> None:
        """Begin anew."""
        with self.lock:
            for kept in (self.violations, self.requests, self.sold, self.callback_answers, self._faults):
                kept.clear()

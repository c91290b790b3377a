"""On request the providers misbehave: slow, 429, 500, never answers, answers twice.

A rule names a provider, an operation and a fault; each matching request uses it up until `times` is spent.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from . import wording

PROVIDERS = ("anthropic", "openai", "kie", "fal")
OPERATIONS = ("submit", "poll", "result", "media", "cancel", "messages", "embeddings", "callback", "credit", "lend",
              "history", "pricing")
FAULTS = ("status", "reset", "reset_after", "hang", "hang_after", "slow", "fail_job", "never_ends", "unknown_state",
          "slow_after", "malformed", "refusal", "max_tokens", "balance", "drop", "double", "forge", "wrong_id", "cut_short",
          "expired", "says")
FIELDS = {"provider", "operation", "match", "times", "after", "fault", "status", "retryAfter", "seconds", "code",
          "body"}
HANG_SECONDS = 600.0
SLOW_SECONDS = 5.0


@dataclass(frozen=True)
class Fault:
    """One misbehaviour to act out now. `kind` is the rule's `fault`."""

    provider: str
    kind: str
    status: int
    retry_after: float | None
    seconds: float | None
    code: Any
    body: Any

    def before(self) -> Response | None:
        """Act out what happens before the request is accepted; None when the request may go on."""
        if self.kind == "slow":
            time.sleep(SLOW_SECONDS if self.seconds is None else self.seconds)
            return None
        if self.kind == "hang":
            time.sleep(HANG_SECONDS if self.seconds is None else self.seconds)
            return hang_up()
        if self.kind == "reset":
            return hang_up()
        if self.kind == "balance":
            return wording.render_balance(self.provider)
        if self.kind == "status":
            return self._refusal()
        return None

    def after(self, response: Response) -> Response:
        """Spoil the answer to a request that was accepted: lose it, delay it or garble it."""
        if self.kind == "reset_after":
            return hang_up()
        if self.kind == "hang_after":
            time.sleep(HANG_SECONDS if self.seconds is None else self.seconds)
            return hang_up()
        if self.kind == "slow_after":  # the callback may overtake it
            time.sleep(SLOW_SECONDS if self.seconds is None else self.seconds)
        if self.kind == "malformed":
            if self.body is not None:
                return wording.answer(self.body)
            return Response("<html><head><title>502 Bad Gateway</title></head>", content_type="text/html")
        return response

    def _refusal(self) -> Response:
        if self.body is None:
            return wording.render(self.provider, self.status, code=self.code, retry_after=self.retry_after)
        # KIE says its own failures inside a 200; a text is no JSON of KIE's but the page of a gateway before it.
        status = 200 if self.provider == "kie" and not isinstance(self.body, str) else self.status
        headers = {} if self.retry_after is None else {"retry-after": f"{self.retry_after:g}"}
        return wording.answer(self.body, status, headers)


def hang_up() -> Response:
    """Close the caller's TCP connection without an answer.

    The empty response returned is for the server's benefit and goes nowhere.
    """
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):  # the caller was quicker
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=499)


class Rule:
    """A wish for misbehaviour and how often it was granted; built by `parse`."""

    def __init__(self, wish: Mapping[str, Any]) -> None:
        self.wish = dict(wish)
        self.pattern = re.compile(str(wish.get("match") or ""), re.IGNORECASE | re.DOTALL)
        times = wish.get("times", 1)
        self.left: int | None = None if times is None else int(times)
        self.skip = int(wish.get("after") or 0)
        self.used = 0

    def fits(self, provider: str, operation: str, text: str) -> bool:
        spent = self.left is not None and self.left <= 0
        return (not spent and self.wish["provider"] == provider
                and self.wish.get("operation") in (None, operation) and self.pattern.search(text) is not None)

    def use(self) -> Fault | None:
        """Spend one use; None while the rule is still letting its first `after` requests pass."""
        if self.skip > 0:
            self.skip -= 1
            return None
        if self.left is not None:
            self.left -= 1
        self.used += 1
        wish = self.wish
        return Fault(
            provider=wish["provider"], kind=wish["fault"], status=int(wish.get("status") or 500),
            retry_after=_number(wish.get("retryAfter")), seconds=_number(wish.get("seconds")),
            code=wish.get("code"), body=wish.get("body"),
        )

    def describe(self) -> dict[str, Any]:
        return {**self.wish, "left": self.left, "used": self.used}


def parse(wish: Any) -> Rule:
    """Check one rule as it came over HTTP; ValueError says what to change."""
    _demand(isinstance(wish, Mapping), "a rule is a JSON object")
    unknown = set(wish) - FIELDS
    _demand(not unknown, f"unknown fields {sorted(unknown)}; known: {', '.join(sorted(FIELDS))}")
    for field, allowed in (("provider", PROVIDERS), ("fault", FAULTS)):
        _demand(wish.get(field) in allowed, f"{field} must be one of {', '.join(allowed)}")
    _demand(wish.get("operation") in (None, *OPERATIONS), f"operation must be absent or one of {', '.join(OPERATIONS)}")
    try:
        return Rule(wish)
    except (re.error, TypeError, ValueError) as error:
        raise ValueError(f"match must be a regular expression, times and after whole numbers: {error}") from error


class Faults:
    """The rules in force; thread-safe. First added, first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, wishes: Any) -> list[dict[str, Any]]:
        """Add one rule or a list of them, all or none; ValueError says what to change."""
        rules = [parse(wish) for wish in (wishes if isinstance(wishes, list) else [wishes])]
        with self._lock:
            self._rules.extend(rules)
        return [rule.describe() for rule in rules]

    def list_rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.describe() for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, provider: str, operation: str, text: str = "", kinds: tuple[str, ...] = ()) -> Fault | None:
        """The fault to act out for this request, one use spent; `kinds` narrows to faults the caller can play now."""
        with self._lock:
            for rule in self._rules:
                if kinds and rule.wish["fault"] not in kinds:
                    continue
                if rule.fits(provider, operation, text):
                    fault = rule.use()
                    if fault is not None:
                        return fault
        return None


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

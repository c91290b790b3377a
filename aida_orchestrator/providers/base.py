"""What all providers share: the retry policy, the rule for keys, and how a status becomes one of our errors."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import backoff
from pydantic import SecretStr

from ..errors import (
    AidaError,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

# Every other status below 500, and these two above it, mean no for good.
_PASSING_BELOW_500 = frozenset({408, 409, 429})
_LASTING_FROM_500 = frozenset({501, 505})
_SECRET_SHAPES = re.compile(r"(?:(?<=Bearer )|(?<=Key )|\bsk-)[A-Za-z0-9_\-.:*]{6,}")
# An address, also as JSON or a query writes it: ours may hold a callback's token, or lead to a picture of a client's.
_ADDRESS = re.compile(r"https?(?::|%3A)(?:\\?/|%2F){2}[^\s\"'<>]*", re.IGNORECASE)
_TOKEN = re.compile(r"(callbacks(?:\\?/|%2F)\w+(?:\\?/|%2F))[\w\-]+", re.IGNORECASE)

# What providers say of the two refusals that other words, or another picture, mend.
_REASONS = (
    (re.compile(r"\b(moderat|nsfw|sensitive|banned|prohibit|blocked|violat|unsafe|inappropriate|content.?polic)", re.I),
     "its rules for content do not allow it"),
    (re.compile(r"\b(too (long|short|large|small)|exceed|at (most|least)|maximum|minimum|unsupported|aspect.?ratio)", re.I),
     "something in it has a size, length or form that is not taken"),
)

LONGEST_WAIT = 600.0  # seconds that a row waits at most, however long a provider asks for
_SLOWEST = 60.0  # and where it does not say how long


@dataclass(frozen=True, slots=True)
class Source:
    """A provider as operators know it: its name in rows, its title in sentences, and its two settings."""

    name: str
    title: str
    key: str
    address: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again: after 1 s, 2 s, 4 s, only what is transient. A Retry-After wins, up to a bound in seconds."""

    delays: tuple[float, ...] = (1.0, 2.0, 4.0)
    retry_after_bound: float = 60.0

    def call(self, fn: Callable[[], T], seconds: float | None = None) -> T:
        """Call until it works, trying again cannot help, or would be later than `seconds` from now; sleeps in between,
        raises the last error.
        """
        ends = math.inf if seconds is None else time.monotonic() + seconds

        def is_over(error: Exception) -> bool:
            wait: float | None = getattr(error, "retry_after", None)
            return self._hopeless(error) or time.monotonic() + (wait or 0) >= ends

        retried = backoff.on_exception(
            self._waits, AidaError, max_tries=len(self.delays) + 1, jitter=None, giveup=is_over,
            on_backoff=_log_retry, on_giveup=_log_giving_up, logger=None,
        )(fn)
        return retried()

    def delay(self, tries: int, error: Exception) -> float | None:
        """Seconds to let a row wait after `tries` tries (1 = the first failed); None = give up."""
        if tries > len(self.delays) or self._hopeless(error):
            return None
        asked: float | None = getattr(error, "retry_after", None)
        return self.delays[max(tries, 1) - 1] if asked is None else asked

    def put_off(self, tries: int, error: Exception) -> float:
        """Seconds for a row to wait after `tries` tries of what is transient: as long as the provider asks for, up to
        LONGEST_WAIT, never less than the policy's own; the caller says when it is enough."""
        own, more = self.delays[:tries][-1] if self.delays else 1.0, max(0, tries - len(self.delays))
        asked: float | None = getattr(error, "retry_after", None)
        return max(min(own * 2.0 ** min(more, 10), max(own, _SLOWEST)), min(asked or 0.0, LONGEST_WAIT))

    def _hopeless(self, error: Exception) -> bool:
        if not getattr(error, "transient", False):
            return True
        asked: float | None = getattr(error, "retry_after", None)
        return asked is not None and asked > self.retry_after_bound

    def _waits(self) -> Any:
        # backoff primes the generator with one send(None), then sends each exception.
        error = yield None
        tries = 1
        while True:
            error = yield self.delay(tries, error)
            tries += 1


def _log_retry(details: Any) -> None:
    error = details["exception"]
    log.warning(
        "trying again", extra={"provider": getattr(error, "provider", None), "code": getattr(error, "code", None),
                               "status": getattr(error, "status", None), "tries": details["tries"],
                               "waitSeconds": details["wait"]}
    )


def _log_giving_up(details: Any) -> None:
    error = details["exception"]
    log.warning(
        "giving up", extra={"provider": getattr(error, "provider", None), "code": getattr(error, "code", None),
                            "status": getattr(error, "status", None), "tries": details["tries"]}
    )


def usable_key(source: Source, key: SecretStr | None) -> str:
    """The key as text; raises ProviderAuthError when it is missing or could not stand in a header.

    Checked before any library sees it: HTTP libraries quote a malformed header, key and all, in their errors.
    """
    text = key.get_secret_value().strip() if key is not None else ""
    if not text:
        raise ProviderAuthError(source.name, f"{source.key} is not set: set it to your {source.title} key")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ProviderAuthError(
            source.name, f"{source.key} has characters that no key has (a space, a line break, an accent): copy it anew"
        )
    return text


def fault(
    source: Source, status: int, said: str, headers: Mapping[str, str] | None = None, *,
    balance: bool = False, passing: bool = False, least_wait: float | None = None,
) -> ProviderError:
    """Our error for an HTTP status or a code that means the same: passing, the key, the balance, or no.

    `balance` and `passing` are for what only the body tells; `least_wait` is the shortest sensible wait in seconds.
    `said` must be free of secrets (see `excerpt`).
    """
    if balance or status == 402:
        return ProviderBalanceError(
            source.name, f"the {source.title} account has no credit left or reached a spending limit: "
            "top it up or raise the limit", status=status, body=said)
    if passing or status in _PASSING_BELOW_500 or (status >= 500 and status not in _LASTING_FROM_500):
        wait = retry_after(headers or {})
        if least_wait is not None:
            wait = max(wait or 0.0, least_wait)
        return ProviderUnavailable(
            source.name, f"{source.title} cannot take the request at the moment ({status})",
            status=status, body=said, retry_after=wait)
    if status in (401, 403):
        return ProviderAuthError(
            source.name, f"{source.title} does not accept the key or does not allow this ({status}): "
            f"check {source.key}", status=status, body=said)
    if 300 <= status < 400:
        return ProviderRefused(
            source.name, f"{source.title} answered with a redirect ({status}), which is never followed with a key: "
            f"check {source.address}", status=status, body=said)
    return ProviderRefused(
        source.name, f"{source.title} refused the request ({status}){in_our_words(said)}", status=status, body=said)


def in_our_words(said: str) -> str:
    """What can be told of a refusal to whoever asked for the film: what a provider says may quote anything, and stays in
    the row, for operators."""
    return next((f": {ours}" for shape, ours in _REASONS if shape.search(said)), "")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the Retry-After header asks for, as a number or a date; None if absent or unreadable."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def excerpt(text: object, *secrets: str, limit: int = 300) -> str:
    """One short line of what a provider said, without control characters, addresses, our keys or what is shaped like one."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)[: 20 * limit]).split())
    for secret in secrets:
        if len(secret) >= 8:
            line = line.replace(secret, "***")
    line = _TOKEN.sub(r"\1***", _ADDRESS.sub("https://…", _SECRET_SHAPES.sub("***", line)))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def cut(text: str, limit: int) -> str:
    """The text, no longer than `limit` characters, ended at a word."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    at_word = head.rfind(" ")
    return (head[:at_word] if at_word > 0 else head[:limit]).rstrip(" ,;:")

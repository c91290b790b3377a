"""What the two vendor libraries share: an HTTP client that keeps our rules, and their errors turned into ours."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import httpx2

from ..errors import ProviderError, ProviderRefused, ProviderUnavailable
from .base import Source, excerpt, fault
from .http import CONNECT_SECONDS, is_loopback

C = TypeVar("C")


class PerProcess(Generic[C]):
    """Makes a client at first use in each process: open connections must not be shared over a fork."""

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._made: tuple[int, C] | None = None
        self._lock = threading.Lock()

    def get(self) -> C:
        """The client of this process; raises what making it raises, and tries anew next time."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), self._make())
            return self._made[1]


def http_client(base_url: str, timeout: float) -> httpx2.Client:
    """A client that follows no redirect (the key would travel) and, on loopback, no proxy of the environment."""
    return httpx2.Client(
        follow_redirects=False, trust_env=not is_loopback(base_url),
        timeout=httpx2.Timeout(timeout, connect=CONNECT_SECONDS),
    )


def from_status(
    source: Source, status: int, body: Any, headers: Mapping[str, str], key: str, *, balance: bool
) -> ProviderError:
    """Our error for a refusal that a library reported; `body` is the decoded error body, whatever its shape."""
    return fault(source, status, excerpt(_message(body), key), headers, balance=balance)


def from_break(source: Source, error: Exception) -> ProviderError:
    """Our error when no usable answer came: the line broke (transient), or the request could not even be made."""
    if isinstance(error, httpx2.HTTPError | OSError) or isinstance(error.__cause__, httpx2.HTTPError | OSError):
        reason = type(error.__cause__ or error).__name__
        return ProviderUnavailable(source.name, f"no answer from {source.title} ({reason})")
    return ProviderRefused(
        source.name, f"no request to {source.title} can be made ({type(error).__name__}): check {source.address}"
    )


def unreadable(source: Source) -> ProviderError:
    """Our error for a success whose body is not the provider's: a gateway or a wrong address answered."""
    return ProviderUnavailable(
        source.name, f"{source.title} answered with something that is not its JSON: check {source.address}"
    )


def _message(body: Any) -> str:
    # Both vendors nest {"error": {"message": …}}; openai's library has already taken the outer layer off.
    for layer in ("error", None):
        inner = body.get(layer) if layer and isinstance(body, Mapping) else body
        if isinstance(inner, Mapping) and isinstance(inner.get("message"), str):
            return str(inner["message"])
    return "" if body is None or isinstance(body, Mapping) else str(body)

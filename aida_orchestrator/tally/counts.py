"""The counts of this process: requests by route, and calls to providers by what came of them."""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, values

from ..errors import AidaError, ProviderError
from . import folder as files

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

OK, TOO_MANY, UNFORESEEN = "ok", "too_many_requests", "unforeseen"
OTHER = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_CALL_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)


@dataclass(slots=True)
class _Own:
    """The name in the names of this process's files, and the locks on them; a fork makes both anew."""

    name: str
    held: list[int]


@dataclass(frozen=True, slots=True)
class _Counts:
    process: str
    requests: Counter
    request_seconds: Histogram
    calls: Counter
    call_seconds: Histogram


_counts: _Counts | None = None
_operations: list[tuple[str, str]] = []
# Told from the beginning, at nought: of a series that begins with the first failure no increase would be seen.
_RESULTS = (OK, TOO_MANY, "provider_unavailable", "provider_refused", "provider_auth", "provider_balance", "outcome_unknown")


def begin(folder: Path, role: str) -> bool:
    """Count from now on, into this folder; False, with a line in the log, where that cannot be. For the doors only."""
    global _counts
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own = _Own(*files.take(folder, role))
    except OSError as error:
        log.warning("requests and calls of this process are not counted: the folder of counts cannot be written",
                    extra={"folder": str(folder), "why": error.strerror})
        return False
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read by the library each time it opens a file
    values.ValueClass = values.MultiProcessValue(lambda: own.name)
    _counts = _made(role)
    for operation in _operations:
        _tell_of(*operation)
    os.register_at_fork(after_in_child=lambda: _after_fork(own, folder, role))
    return True


def request_answered(route: str, method: str, status: int, seconds: float) -> None:
    """One request of the API: `route` is the template, never the path, which can hold a token."""
    if _counts is None:
        return
    method = method if method in _METHODS else OTHER
    _counts.requests.labels(route, method, str(status)).inc()
    _counts.request_seconds.labels(route, method).observe(seconds)


def call_made(provider: str, operation: str, result: str, seconds: float) -> None:
    """One try of a call to a provider; `result` is `ok` or the class of its error."""
    if _counts is None:
        return
    _counts.calls.labels(_counts.process, provider, operation, result).inc()
    _counts.call_seconds.labels(_counts.process, provider, operation).observe(seconds)


def counted(provider: str, operation: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a method that makes one try of a call to a provider."""

    _operations.append((provider, operation))
    _tell_of(provider, operation)

    def mark(method: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(method)
        def counting(*args: P.args, **kwargs: P.kwargs) -> R:
            began, result = time.monotonic(), UNFORESEEN
            try:
                answer = method(*args, **kwargs)
                result = OK
                return answer
            except AidaError as error:
                result = _class_of(error)
                raise
            finally:
                call_made(provider, operation, result, time.monotonic() - began)

        return counting

    return mark


def _tell_of(provider: str, operation: str) -> None:
    if _counts is not None:
        for result in _RESULTS:
            _counts.calls.labels(_counts.process, provider, operation, result)


def _class_of(error: AidaError) -> str:
    return TOO_MANY if isinstance(error, ProviderError) and error.status == 429 else error.code


def _made(process: str) -> _Counts:
    # Nobody reads this registry: what is told is read from the files, in which the words stand beside every single number.
    registry = CollectorRegistry(auto_describe=False)
    return _Counts(
        process,
        Counter("aida_http_requests", "Requests that were answered, by route template.", ("route", "method", "status"),
                registry=registry),
        Histogram("aida_http_request_seconds", "From a request's arrival until its answer begins.", ("route", "method"),
                  buckets=_REQUEST_SECONDS, registry=registry),
        Counter("aida_provider_calls", "Calls to providers, each try by itself, by what came of it.",
                ("process", "provider", "operation", "result"), registry=registry),
        Histogram("aida_provider_call_seconds", "How long one try of a call to a provider took.",
                  ("process", "provider", "operation"), buckets=_CALL_SECONDS, registry=registry))


def _after_fork(own: _Own, folder: Path, role: str) -> None:
    """A child counts for itself; without files of its own it counts nothing: its parent's must not be written by two."""
    global _counts
    if _counts is None:
        return
    for handle in own.held:
        os.close(handle)  # the child's; the parent's lock stays with the parent's own
    try:
        own.name, own.held = files.take(folder, role)
    except OSError:
        _counts = None

"""One call to a provider, told in one line at LOG_LEVEL=debug: what was asked, what came, how long it took."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .. import tracing
from ..errors import AidaError

log = logging.getLogger(__name__)

# Where each provider says which request it was: Anthropic, OpenAI, fal.
_ID_HEADERS = ("request-id", "x-request-id", "x-fal-request-id")


@dataclass(slots=True)
class Call:
    """What is known of a call: whoever makes it fills in what came back."""

    provider: str
    operation: str
    status: int | None = None
    request_id: str | None = None

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """An answer came, whatever it says."""
        given = {name.lower(): value for name, value in headers.items()}
        found = next((given[name] for name in _ID_HEADERS if given.get(name)), None)
        self.status, self.request_id = status, found[:100] if found else None


@contextmanager
def call(provider: str, operation: str) -> Iterator[Call]:
    """Time what is done inside the block; `operation` is submit, read, ask, embed ..."""
    made, began, failed = Call(provider, operation), time.monotonic(), None
    try:
        with tracing.span(f"{provider} {operation}", provider=provider, operation=operation) as traced:
            try:
                yield made
            finally:
                traced.set(status=made.status, provider_request_id=made.request_id)
    except BaseException as error:
        failed = error
        raise
    finally:
        if log.isEnabledFor(logging.DEBUG):
            log.debug("provider called", extra=_told(made, failed, time.monotonic() - began))


def _told(made: Call, failed: BaseException | None, seconds: float) -> dict[str, object]:
    told: dict[str, object] = {"provider": made.provider, "operation": made.operation, "status": made.status,
                               "milliseconds": round(seconds * 1000, 1), "providerRequestId": made.request_id}
    if failed is not None:
        told["code"] = failed.code if isinstance(failed, AidaError) else "internal"
    return told

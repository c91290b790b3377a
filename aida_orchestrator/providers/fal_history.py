"""fal.ai's list of past requests with their inputs: the only place where a purchase without an answer can be looked up.

It lives on another address than the queue (docs.fal.ai/platform-apis/v1/models/requests/by-endpoint), takes the same key,
is sorted by the time at which requests ended, and so may know nothing of one that is still running.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from ..errors import ProviderUnavailable
from ..tally import counted
from .base import Source, excerpt, fault
from .http import Answer, Wire

SOURCE = Source("fal", "fal.ai", "FAL_KEY", "FAL_API_URL")

_PAGE = 100
_MOST_PAGES = 10
_SECONDS = 8.0       # for each page; somebody's sweep waits
_SECONDS_ALL = 12.0  # after so long no further page is begun


@dataclass(frozen=True, slots=True)
class Past:
    """One request that fal has had from this account: its id, when it came, and the input as it was sent."""

    request_id: str
    sent_at: datetime
    json_input: dict[str, Any]


class FalHistory:
    """The history of one account."""

    def __init__(self, key: SecretStr | None, api_url: str, timeout: float) -> None:
        self._wire = Wire(SOURCE, api_url, key, "Key", min(timeout, _SECONDS))

    def __repr__(self) -> str:
        return f"FalHistory({self._wire.base_url})"

    def list_sent(self, endpoint: str, since: datetime, request_id: str | None = None) -> list[Past]:
        """The requests of an endpoint since a moment (only this one, if an id is given), the earliest first.

        What is missing from it may still be running, or beyond the thousand newest. Raises a ProviderError: not every key
        may read the history.
        """
        asked = {"endpoint_id": endpoint.strip("/"), "start": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                 "expand": "payloads", "limit": str(_PAGE), **({"request_id": request_id} if request_id else {})}
        found: dict[str, Past] = {}
        until = time.monotonic() + _SECONDS_ALL
        for _ in range(_MOST_PAGES):
            page = self._page(asked)
            found |= {past.request_id: past for past in map(_past, page.get("items") or []) if past is not None}
            cursor = page.get("next_cursor")
            if not page.get("has_more") or not isinstance(cursor, str) or cursor == asked.get("cursor") or (
                    time.monotonic() > until):
                break
            asked["cursor"] = cursor
        wanted = [past for past in found.values() if request_id in (None, past.request_id)]
        return sorted(wanted, key=lambda past: past.sent_at)

    @counted(SOURCE.name, "history")
    def _page(self, asked: Mapping[str, str]) -> dict[str, Any]:
        answer = self._wire.read("GET", f"{self._wire.base_url}/v1/models/requests/by-endpoint", params=asked,
                                 operation="history")
        if not 200 <= answer.status < 300:
            raise fault(SOURCE, answer.status, _said(answer), answer.headers)
        if not isinstance(answer.object.get("items"), list):
            raise ProviderUnavailable(SOURCE.name, f"fal.ai's request history was not understood: check {SOURCE.address}",
                                      status=answer.status, body=answer.text)
        return answer.object


def _past(item: Any) -> Past | None:
    """An item of the list; None for one that lacks what proves anything."""
    if not isinstance(item, dict):
        return None
    request_id, sent_at, json_input = item.get("request_id"), item.get("sent_at"), item.get("json_input")
    if not isinstance(request_id, str) or not request_id or not isinstance(json_input, dict):
        return None
    try:
        at = datetime.fromisoformat(str(sent_at))
    except ValueError:
        return None
    return Past(request_id, at if at.tzinfo else at.replace(tzinfo=UTC), json_input)


def _said(answer: Answer) -> str:
    error = answer.object.get("error")
    told = error.get("message") if isinstance(error, dict) else answer.object.get("detail")
    return excerpt(told or answer.text, answer.key)

"""Kling clips through the fal.ai queue: say what is sent, submit once, poll, cancel, check a webhook's signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from ..errors import AnswerUnusable, OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from ..model import Accepted, ClipRequest, Rendering
from ..tally import counted
from .base import Source, excerpt, fault, in_our_words
from .fal_signature import WebhookKeys
from .fal_upload import lend
from .http import Answer, Wire, certain_refusal
from .kling import clip_fields, length, rules
from .lent import Lent

SOURCE = Source("fal", "fal.ai", "FAL_KEY", "FAL_QUEUE_URL")

# There is no failed status: a failed request is COMPLETED with an error
# (fal.ai/docs/documentation/model-apis/inference/queue).
_WAITING = "IN_QUEUE"
_GOING = frozenset({_WAITING, "IN_PROGRESS"})
_DONE = "COMPLETED"
# Error types that are the platform's own passing trouble (fal.ai/docs/documentation/model-apis/errors); all others
# are about the request.
_PASSING = frozenset({
    "downstream_service_error", "downstream_service_unavailable", "runner_server_error", "internal_error",
    "internal_server_error", "runner_incomplete_response", "runner_scheduling_failure", "runner_connection_timeout",
    "runner_disconnected", "runner_connection_refused", "runner_connection_error", "request_timeout", "startup_timeout",
    "generation_timeout", "concurrent_requests_limit",
    # Stopped by us: a film that goes on after a cancel needs the clip anew.
    "client_cancelled",
})
# The code of our error when fal itself says that a finished clip's result cannot be had: it may pass, or be all there is.
RESULT_WITHHELD = "result_withheld"
# And when it could not read the start picture at its address: another address may be all that is needed.
PICTURE_UNREAD = "picture_unread"
_UNREAD = frozenset({"file_download_error", "image_load_error"})
# What each handle ends in when it has to be rebuilt.
_PATHS = {"status_url": "/status", "response_url": "", "cancel_url": "/cancel"}
STOPPED = "CANCELLATION_REQUESTED"
_CANCEL_WORDS = (STOPPED, "ALREADY_COMPLETED", "NOT_FOUND")


class Fal:
    """One fal account's queue."""

    def __init__(
        self, key: SecretStr | None, queue_url: str, jwks_url: str, timeout: float
    ) -> None:
        self._wire = Wire(SOURCE, queue_url, key, "Key", timeout)
        self._lent = Lent(lambda path: lend(SOURCE, self._wire.base_url, key, path))
        self._webhook_keys = WebhookKeys(jwks_url, timeout)

    def __repr__(self) -> str:
        return f"Fal({self._wire.base_url})"

    def allowed_seconds(self, endpoint: str) -> tuple[int, ...]:
        """The clip lengths this endpoint makes, shortest first."""
        return rules(endpoint).seconds

    def made_seconds(self, endpoint: str, seconds: int) -> int:
        """How long the clip is that is made, and billed, where one of so many seconds is asked for."""
        return length(endpoint, seconds)

    def fields(self, request: ClipRequest) -> dict[str, Any]:
        """The exact JSON to send. Same request, same fields."""
        return clip_fields(request)

    @counted(SOURCE.name, "submit")
    def submit(self, endpoint: str, fields: Mapping[str, Any], callback_url: str | None) -> Accepted:
        """Order the clip with exactly one POST (fal has no idempotency key; its own client may post ten times).

        Raises OutcomeUnknown whenever it may have been accepted; every other ProviderError means nothing was bought.
        """
        answer = self._wire.submit(
            f"{self._wire.base_url}/{quote(endpoint.strip('/'))}", fields,
            params={"fal_webhook": callback_url} if callback_url else None)
        request_id = answer.object.get("request_id")
        if answer.status in (200, 201, 202) and isinstance(request_id, str) and request_id:
            given = {name: answer.object.get(name) for name in _PATHS}
            return Accepted(request_id, {name: self._address(name, endpoint, request_id, given) for name in _PATHS})
        if certain_refusal(answer, own_shape="detail" in answer.object):
            raise _refusal(answer)
        raise OutcomeUnknown(
            SOURCE.name, f"fal.ai answered without saying whether the clip was accepted ({answer.status})",
            status=answer.status, body=_said(answer))

    def lend(self, path: Path) -> str:
        """An address where fal can read this file of ours for some hours, lent in one try or lately; raises ProviderError.
        Buys nothing."""
        return self._lent.address(path)

    @counted(SOURCE.name, "poll")
    def poll(self, endpoint: str, provider_id: str, handles: Mapping[str, str]) -> Rendering:
        """Look once, and fetch the result if there is one.

        A failed clip's error is transient where fal was to blame, so that a new one may be ordered. Raises
        ProviderUnavailable if it cannot be told now, ProviderRefused if fal does not know the request.
        """
        answer = self._wire.read("GET", self._address("status_url", endpoint, provider_id, handles))
        if not 200 <= answer.status < 300:
            raise _reading_fault(answer)
        status = answer.object.get("status")
        if status in _GOING:
            place = answer.object.get("queue_position")
            note = f"place {place} in the queue" if isinstance(place, int) else ""
            return Rendering(note=note, waiting=status == _WAITING)
        if status != _DONE:
            if status is None:
                raise _unreadable(answer)
            return Rendering(note=f"unknown state {excerpt(status, answer.key, limit=40)}")
        error = answer.object.get("error")
        if error:
            kind = excerpt(answer.object.get("error_type") or "", answer.key)
            return Rendering(error=_failure(kind, excerpt(error, answer.key), None))
        return self._result(endpoint, provider_id, handles)

    @counted(SOURCE.name, "cancel")
    def cancel(self, endpoint: str, provider_id: str, handles: Mapping[str, str]) -> str:
        """Ask to stop it if it still waits in fal's queue, and has cost nothing; what is being made is kept. fal's word for
        what came of it: CANCELLATION_REQUESTED, ALREADY_COMPLETED, NOT_FOUND, or its state where it was not asked to stop.

        One try: somebody waits for the answer, and a clip that could not be stopped is kept.
        """
        status = self._wire.read("GET", self._address("status_url", endpoint, provider_id, handles)).object.get("status")
        if isinstance(status, str) and status != _WAITING:
            return status
        return self._cancel_once(self._address("cancel_url", endpoint, provider_id, handles))

    def verify_callback(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> bool:
        """Whether fal signed this webhook in the last five minutes; raises ProviderUnavailable while that cannot be told."""
        return self._webhook_keys.signed(headers, raw_body, now)

    def _result(self, endpoint: str, provider_id: str, handles: Mapping[str, str]) -> Rendering:
        address = self._address("response_url", endpoint, provider_id, handles)
        answer = self._wire.read("GET", address, operation="result")
        if answer.status in (404, 405) and address == self._address("response_url", endpoint, provider_id, {}):
            # fal's pages know both spellings; which one holds only the submit's answer says, and that was lost.
            other = self._wire.read("GET", f"{address}/response", operation="result")
            answer = other if 200 <= other.status < 300 else answer
        if 200 <= answer.status < 300:
            if not answer.object:
                raise _unreadable(answer)
            video = answer.object.get("video")
            url = video.get("url") if isinstance(video, dict) else None
            if isinstance(url, str) and url.startswith(("https://", "http://")):
                return Rendering(done=True, urls=(url,))
            return Rendering(error=AnswerUnusable(SOURCE.name, "fal.ai finished the clip but gave no video"))
        if answer.status in (401, 403, 408, 409, 429) or not 400 <= answer.status < 500 or not answer.object:
            # The clip is paid for and may be there: a broken way to it never means to order it again.
            error = _reading_fault(answer)
            if answer.status >= 500 and _type(answer):
                error.code = RESULT_WITHHELD
            raise error
        if answer.status in (404, 405, 410) or (answer.status != 422 and not _type(answer)):
            # "Not found", "still in progress": the queue that has just said COMPLETED knows better, and one answer that
            # does not speak of the request itself is not its end.
            error = _unreadable(answer)
            error.code = RESULT_WITHHELD
            raise error
        return Rendering(error=_failure(_type(answer), _said(answer), answer.status))

    def _cancel_once(self, url: str) -> str:
        answer = self._wire.read("PUT", url, operation="cancel")
        word = answer.object.get("status")
        if isinstance(word, str) and (word in _CANCEL_WORDS or 200 <= answer.status < 300):
            return word
        if answer.status == 404:
            return "NOT_FOUND"
        if 200 <= answer.status < 300:
            return STOPPED
        raise _refusal(answer)

    def _address(self, name: str, endpoint: str, provider_id: str, handles: Mapping[str, Any]) -> str:
        """The address fal gave, if of the configured origin; else built from owner and alias, as fal builds it."""
        given = handles.get(name)
        if isinstance(given, str) and self._wire.owns(given):
            return given
        owner_alias = "/".join(endpoint.strip("/").split("/")[:2])
        return f"{self._wire.base_url}/{quote(owner_alias)}/requests/{quote(provider_id, safe='')}{_PATHS[name]}"


def _refusal(answer: Answer) -> ProviderError:
    said = _said(answer)
    balance = answer.status == 403 and said.startswith("User is locked")
    passing = answer.status == 400 and _type(answer) == "downstream_service_error"
    return fault(SOURCE, answer.status, said, answer.headers, balance=balance, passing=passing)


def _reading_fault(answer: Answer) -> ProviderError:
    """Our error for a look that failed; only fal's own words can say that a request is unknown or refused for good."""
    if answer.status >= 500 or (not answer.object and answer.status not in (401, 403, 429)):
        return _unreadable(answer)
    return _refusal(answer)


def _unreadable(answer: Answer) -> ProviderError:
    return ProviderUnavailable(
        SOURCE.name, f"fal.ai did not say how the clip stands ({answer.status}): if this lasts, check {SOURCE.address}",
        status=answer.status, body=answer.text)


def _failure(kind: str, said: object, status: int | None) -> ProviderError:
    """Why a clip that was accepted failed; transient if fal's own trouble was to blame."""
    text = excerpt(said) or kind or "no reason given"
    if text.startswith("User is locked"):
        return fault(SOURCE, 403, text, balance=True)
    kind_of_error = ProviderUnavailable if kind in _PASSING else ProviderRefused
    return kind_of_error(SOURCE.name, f"Kling did not make the clip{in_our_words(text)}", status=status, body=text,
                         code=PICTURE_UNREAD if kind in _UNREAD else None)


def _type(answer: Answer) -> str:
    """fal's word for the error: in the body, in the first detail, or in a header."""
    detail = answer.object.get("detail")
    first = detail[0] if isinstance(detail, list) and detail and isinstance(detail[0], dict) else {}
    found = answer.object.get("error_type") or first.get("type") or answer.headers.get("X-Fal-Error-Type") or ""
    return excerpt(found, answer.key)


def _said(answer: Answer) -> str:
    """What fal says was wrong; `input` and `ctx` stay out, they hold the prompt and addresses."""
    detail = answer.object.get("detail")
    if isinstance(detail, list):
        parts = [item for item in detail if isinstance(item, dict)]
        return excerpt("; ".join(
            f"{'.'.join(str(step) for step in item.get('loc') or [])}: {item.get('msg', '')} ({item.get('type', '')})"
            for item in parts), answer.key)
    return excerpt(detail, answer.key) if detail else answer.text

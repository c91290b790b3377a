"""How each provider words a failure: the status lines, headers and bodies a client has to recognise."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response

ANTHROPIC_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 409: "conflict_error", 413: "request_too_large", 429: "rate_limit_error",
    504: "timeout_error", 529: "overloaded_error",
}
OPENAI_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 403: "invalid_request_error",
                404: "invalid_request_error", 429: "requests"}
OPENAI_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
FAL_TYPES = {
    400: "bad_request", 429: "concurrent_requests_limit", 499: "client_cancelled", 500: "internal_server_error",
    502: "runner_incomplete_response", 503: "runner_connection_error", 504: "request_timeout",
}
KIE_MESSAGES = {
    400: "Parameter error", 401: "You do not have access permissions", 402: "Credits insufficient",
    404: "Not Found", 422: "Parameter validation failed", 429: "Call frequency is too high, please try again later",
    433: "Sub-key usage limit reached", 455: "Service under maintenance, please try again later",
    500: "Server exception, please try again later", 501: "Generation failed", 505: "Feature disabled",
}
BALANCE = {
    "anthropic": (400, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."),
    "openai": (429, "You exceeded your current quota, please check your plan and billing details."),
    "kie": (402, "Credits insufficient: your current balance isn't enough to run this request. Please top up."),
    "fal": (403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."),
}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; `body` is sent as it is when it is text already."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, headers=dict(headers or {}), content_type="application/json")


def render(
    provider: str, status: int, *, message: str | None = None, code: Any = None,
    retry_after: float | None = None,
) -> Response:
    """The provider's own answer for a failure; `code` is its finer code where it has one.

    Anthropic: `details.error_code`; OpenAI: `error.code`; fal: `error_type`; KIE: the number in the body.
    """
    make = {"anthropic": _anthropic, "openai": _openai, "fal": _fal, "kie": _kie}[provider]
    response = make(status, message, code)
    if retry_after is not None:
        response.headers["retry-after"] = f"{retry_after:g}"
    return response


def render_balance(provider: str) -> Response:
    """No money left, in the provider's own words; never worth a retry."""
    status, message = BALANCE[provider]
    return render(provider, status, message=message, code="insufficient_quota" if provider == "openai" else None)


def _anthropic(status: int, message: str | None, code: Any) -> Response:
    identity = f"req_{uuid.uuid4().hex[:24]}"
    error: dict[str, Any] = {
        "type": ANTHROPIC_TYPES.get(status, "api_error"), "message": message or f"Simulated error {status}",
    }
    if code is not None:
        error["details"] = {"error_code": code}
    return answer({"type": "error", "error": error, "request_id": identity}, status, {"request-id": identity})


def _openai(status: int, message: str | None, code: Any) -> Response:
    kind = "insufficient_quota" if code in ("insufficient_quota", "credit_balance_exhausted") else OPENAI_TYPES.get(
        status, "server_error")
    error = {"message": message or f"Simulated error {status}", "type": kind, "param": None,
             "code": code if code is not None else OPENAI_CODES.get(status)}
    return answer({"error": error}, status, {"x-request-id": f"req_{uuid.uuid4().hex}"})


def _fal(status: int, message: str | None, code: Any) -> Response:
    kind = code or FAL_TYPES.get(status)
    body: dict[str, Any] = {"detail": message or str(kind or f"Simulated error {status}").replace("_", " ")}
    headers = {"x-fal-request-id": str(uuid.uuid4())}
    if kind:
        body["error_type"] = headers["X-Fal-Error-Type"] = str(kind)
    if status == 429:
        headers["X-Fal-Needs-Retry"] = "1"
    return answer(body, status, headers)


def _kie(status: int, message: str | None, code: Any) -> Response:
    """KIE says most failures inside an HTTP 200; only an unknown route is a true 404."""
    number = int(code) if code is not None else status
    return answer({"code": number, "msg": message or KIE_MESSAGES.get(number, f"Simulated error {number}"),
                   "data": None})

"""Every error as application/problem+json (RFC 9457), Flask's own ones too; never a 500 for input."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, g, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from ..codes import REQUESTS, http_code, of_request, whose
from ..errors import AidaError, InvalidError, ProviderError, RequestError
from ..store.db import StoreUnavailable

log = logging.getLogger(__name__)

_TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 409: "Conflict", 413: "Too large",
           415: "Unsupported media type", 422: "A value is wrong", 500: "Internal error", 503: "Not available now"}

_LOOK_AGAIN = 10.0  # seconds

_INSTEAD = (
    ("DELETE", re.compile(r"/api/orchestrator/projects/[^/]+"),
     "Films are kept. To have a project forgotten: DELETE its address with /memory behind it, and ?userId="),
)


class BadRequest(RequestError):
    """400: the body is not JSON."""

    code = "broken_json"


class WrongMediaType(RequestError):
    """415: the body is not declared as JSON."""

    code = "unsupported_media_type"
    status = 415


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(RequestError, _request_error)
    app.register_error_handler(HTTPException, _http_error)
    for error in StoreUnavailable:
        app.register_error_handler(error, _store_away)
    app.register_error_handler(Exception, _unforeseen)


def problem(status: int, code: str, detail: str, *, errors: Sequence[Any] = (), provider: str | None = None,
            headers: dict[str, str] | None = None) -> Response:
    """One problem document: `code` is of the catalogue, which says the rest; `errors` carry JSON pointers."""
    meant = of_request(code)
    body: dict[str, Any] = {
        "type": f"urn:aida:error:{code}", "title": _TITLES.get(status, "Error"), "status": status, "code": code,
        "detail": detail, **whose(meant, provider), "nextStep": meant.next_step, "requestId": g.get("request_id")}
    if errors:
        body["errors"] = list(errors)
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json", headers=headers)


def from_validation(error: ValidationError) -> RequestError:
    """Pydantic's findings as ours: broken JSON is a 400, a wrong value a 422 with pointers."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(item["type"] == "json_invalid" for item in found):
        return BadRequest("the body is not valid JSON: " + found[0]["msg"].removeprefix("Invalid JSON: "))
    pointers = [{"pointer": "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in item["loc"])
                 if item["loc"] else "", "detail": item["msg"]} for item in found]
    fields = ", ".join(dict.fromkeys(item["pointer"] or "the body" for item in pointers))
    return InvalidError(f"wrong: {fields}", pointers)


def _request_error(error: RequestError) -> Response:
    return problem(error.status, error.code, error.message, errors=error.errors if isinstance(error, InvalidError) else ())


def _what_instead(methods: Sequence[str]) -> str:
    """What to do where a method is not allowed: which are, and what is meant by those that people try."""
    allowed = f"{request.method} is not for this address; it takes {', '.join(methods) or 'nothing'}"
    hint = next((hint for method, address, hint in _INSTEAD if method == request.method and address.fullmatch(request.path)),
                None)
    return f"{allowed}. {hint}" if hint else allowed


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {}
    methods = sorted(getattr(error, "valid_methods", None) or ())
    if status == 405 and methods:
        headers["Allow"] = ", ".join(methods)
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    told = {404: "there is no such address", 405: _what_instead(methods), 413: f"the body is larger than {_most()}"}
    detail = told.get(status, error.description or "")
    response = problem(status, http_code(status), detail, headers=headers)
    if status == 416:
        response.headers.update({key: value for key, value in error.get_headers() if key == "Content-Range"})
    return response


def _most() -> str:
    most = request.max_content_length or 0
    return "1 MB" if most == 1_000_000 else f"{most:,} bytes"


def _store_away(error: Exception) -> Response:
    log.error("the database is away", extra={"why": type(error).__name__})
    # The answer to a commit may be what was lost, or the look at a film that was asked for a moment ago.
    detail = "the database does not answer at the moment" + (
        "" if request.method in ("GET", "HEAD") else
        "; what was asked for may have been noted: repeat the request with the same Idempotency-Key, which never makes "
        "a second film, or look before you repeat it")
    return problem(503, "database_unavailable", detail, headers={"Retry-After": "5"})


def _unforeseen(error: Exception) -> Response:
    if isinstance(error, ProviderError):
        wait = {"Retry-After": str(max(1, round(error.retry_after or _LOOK_AGAIN)))} if error.transient else None
        return problem(503, error.code, "a provider does not answer at the moment", provider=error.provider, headers=wait)
    log.exception("unforeseen error", exc_info=error)
    code = error.code if isinstance(error, AidaError) and error.code in REQUESTS else "internal"
    return problem(500, code, "this is a fault of ours; say the requestId to the operator")

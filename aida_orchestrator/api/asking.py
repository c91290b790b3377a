"""What requests have in common: the live objects, whose thing it is, and the answer's form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, g, request
from pydantic import TypeAdapter, ValidationError

from .. import logs, tracing
from ..errors import InvalidError, NotFoundError
from ..jobs import task_fields
from ..model import Origin, Task
from ..services import Services
from .schemas import Id

TENANT = "default"  # until keys name a tenant, there is this one
_ID = TypeAdapter(Id)


def services() -> Services:
    """The live objects of this app."""
    found: Services = current_app.extensions["services"]
    return found


def base_url() -> str:
    """Our own address, to be put before those of media."""
    return services().public_url or request.host_url.rstrip("/")


def origin() -> Origin:
    """This request, as the film that comes of it remembers it."""
    return Origin(g.get("request_id"), tracing.traceparent())


def about(task: Task) -> None:
    """From here on every line of this request says which film it is about."""
    logs.bind(**{**task_fields(task), "requestId": g.get("request_id")})
    if "span" in g:
        g.span.set(task_id=task.id)


def about_user(user: str) -> str:
    """The same of a user; returns the id."""
    logs.bind(userHash=logs.user_hash(TENANT, user))
    return user


def only_text(noun: str = "thing") -> Callable[[], None]:
    """To be called before each request: no id holds a NUL, and the database cannot even be asked for one."""

    def check() -> None:
        if any("\0" in str(value) for value in (request.view_args or {}).values()):
            raise NotFoundError(f"there is no such {noun}")

    return check


def user_in(given: dict[str, str]) -> str:
    """The parameter userId, or that field of the body; raises InvalidError when it is missing or cannot be a user's."""
    named = given.get("userId", user_in_body())
    if named is None:
        raise InvalidError("say whose: ?userId=…", [{"pointer": "/userId", "detail": "Field required"}])
    return user_id(named)


def user_in_body() -> str | None:
    """The user that the JSON body of a DELETE names, for callers that put it there as they do with every POST."""
    told = request.get_json(silent=True) if request.method == "DELETE" else None
    named = told.get("userId") if isinstance(told, dict) else None
    return named if isinstance(named, str) else None


def user_id(text: str) -> str:
    """The id of a user, as bodies have it; raises InvalidError."""
    try:
        return about_user(str(_ID.validate_python(text)))
    except ValidationError:
        raise InvalidError("wrong: /userId", [{
            "pointer": "/userId", "detail": "1 to 200 characters, no spaces or control characters"}]) from None


def user_of_path(text: str, named: str | None) -> str:
    """The user that an address names; one that is named in the query or the body too must be the same, else InvalidError."""
    whose = user_id(text)
    if named is not None and named != whose:
        raise InvalidError("wrong: /userId", [{"pointer": "/userId", "detail": "the address names another user"}])
    return whose


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """JSON as all our answers are."""
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")

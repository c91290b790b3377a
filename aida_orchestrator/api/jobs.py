"""Paid requests as an operator sees them, and a person's word on those whose outcome nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import field_validator

from ..errors import InvalidError, ProviderError
from ..model import JobState
from ..pipeline.resolve import Resolved, resolve
from ..store import doubts
from ..store.doubts import Line, Search
from .asking import answer, only_text, services
from .figures import moment
from .paging import read_cursor, read_place, write_cursor
from .problems import problem
from .query import parameters, whole_in
from .schemas import Body, parse
from .videos import TENANT
from .views import job_error

blueprint = Blueprint("jobs", __name__, url_prefix="/api/orchestrator/jobs")
blueprint.before_request(only_text("job"))

_PARAMETERS = ("unknown", "taskId", "state", "provider", "limit", "cursor")
_PROVIDERS = ("kie", "fal")
_MOST, _USUAL = 200, 50
_PROMPT = 200
_LONGEST_ID = 200
_MOST_SHOTS = 10_000  # a made-up cursor must not overflow the database's integers
_LOOK_AGAIN = 10.0  # seconds; the provider was asked a moment ago
_WHERE = {"kie": "KIE's logs (https://kie.ai/logs)", "fal": "fal's request history (https://fal.ai/dashboard)"}


class Resolve(Body):
    """POST resolve: `{"bought": "<provider id>"}` or `{"bought": false}`."""

    bought: str | bool

    @field_validator("bought", mode="before")
    @classmethod
    def _an_id_or_false(cls, value: Any) -> Any:
        if value is False:
            return value
        text = value.strip() if isinstance(value, str) else ""
        if not text or len(text) > _LONGEST_ID or not text.isprintable() or " " in text:
            raise ValueError(f"say the provider's id (1 to {_LONGEST_ID} characters, no spaces), or false for not bought")
        return text


@blueprint.get("")
def list_jobs() -> Response:
    """The open jobs, or with `unknown=true` those in doubt; a page at a time, the oldest first."""
    search = _search()
    with services().db.transaction() as tx:
        found = doubts.list_lines(tx, search)
    page = found[:search.limit - 1]
    last = page[-1] if len(found) == search.limit else None
    return answer({"jobs": [_body(line) for line in page],
                   "nextCursor": write_cursor([last.created_at.isoformat(), last.shot, last.id]) if last else None})


@blueprint.post("/<job_id>/resolve")
def resolve_job(job_id: str) -> Response:
    """A person says what became of a job in doubt."""
    bought = parse(Resolve).bought
    try:
        said = resolve(services(), TENANT, job_id, bought if isinstance(bought, str) else None)
    except ProviderError as error:
        wait = max(1, round(error.retry_after or _LOOK_AGAIN))
        return problem(503, error.code, f"the id could not be read back, so nothing was changed: {error.message}",
                       provider=error.provider, headers={"Retry-After": str(wait)})
    return answer(_resolution(said))


def what_to_do(line: Line) -> str | None:
    """The sentence for a person who has to settle this job; None when its outcome is known."""
    if not line.in_doubt:
        return None
    begin = "" if line.held else "Its callback may still settle it. "
    return (f"{begin}Look in {_WHERE[line.provider]} for a request {_when(line)}with this prompt: if it is there, "
            f" `aida jobs resolve {line.id} --bought <its id>`; if not, `aida jobs resolve {line.id} --not-bought`.")


def _when(line: Line) -> str:
    # A restored row does not know when, or whether, it was sent after the backup.
    return f"of {moment(line.sent_at)} " if line.sent_at else ""


def _search() -> Search:
    given = parameters(*_PARAMETERS)
    unknown = _one_of("unknown", ("true", "false")) == "true"
    state = _one_of("state", tuple(JobState))
    # One more than asked for tells whether there is a next page.
    return Search(TENANT, unknown, given.get("taskId"), JobState(state) if state else None, _one_of("provider", _PROVIDERS),
                  whole_in(given, "limit", _USUAL, _MOST) + 1, read_cursor(given.get("cursor"), _place))


def _one_of(name: str, allowed: tuple[str, ...]) -> str | None:
    value = request.args.get(name)
    if value is not None and value not in allowed:
        raise InvalidError(f"{name} must be one of {', '.join(allowed)}")
    return value


def _place(written: Any) -> tuple[datetime, int, str]:
    at, shot, job_id = written
    seen, job_id = read_place((at, job_id))
    if type(shot) is not int or abs(shot) > _MOST_SHOTS:
        raise ValueError
    return seen, shot, job_id


def _body(line: Line) -> dict[str, Any]:
    return {
        "jobId": line.id, "taskId": line.task_id, "projectId": line.project_id, "userId": line.user_id, "shot": line.shot,
        "kind": line.kind.value, "provider": line.provider, "endpoint": line.endpoint, "state": line.state.value,
        "outcome": line.outcome.value if line.outcome else None, "heldForPerson": line.held,
        "sentAt": moment(line.sent_at), "prompt": str(line.request.get("prompt", ""))[:_PROMPT],
        "providerId": line.provider_id, "attempt": line.attempt, "error": job_error(line.error, line.kind),
        "whatToDo": what_to_do(line),
    }


def _resolution(said: Resolved) -> dict[str, Any]:
    return {"jobId": said.job_id, "taskId": said.task_id, "bought": said.bought or False, "state": said.state.value,
            "filmGoesOn": said.film_goes_on, "resolvedAt": moment(said.at)}

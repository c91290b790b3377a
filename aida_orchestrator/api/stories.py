"""The story of one film, in order and in words: what `aida logs <taskId>` shows, told of rows and so from any machine."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response

from ..errors import InvalidError, NotFoundError
from ..pipeline.story import Line, Page, Place, tell
from ..store import tasks
from .asking import TENANT, about, answer, only_text, services
from .figures import dollars, moment
from .query import parameters

blueprint = Blueprint("stories", __name__, url_prefix="/api/orchestrator/tasks")
blueprint.before_request(only_text("task"))

_USUAL, _MOST = 100, 500
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,18})\.(\d{1,9})", re.ASCII)


@blueprint.get("/<task_id>/events")
def list_events(task_id: str) -> Response:
    """A page of the story: `after` is the `next` of the page before; asked again later it brings what came since."""
    given = parameters("after", "limit")
    place, limit = _place(given.get("after")), _limit(given.get("limit", str(_USUAL)))
    with services().db.transaction() as tx:
        task = tasks.find_task(tx, task_id, TENANT)
        if task is None:
            raise NotFoundError(f"there is no task {task_id!r}")
        about(task)
        page = tell(tx, task, place, limit, services().clock())
    return answer({
        "taskId": task.id, "projectId": task.project_id, "kind": task.kind, "status": task.status.value,
        "requestId": task.origin.request_id, "createdAt": moment(task.created_at), "finishedAt": moment(task.finished_at),
        **_body(page)})


def _body(page: Page) -> dict[str, Any]:
    place = page.place
    return {"events": [_line(line) for line in page.lines], "next": f"{place.event}.{place.charge}.{place.lines}",
            "more": page.more}


def _line(line: Line) -> dict[str, Any]:
    return {
        "number": line.number, "at": moment(line.at), "stage": line.stage, "kind": line.kind, "message": line.message,
        "shot": line.shot, "jobId": line.job_id, "dollars": None if line.dollars is None else dollars(line.dollars),
        "priceUnknown": line.unpriced, "costSoFar": dollars(line.so_far), "error": line.error,
    }


def _place(text: str | None) -> Place:
    found = _PLACE.fullmatch(text or "0.0.0")
    if found is None:
        raise InvalidError("after must be the next of an earlier answer")
    return Place(*(int(part) for part in found.groups()))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= _MOST):
        raise InvalidError(f"limit must be a whole number from 1 to {_MOST}")
    return int(text)

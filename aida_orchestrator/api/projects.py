"""Projects as their user sees them: the list, one of them, its versions, and bringing one back."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request

from ..errors import InvalidError, NotFoundError
from ..model import Project
from ..pipeline.versions import restore
from ..store import projects, tasks, versions
from ..store.db import Tx
from .asking import answer, base_url, only_text, services
from .paging import read_cursor, read_place, write_cursor
from .schemas import Body, Id, parse
from .videos import TENANT
from .views import address, moment, version_body

blueprint = Blueprint("projects", __name__, url_prefix="/api/orchestrator/projects")
blueprint.before_request(only_text("project"))

_USUAL, _MOST = 20, 100
_USER = re.compile(r"[^\x00-\x20\x7f]{1,200}")


class Restore(Body):
    """POST restore."""

    user_id: Id


@blueprint.get("")
def list_projects() -> Response:
    """A user's projects, newest first, a page at a time."""
    user, limit = _user("userId", "limit", "cursor"), _limit()
    with services().db.transaction() as tx:
        # One more than asked for tells whether there is a next page.
        before = read_cursor(request.args.get("cursor"), read_place)
        found = versions.list_projects(tx, TENANT, user, limit=limit + 1, before=before)
    page, more = found[:limit], len(found) > limit
    return answer({"projects": [_line(row) for row in page],
                  "nextCursor": write_cursor([page[-1]["created_at"].isoformat(), page[-1]["id"]]) if more else None})


@blueprint.get("/<project_id>")
def project(project_id: str) -> Response:
    """One project: its documents as they are now, its film and its current version."""
    user = _user("userId")
    with services().db.transaction() as tx:
        found = _own(tx, project_id, user)
        current = versions.list_versions(tx, project_id, limit=1)
        open_id = tasks.open_task_id(tx, project_id)
    return answer({
        "projectId": found.id, "userId": found.user_id, "title": found.title, "message": found.message,
        "brief": found.brief.model_dump(mode="json", exclude={"matches"}) if found.brief else None,
        "script": found.script.model_dump(mode="json") if found.script else None,
        "storyboard": found.storyboard.model_dump(mode="json") if found.storyboard else None,
        "videoUrl": address(base_url(), found.film_key), "currentVersion": current[0][0] if current else None,
        "openTaskId": open_id, "createdAt": moment(found.created_at), "finishedAt": moment(found.finished_at)})


@blueprint.get("/<project_id>/versions")
def list_versions(project_id: str) -> Response:
    """The finished films of a project with all they were made of, newest first, a page at a time."""
    user, limit = _user("userId", "limit", "cursor"), _limit()
    with services().db.transaction() as tx:
        _own(tx, project_id, user)
        before = read_cursor(request.args.get("cursor"), _number) or versions.NEWEST
        newest = versions.list_versions(tx, project_id, limit=1)
        found = versions.list_versions(tx, project_id, before=before, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        bodies = [version_body(tx, tasks.get_task(tx, task_id), number, base_url()) for number, task_id in page]
    return answer({"projectId": project_id, "current": newest[0][0] if newest else None, "versions": bodies,
                  "nextCursor": write_cursor(page[-1][0]) if more else None})


@blueprint.post("/<project_id>/versions/<int:number>/restore")
def restore_version(project_id: str, number: int) -> Response:
    """Bring a version back without paying: 201 with the new version, 200 where it is the current one already."""
    body = parse(Restore)
    task, written = restore(services(), TENANT, body.user_id, project_id, number)
    with services().db.transaction() as tx:
        version = versions.list_versions(tx, project_id, limit=1)[0][0]
        shown = version_body(tx, task, version, base_url())
    response = answer({"projectId": project_id, "current": version, **shown}, 201 if written else 200)
    response.headers["Location"] = f"/api/orchestrator/status/{task.id}"
    return response


def _own(tx: Tx, project_id: str, user: str) -> Project:
    found = projects.find_project(tx, project_id, TENANT)
    if found is None or found.user_id != user:
        raise NotFoundError(f"there is no project {project_id!r} of this user")
    return found


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {"projectId": row["id"], "title": row["title"], "message": row["message"], "versions": row["versions"],
            "videoUrl": address(base_url(), row["film_key"]), "createdAt": moment(row["created_at"]),
            "updatedAt": moment(row["updated_at"]), "finishedAt": moment(row["finished_at"])}


def _user(*allowed: str) -> str:
    """The user of the query, after a look that it holds nothing unknown."""
    wrong = [name for name in request.args if name not in allowed]
    if wrong:
        raise InvalidError(f"there is no parameter {wrong[0][:40]!r}: use {', '.join(allowed)}")
    user = request.args.get("userId", "")
    if not _USER.fullmatch(user):
        raise InvalidError("say whose: userId must have 1 to 200 characters without spaces")
    return user


def _limit() -> int:
    given = request.args.get("limit", str(_USUAL))
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= _MOST):
        raise InvalidError(f"limit must be a whole number from 1 to {_MOST}")
    return int(given)


def _number(written: Any) -> int:
    if type(written) is not int or not 0 < written < versions.NEWEST:
        raise ValueError
    return written

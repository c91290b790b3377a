"""Projects as their user sees them: the list, one of them, its versions, and bringing one back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from ..errors import NotFoundError
from ..model import Project
from ..pipeline.versions import restore
from ..store import projects, tasks, versions
from ..store.db import Tx
from .asking import answer, base_url, only_text, services, user_id, user_in
from .figures import moment
from .paging import read_cursor, read_place, write_cursor
from .query import parameters, whole_in
from .schemas import Body, Id, parse
from .videos import TENANT
from .views import address, project_body, version_body

blueprint = Blueprint("projects", __name__, url_prefix="/api/orchestrator/projects")
blueprint.before_request(only_text("project"))

_USUAL, _MOST = 20, 100


class Restore(Body):
    """POST restore."""

    user_id: Id


@blueprint.get("")
def list_projects() -> Response:
    """A user's projects, newest first, a page at a time."""
    given = parameters("userId", "limit", "cursor")
    user, limit = user_in(given), whole_in(given, "limit", _USUAL, _MOST)
    with services().db.transaction() as tx:
        # One more than asked for tells whether there is a next page.
        before = read_cursor(given.get("cursor"), read_place)
        found = versions.list_projects(tx, TENANT, user, limit=limit + 1, before=before)
    page, more = found[:limit], len(found) > limit
    return answer({"projects": [_line(row) for row in page],
                  "nextCursor": write_cursor([page[-1]["created_at"].isoformat(), page[-1]["id"]]) if more else None})


@blueprint.get("/<project_id>")
def project(project_id: str) -> Response:
    """One project: its documents as they are now, its film and its current version."""
    user = _asker(parameters("userId"))
    with services().db.transaction() as tx:
        found = _own(tx, project_id, user)
        current = versions.list_versions(tx, project_id, limit=1)
        open_id = tasks.open_task_id(tx, project_id)
    return answer({**project_body(found, base_url()), "currentVersion": current[0][0] if current else None,
                   "openTaskId": open_id})


@blueprint.get("/<project_id>/versions")
def list_versions(project_id: str) -> Response:
    """The finished films of a project with all they were made of, newest first, a page at a time."""
    given = parameters("userId", "limit", "cursor")
    user, limit = _asker(given), whole_in(given, "limit", _USUAL, _MOST)
    with services().db.transaction() as tx:
        _own(tx, project_id, user)
        before = read_cursor(given.get("cursor"), _number) or versions.NEWEST
        newest = versions.list_versions(tx, project_id, limit=1)
        found = versions.list_versions(tx, project_id, before=before, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        bodies = [version_body(tx, tasks.get_task(tx, task_id), number, base_url()) for number, task_id in page]
    return answer({"projectId": project_id, "current": newest[0][0] if newest else None, "versions": bodies,
                  "nextCursor": write_cursor(page[-1][0]) if more else None})


@blueprint.get("/<project_id>/versions/<int:number>")
def one_version(project_id: str, number: int) -> Response:
    """One finished film of a project."""
    user = _asker(parameters("userId"))
    with services().db.transaction() as tx:
        _own(tx, project_id, user)
        found = versions.list_versions(tx, project_id, before=number + 1, limit=1) if number < versions.NEWEST else []
        if not found or found[0][0] != number:
            raise NotFoundError(f"the project has no version {number}")
        shown = version_body(tx, tasks.get_task(tx, found[0][1]), number, base_url())
    return answer({"projectId": project_id, **shown})


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


def _asker(given: dict[str, str]) -> str | None:
    """The user who reads, if one is named: as with a task's status, whoever knows the id of a project may read it."""
    return user_id(given["userId"]) if "userId" in given else None


def _own(tx: Tx, project_id: str, user: str | None) -> Project:
    found = projects.find_project(tx, project_id, TENANT)
    if found is None or user not in (None, found.user_id):
        raise NotFoundError(f"there is no project {project_id!r} of this user")
    return found


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {"projectId": row["id"], "title": row["title"], "message": row["message"], "versions": row["versions"],
            "videoUrl": address(base_url(), row["film_key"]), "createdAt": moment(row["created_at"]),
            "updatedAt": moment(row["updated_at"]), "finishedAt": moment(row["finished_at"])}


def _number(written: Any) -> int:
    if type(written) is not int or not 0 < written < versions.NEWEST:
        raise ValueError
    return written

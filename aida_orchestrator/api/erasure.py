"""Erasure: what memory keeps of a user or a project is removed, and the answer says how much of each kind."""

from __future__ import annotations

from flask import Blueprint, Response

from ..memory.erasure import erase_project, erase_user
from .asking import answer, only_text, services, user_in, user_of_path
from .query import parameters
from .videos import TENANT

blueprint = Blueprint("erasure", __name__, url_prefix="/api/orchestrator")
blueprint.before_request(only_text())


@blueprint.delete("/users/<path:user>/memory")
def of_user(user: str) -> Response:
    """Everything that could be recalled of a user; twice is once."""
    whose = user_of_path(user, parameters("userId").get("userId"))
    removed = erase_user(services().db, services().storage, TENANT, whose, services().clock())
    return answer({"userId": whose, "removed": removed})


@blueprint.delete("/projects/<project_id>/memory")
def of_project(project_id: str) -> Response:
    """Everything that could be recalled of one project."""
    user = user_in(parameters("userId"))
    removed = erase_project(services().db, services().storage, TENANT, user, project_id, services().clock())
    return answer({"projectId": project_id, "removed": removed})

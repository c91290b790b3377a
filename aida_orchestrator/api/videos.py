"""create-video, status, refine, cancel, retry: parse, call, answer."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from typing import Any

from flask import Blueprint, Response, g, request

from ..errors import NotFoundError
from ..model import Stage, Task
from ..pipeline import commands
from ..pipeline.once import Once
from ..store import tasks
from .asking import TENANT, about, about_user, answer, base_url, only_text, origin, services
from .query import flag_in, parameters
from .schemas import Ceiling, CreateVideo, Refine, Retry, idempotency_key, parse
from .views import brief_body, forecast_body, plan_body, task_body

blueprint = Blueprint("videos", __name__, url_prefix="/api/orchestrator")
blueprint.before_request(only_text("task or project"))

_PACE = {Stage.CONTEXT: 1, Stage.SCRIPT: 1, Stage.STORYBOARD: 1, Stage.VISUAL: 3, Stage.VIDEO: 5}
_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*(\d{1,4})\s*(?:,|;|$)", re.IGNORECASE)
_LONGEST_WAIT = 60
_waiters = threading.BoundedSemaphore(16)  # a waiting request holds a thread of the web server


@blueprint.post("/create-video")
def create_video() -> Response:
    """Ask for a film."""
    body = parse(CreateVideo)
    about_user(body.user_id)
    once = _once("create-video", body.wire())
    asked = commands.create(services(), TENANT, body.user_id, body.message, project_id=body.project_id,
                            campaign_id=body.campaign_id, max_cost=body.max_cost_dollars, once=once,
                            references=[(one.file_id, one.use) for one in body.reference_files], origin=origin())
    return _accepted(asked.task, replayed=asked.replayed)


@blueprint.post("/estimate")
def estimate() -> Response:
    """What a film would cost: the body is that of create-video, and nothing is asked, bought or written."""
    body = parse(CreateVideo)
    told = commands.preview_create(services(), TENANT, body.user_id, body.message, project_id=body.project_id,
                                   campaign_id=body.campaign_id,
                                   references=[(one.file_id, one.use) for one in body.reference_files])
    return answer(forecast_body(told))


@blueprint.post("/refine/<project_id>")
def refine(project_id: str) -> Response:
    """Ask for a change of a film; with `?dryRun=1` only for the plan and its price."""
    body = parse(Refine, query=("dryRun",))
    about_user(body.user_id)
    if flag_in(parameters("userId", "dryRun"), "dryRun"):
        plan = commands.preview_refine(services(), TENANT, body.user_id, project_id, body.feedback, body.aspect_to_refine,
                                       body.shots)
        return answer({"projectId": project_id, **plan_body(plan)}, 200)
    once = _once(f"refine/{project_id}", body.wire())
    asked = commands.refine(services(), TENANT, body.user_id, project_id, body.feedback, body.aspect_to_refine,
                              shots=body.shots, max_cost=body.max_cost_dollars, once=once, origin=origin())
    return _accepted(asked.task, replayed=asked.replayed)


@blueprint.get("/status/<task_id>")
def status(task_id: str) -> Response:
    """How a task stands."""
    task, body = _status(task_id)
    return _status_response(task, body)


@blueprint.post("/cancel/<task_id>")
def cancel(task_id: str) -> Response:
    """Stop a task; what was bought is kept and shown."""
    before = _find(task_id)
    commands.cancel(services(), TENANT, task_id, origin=origin())
    _, body = _status(task_id)
    return answer(body, 200 if before.status.terminal else 202)


@blueprint.post("/retry/<task_id>")
def retry(task_id: str) -> Response:
    """Make what is missing of a task that ended without everything."""
    body = parse(Retry, may_be_empty=True)
    task = commands.retry(services(), TENANT, task_id, resend_unknown=body.resend_unknown, max_cost=body.max_cost_dollars,
                          origin=origin())
    return _accepted(task)


@blueprint.patch("/tasks/<task_id>")
def change(task_id: str) -> Response:
    """Raise, lower or take away what a film may cost; what waits for room goes on by itself."""
    body = parse(Ceiling)
    commands.set_ceiling(services(), TENANT, task_id, body.max_cost_dollars)
    _, told = _status(task_id)
    return answer(told)


def _once(route: str, wire: dict[str, Any]) -> Once | None:
    key = idempotency_key()
    return Once(route, key, wire) if key is not None else None


def _find(task_id: str) -> Task:
    with services().db.transaction() as tx:
        task = tasks.find_task(tx, task_id, TENANT)
    if task is None:
        raise NotFoundError(f"there is no task {task_id!r}")
    about(task)
    return task


def _status(task_id: str) -> tuple[Task, dict[str, Any]]:
    with services().db.transaction() as tx:
        task = tasks.find_task(tx, task_id, TENANT)
        if task is None:
            raise NotFoundError(f"there is no task {task_id!r}")
        about(task)
        return task, task_body(services(), tx, task, base_url())


def _status_response(task: Task, body: dict[str, Any]) -> Response:
    response = answer(body, 200)
    etag = hashlib.sha256(response.get_data()).hexdigest()[:32]
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    if not task.status.terminal:
        response.headers["Retry-After"] = str(_PACE[task.current_step])
    response.make_conditional(request)
    return response


def _accepted(task: Task, *, replayed: bool = False) -> Response:
    """202 with the documented body; with `Prefer: wait=n` 200 and the finished task, if it is ready in n seconds."""
    about(task)
    seconds = _asked_wait()
    if seconds and _waiters.acquire(blocking=False):
        began = time.monotonic()
        try:
            finished = _wait(task.id, seconds)
        finally:
            _waiters.release()
            g.waited = time.monotonic() - began  # asked for, so it is not the service that was slow
        if finished is not None:
            response = _status_response(*finished)
            response.headers["Preference-Applied"] = f"wait={seconds}"
            return _mark(response, task, replayed)
    with services().db.transaction() as tx:
        # What was just asked for is told as it was asked, queued, however quick the worker.
        task = tasks.get_task(tx, task.id) if seconds or replayed else task
        body = brief_body(services(), tx, task, base_url())
    response = answer(body, 202)
    response.headers["Retry-After"] = str(_PACE[task.current_step])
    if seconds:
        response.headers["Preference-Applied"] = f"wait={seconds}"
    return _mark(response, task, replayed)


def _mark(response: Response, task: Task, replayed: bool) -> Response:
    response.headers["Location"] = f"/api/orchestrator/status/{task.id}"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _asked_wait() -> int:
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found.group(1)), _LONGEST_WAIT) if found else 0


def _wait(task_id: str, seconds: int) -> tuple[Task, dict[str, Any]] | None:
    until = time.monotonic() + seconds
    while True:
        if _find(task_id).status.terminal:
            return _status(task_id)
        left = until - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(0.4, left))

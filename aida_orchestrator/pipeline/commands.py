"""What a caller may ask: create, refine, cancel, retry. Each is one transaction, and a ring after its commit."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Thread
from typing import Any

from ..agents.references import subjects
from ..errors import ConflictError, NotFoundError
from ..jobs import stop, task_fields
from ..model import (
    NO_REQUEST,
    Aspect,
    Campaign,
    Degradation,
    Forecast,
    Job,
    JobKind,
    Origin,
    Plan,
    Project,
    ReferenceUse,
    Stage,
    Task,
    TaskStatus,
)
from ..services import Services
from ..store import budgets, campaigns, projects, runs, tasks
from ..store import jobs as job_rows
from ..store.budgets import Ceiling
from ..store.db import Tx
from . import chain, forecast
from .forecast import Wish
from .going_on import before, by, go_on
from .once import Once, earlier_task, remember_key
from .plan import plan_refine
from .references import named, without_lost

log = logging.getLogger(__name__)

_STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The task that came of a command; `replayed` when an earlier request with the same key had made it."""

    task: Task
    replayed: bool = False


def create(services: Services, tenant_id: str, user_id: str, message: str, *, project_id: str | None = None,
           campaign_id: str | None = None, references: Sequence[tuple[str, ReferenceUse]] = (),
           max_cost: Decimal | None = None, once: Once | None = None, origin: Origin = NO_REQUEST) -> Asked:
    """Make a film of a message; in an existing project it goes on with what that project knows. `references` are ids of
    uploaded pictures that its pictures go by, `max_cost` is its own ceiling in dollars.

    Raises NotFoundError for a project, campaign or file that is not this user's, InvalidError for a file that is no picture,
    ConflictError while another task of the project is unfinished, or for an archived campaign. Without a
    campaign of its own, a project's next film stays in its former one.
    """
    now = services.clock()
    with services.db.transaction() as tx:
        earlier = earlier_task(tx, tenant_id, once)
        if earlier:
            return Asked(earlier, replayed=True)
        former = own = None
        if project_id is None:
            project_id = _new_id("proj")
            projects.add_project(tx, id=project_id, tenant_id=tenant_id, user_id=user_id, message=message, now=now)
        else:
            own = projects.lock_project(tx, project_id, tenant_id, user_id).brief
            _no_open_task(tx, project_id)
            projects.set_message(tx, project_id, message, now)
            former = tasks.latest_task(tx, project_id)
        # After the project, as an erasure holds them.
        campaign = (_open_campaign(tx, tenant_id, user_id, campaign_id) if campaign_id is not None
                    else _former_campaign(tx, former, archived=False))
        pictures = named(tx, (tenant_id, user_id), references)
        told = forecast.expect(services, tx, Wish(tenant_id, user_id, message, own, campaign))
        task_id = _new_id("task")
        tasks.add_task(tx, id=task_id, tenant_id=tenant_id, user_id=user_id, project_id=project_id, kind="create",
                       message=message, feedback=None, aspect=None, campaign_id=campaign.id if campaign else None,
                       first=Stage.CONTEXT, degraded=(), references=pictures, forecast=told, now=now, origin=origin)
        if campaign is not None:
            campaigns.link_project(tx, project_id, campaign, now)
        if max_cost is not None:
            budgets.put_budget(tx, _ceiling(tenant_id, task_id), max_cost, now)
        runs.add_stage_runs(tx, task_id, Stage.CONTEXT, now)
        remember_key(tx, tenant_id, once, task_id, now)
        tasks.add_event(tx, task_id, "task_created", now, **by(origin))
        task = tasks.get_task(tx, task_id)
    chain.send(task.id)
    log.info("a film was asked for", extra={**task_fields(task), "projectId": project_id})
    return Asked(task)


def preview_create(services: Services, tenant_id: str, user_id: str, message: str, *, project_id: str | None = None,
                   campaign_id: str | None = None, references: Sequence[tuple[str, ReferenceUse]] = ()) -> Forecast:
    """What `create` would cost if it were asked now; nothing is asked, bought or written. Raises like `create`."""
    with services.db.transaction() as tx:
        former = own = None
        if project_id is not None:
            own = _own_project(tx, tenant_id, user_id, project_id).brief
            _no_open_task(tx, project_id)
            former = tasks.latest_task(tx, project_id)
        campaign = (_open_campaign(tx, tenant_id, user_id, campaign_id) if campaign_id is not None
                    else _former_campaign(tx, former, archived=False))
        named(tx, (tenant_id, user_id), references)
        return forecast.expect(services, tx, Wish(tenant_id, user_id, message, own, campaign))


def refine(services: Services, tenant_id: str, user_id: str, project_id: str, feedback: str, aspect: Aspect, *,
           shots: Sequence[int] | None = None, max_cost: Decimal | None = None, once: Once | None = None,
           origin: Origin = NO_REQUEST) -> Asked:
    """Redo what the plan of `plan_refine` says and carry the rest over. Raises like `create` and `plan_refine`."""
    now = services.clock()
    with services.db.transaction() as tx:
        earlier = earlier_task(tx, tenant_id, once)
        if earlier:
            return Asked(earlier, replayed=True)
        project = projects.lock_project(tx, project_id, tenant_id, user_id)
        _no_open_task(tx, project_id)
        former = tasks.latest_task(tx, project_id)
        campaign = _former_campaign(tx, former, archived=True)
        plan = plan_refine(services, tx, project, feedback, aspect, shots)
        first = plan.stages[0]
        carried, lost = _carry(tx, project, first, aspect)
        task_id = _new_id("task")
        # What was made simpler in a stage that is carried over is still simpler in this film.
        degraded = [*(item for item in (former.degraded if former else ()) if item.stage in carried), *lost]
        tasks.add_task(tx, id=task_id, tenant_id=tenant_id, user_id=user_id, project_id=project_id, kind="refine",
                       message=project.message, feedback=feedback, aspect=aspect,
                       campaign_id=campaign.id if campaign else None, first=first, degraded=degraded, now=now, origin=origin)
        tasks.set_plan(tx, task_id, plan)
        if max_cost is not None:
            budgets.put_budget(tx, _ceiling(tenant_id, task_id), max_cost, now)
        runs.add_stage_runs(tx, task_id, first, now)
        for stage, output in carried.items():
            tasks.add_checkpoint(tx, task_id, stage, output, now)
        remember_key(tx, tenant_id, once, task_id, now)
        tasks.add_event(tx, task_id, "task_created", now, aspect=aspect.value, **by(origin))
        task = tasks.get_task(tx, task_id)
    chain.send(task.id, first)
    log.info("a refinement was asked for", extra={**task_fields(task), "projectId": project_id, "aspect": aspect.value})
    return Asked(task)


def preview_refine(services: Services, tenant_id: str, user_id: str, project_id: str, feedback: str, aspect: Aspect,
                   shots: Sequence[int] | None = None) -> Plan:
    """The plan that `refine` would make now; changes nothing. Raises like `refine`."""
    with services.db.transaction() as tx:
        project = _own_project(tx, tenant_id, user_id, project_id)
        _no_open_task(tx, project_id)
        return plan_refine(services, tx, project, feedback, aspect, shots)


def cancel(services: Services, tenant_id: str, task_id: str, *, origin: Origin = NO_REQUEST) -> Task:
    """Stop a task now: nothing new is bought, what was bought is kept. Twice is once; an ended task is a conflict."""
    now = services.clock()
    with services.db.transaction() as tx:
        task = _own_task(tx, tenant_id, task_id)
        if task.status is TaskStatus.CANCELLED:
            return task
        if not tasks.ask_cancel(tx, task_id, now):
            raise ConflictError(f"the task has ended already: it is {task.status}")
        runs.skip_stages(tx, task_id)
        job_rows.cancel_jobs(tx, task_id, now)
        tasks.add_event(tx, task_id, "task_cancelled", now, **by(origin))
        running = job_rows.list_running_jobs(tx, task_id)
        task = tasks.get_task(tx, task_id)
    _stop_soon(services, running)
    return task


def _stop_soon(services: Services, running: Sequence[Job]) -> None:
    """Stop at their provider what still waits there; whoever cancels does not wait long for one that does not answer."""
    asking = [Thread(target=stop, args=(services.desk, job), daemon=True) for job in running if job.kind is JobKind.CLIP]
    for one in asking:
        one.start()
    until = time.monotonic() + _STOP_SECONDS
    for one in asking:
        one.join(max(0.0, until - time.monotonic()))


def set_ceiling(services: Services, tenant_id: str, task_id: str, max_cost: Decimal | None) -> Task:
    """Raise, lower or take away (None) what a film may cost, also of an ended one; raises NotFoundError."""
    with services.db.transaction() as tx:
        task = _own_task(tx, tenant_id, task_id)
        if max_cost is None:
            budgets.drop_budget(tx, _ceiling(task.tenant_id, task.id))
        else:
            budgets.put_budget(tx, _ceiling(task.tenant_id, task.id), max_cost, services.clock())
    return task


def _ceiling(tenant_id: str, task_id: str) -> Ceiling:
    return Ceiling(tenant_id, "film", task_id, "total")


def retry(services: Services, tenant_id: str, task_id: str, *, resend_unknown: bool = False, max_cost: Decimal | None = None,
          origin: Origin = NO_REQUEST) -> Task:
    """Let an ended task go on with what is missing; nothing that exists is made again.

    Jobs whose outcome is unknown may have been billed: they are sent again only with `resend_unknown`. `max_cost` sets the
    film's ceiling anew.
    """
    now = services.clock()
    with services.db.transaction() as tx:
        task = _own_task(tx, tenant_id, task_id)
        if not task.status.terminal:
            raise ConflictError(f"the task is still {task.status}: wait for its end, or cancel it first")
        if task.status is TaskStatus.COMPLETED:
            raise ConflictError("the film is complete, nothing is missing: use refine to change it")
        projects.lock_project(tx, task.project_id, tenant_id, task.user_id)
        latest = tasks.latest_task(tx, task.project_id)
        if latest is not None and latest.id != task.id:
            raise ConflictError(f"the project has a newer task, {latest.id}: retry that one")
        if max_cost is not None:
            budgets.put_budget(tx, _ceiling(tenant_id, task_id), max_cost, now)
        first = go_on(services, tx, task, now, resend_unknown=resend_unknown, origin=origin)
        task = tasks.get_task(tx, task_id)
    chain.send(task_id, first)
    return task


def _carry(
    tx: Tx, project: Project, first: Stage, aspect: Aspect,
) -> tuple[dict[Stage, dict[str, Any]], tuple[Degradation, ...]]:
    """The documents that are carried over to the stage to begin with, and what of them is lost by now.

    Another look is not drawn by the picture of the former one.
    """
    brief = project.brief
    lost: tuple[Degradation, ...] = ()
    if brief is not None and first is not Stage.CONTEXT:
        brief, lost = without_lost(tx, (project.tenant_id, project.user_id), brief)
        if aspect is Aspect.STYLE:
            brief = brief.model_copy(update={"references": subjects(brief)})
    documents = {Stage.CONTEXT: brief, Stage.SCRIPT: project.script, Stage.STORYBOARD: project.storyboard}
    return {stage: document.model_dump(mode="json") for stage, document in documents.items()
            if document is not None and before(stage, first)}, lost


def _own_project(tx: Tx, tenant_id: str, user_id: str, project_id: str) -> Project:
    project = projects.find_project(tx, project_id, tenant_id)
    if project is None or project.user_id != user_id:
        raise NotFoundError(f"there is no project {project_id!r} of this user")
    return project


def _own_task(tx: Tx, tenant_id: str, task_id: str) -> Task:
    if tasks.find_task(tx, task_id, tenant_id) is None:
        raise NotFoundError(f"there is no task {task_id!r}")
    return tasks.lock_task(tx, task_id)


def _open_campaign(tx: Tx, tenant_id: str, user_id: str, campaign_id: str) -> Campaign:
    found = campaigns.hold_campaign(tx, campaign_id, tenant_id, user_id)
    if found is None:
        raise NotFoundError(f"there is no campaign {campaign_id!r} of this user")
    if found.archived_at is not None:
        raise ConflictError(f"the campaign {found.name!r} is archived: restore it first, or leave campaignId out")
    return found


def _former_campaign(tx: Tx, former: Task | None, *, archived: bool) -> Campaign | None:
    """The campaign that a project's latest film was made for, if it still exists, and is open or may be `archived`."""
    if former is None or former.campaign_id is None:
        return None
    found = campaigns.hold_campaign(tx, former.campaign_id, former.tenant_id, former.user_id)
    return found if found is not None and (archived or found.archived_at is None) else None


def _no_open_task(tx: Tx, project_id: str) -> None:
    open_id = tasks.open_task_id(tx, project_id)
    if open_id is not None:
        raise ConflictError(f"the project is still being worked on by {open_id}: wait for its end, or cancel it")


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"

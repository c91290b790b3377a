"""Reads the message and what is recalled; leaves the Brief."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...agents import orchestrator
from ...agents.orchestrator import Known
from ...agents.tools import Recall
from ...errors import AidaError, ProviderAuthError, ProviderBalanceError
from ...jobs import describe
from ...memory.recall import latest_project, search_similar_projects
from ...model import Brief, Component, Degradation, Match, Stage, Task
from ...services import Services
from ...store import tasks
from ..next_step import from_described
from ..outcome import Done, Outcome, Run, Stopped

_SAID = 10


def run(services: Services, run: Run) -> Outcome:
    """Let the orchestrator agent turn the message and what is recalled into a Brief."""
    task, former = run.task, _former(run)
    result = orchestrator.make_brief(
        services.asker(task, Stage.CONTEXT, Component.ORCHESTRATOR), _recall(services, task), task.message,
        known=_known(services, task), former_brief=former, feedback=task.feedback, aspect=task.aspect,
        today=services.clock().date())
    degraded: tuple[Degradation, ...] = ()
    if result.memory_error:
        degraded = (Degradation(stage=Stage.CONTEXT, reason=result.memory_error, what="past films were not searched"),)
    return Done(result.brief.model_dump(mode="json"), degraded, brief=result.brief,
                context={"tools": [asdict(call) for call in result.tool_calls], "note": result.note})


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """A plain brief from the message alone; but a key or balance that is missing stops the film before it costs more."""
    told: dict[str, Any] = describe(error)
    if isinstance(error, ProviderAuthError | ProviderBalanceError):
        return Stopped(from_described(told, Stage.CONTEXT))
    # A new message in an old project is about something else: its former brief would make the former film again.
    former = _former(run) if run.task.feedback is not None else None
    brief = former or orchestrator.plain_brief(run.task.message)
    what = "the former brief was kept" if former else "the brief was read from the message by simple rules"
    return Done(brief.model_dump(mode="json"), brief=brief, degraded=(
        Degradation(stage=Stage.CONTEXT, reason=error.message, what=what),))


def _recall(services: Services, task: Task) -> Recall:
    """Memory as this task may ask it: tenant and user are the task's, whatever the model says."""
    on_usage = services.meter(task, Component.MEMORY)
    owner = (services.db, services.embedder, task.tenant_id, task.user_id)

    def projects(query: str, limit: int) -> list[Match]:
        return search_similar_projects(*owner, query, limit, services.similarity_floor,
                                       exclude_project_id=task.project_id, on_usage=on_usage)

    def latest(message: str) -> Match | None:
        return latest_project(*owner, message, exclude_project_id=task.project_id, on_usage=on_usage)

    return Recall(projects, latest)


def _known(services: Services, task: Task) -> Known:
    with services.db.single() as tx:
        said = tasks.list_said(tx, task.project_id, task.id, _SAID)
    return Known(said=said)


def _former(run: Run) -> Brief | None:
    kept = run.former.get(Stage.CONTEXT)
    return Brief.model_validate(kept) if kept else None

"""Reads the message and what is recalled; leaves the Brief."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...agents import orchestrator
from ...errors import AidaError, ProviderAuthError, ProviderBalanceError
from ...jobs import describe
from ...memory.recall import search_similar_projects
from ...model import Brief, Component, Degradation, Match, Stage
from ...services import Services
from ..next_step import from_described
from ..outcome import Done, Outcome, Run, Stopped


def run(services: Services, run: Run) -> Outcome:
    """Let the orchestrator agent turn the message and the recalled projects into a Brief."""
    task, former = run.task, _former(run)

    def search(query: str, limit: int) -> list[Match]:
        return search_similar_projects(
            services.db, services.embedder, task.tenant_id, task.user_id, query, limit, services.similarity_floor,
            exclude_project_id=task.project_id, on_usage=services.meter(task, Component.MEMORY))

    result = orchestrator.make_brief(
        services.asker(task, Stage.CONTEXT, Component.ORCHESTRATOR), search, task.message, former_brief=former,
        feedback=task.feedback, aspect=task.aspect, today=services.clock().date())
    degraded: tuple[Degradation, ...] = ()
    if result.memory_error:
        degraded = (Degradation(stage=Stage.CONTEXT, reason=result.memory_error, what="past films were not searched"),)
    return Done(result.brief.model_dump(mode="json"), degraded, brief=result.brief,
                context={"tools": [asdict(call) for call in result.tool_calls]})


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


def _former(run: Run) -> Brief | None:
    kept = run.former.get(Stage.CONTEXT)
    return Brief.model_validate(kept) if kept else None

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
    task = run.task
    former = Brief.model_validate(run.former[Stage.CONTEXT]) if Stage.CONTEXT in run.former else None

    def search(query: str, limit: int) -> list[Match]:
        return search_similar_projects(
            services.db, services.embedder, task.tenant_id, task.user_id, query, limit, services.similarity_floor,
            exclude_project_id=task.project_id, on_usage=services.meter(task, Component.MEMORY))

    result = orchestrator.make_brief(
        services.asker(task, Stage.CONTEXT, Component.ORCHESTRATOR), search, task.message, former_brief=former,
        feedback=task.feedback, aspect=task.aspect)
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
    brief = orchestrator.plain_brief(run.task.message)
    return Done(brief.model_dump(mode="json"), brief=brief, degraded=(Degradation(
        stage=Stage.CONTEXT, reason=error.message, what="the brief was read from the message by simple rules"),))

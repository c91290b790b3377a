"""Reads the message and what is recalled; leaves the Brief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ...agents import orchestrator
from ...errors import AidaError, ProviderAuthError, ProviderBalanceError
from ...jobs import describe
from ...memory.campaigns import join_campaign
from ...model import Brief, CampaignContext, Component, Degradation, Stage, Task
from ...services import Services
from ..allowance import within
from ..next_step import from_described
from ..outcome import Done, Outcome, Run, Stopped
from ..recalling import Owned
from ..references import without_lost


def run(services: Services, run: Run) -> Outcome:
    """Let the orchestrator agent turn the message and what is recalled into a Brief."""
    task, former, owned = run.task, _former(run), Owned(services, run.task)
    known, campaign = owned.known()
    ask = within(task.plan, Component.ORCHESTRATOR, services.asker(task, Stage.CONTEXT, Component.ORCHESTRATOR))
    result = orchestrator.make_brief(
        ask, owned.recall, task.message, known=known,
        former_brief=former, feedback=task.feedback, aspect=task.aspect, today=services.clock().date())
    joined = _join_campaign(services, task, campaign, list(result.campaigns))
    degraded: tuple[Degradation, ...] = ()
    if result.memory_error:
        degraded = (Degradation(stage=Stage.CONTEXT, reason=result.memory_error, what="past films were not searched"),)
    brief, lost = _without_lost(services, task, result.brief)
    degraded += lost
    return Done(brief.model_dump(mode="json"), degraded, brief=brief,
                context={"tools": [asdict(call) for call in result.tool_calls], "note": result.note,
                         "preferences": list(known.preferences),
                         "campaign": known.campaign or (result.campaigns.get(joined) if joined else None)})


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """A plain brief from the message alone; but a key or balance that is missing stops the film before it costs more."""
    told: dict[str, Any] = describe(error)
    if isinstance(error, ProviderAuthError | ProviderBalanceError):
        return Stopped(from_described(told, Stage.CONTEXT))
    # A new message in an old project is about something else: its former brief would make the former film again.
    former = _former(run) if run.task.feedback is not None else None
    known, _ = Owned(services, run.task).known()
    brief, lost = _without_lost(services, run.task, former or orchestrator.plain_brief(
        run.task.message, known.defaults, known.references))
    what = "the former brief was kept" if former else "the brief was read from the message by simple rules"
    return Done(brief.model_dump(mode="json"), brief=brief, degraded=(
        Degradation(stage=Stage.CONTEXT, reason=error.message, what=what), *lost))


def _without_lost(services: Services, task: Task, brief: Brief) -> tuple[Brief, tuple[Degradation, ...]]:
    if not brief.references:
        return brief, ()
    with services.db.single() as tx:
        return without_lost(tx, (task.tenant_id, task.user_id), brief)


def _join_campaign(services: Services, task: Task, campaign: CampaignContext | None, loaded: Sequence[str]) -> str | None:
    """Make the film one of the campaign that its message names, or the one that the agent loaded for it; its id."""
    if task.campaign_id is not None:
        return task.campaign_id
    named = campaign.campaign_id if campaign else loaded[0] if len(loaded) == 1 else None
    if named is None or task.feedback is not None:
        return None
    with services.db.transaction() as tx:
        return named if join_campaign(tx, task, named, services.clock()) else None


def _former(run: Run) -> Brief | None:
    kept = run.former.get(Stage.CONTEXT)
    return Brief.model_validate(kept) if kept else None

"""Reads the message and what is recalled; leaves the Brief."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ...agents import orchestrator
from ...agents.orchestrator import BriefResult, Known
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

log = logging.getLogger(__name__)


def run(services: Services, run: Run) -> Outcome:
    """Let the orchestrator agent turn the message and what is recalled into a Brief."""
    task, former, owned = run.task, _former(run), Owned(services, run.task)
    known, campaign = owned.known()
    ask = within(task.plan, Component.ORCHESTRATOR, services.asker(task, Stage.CONTEXT, Component.ORCHESTRATOR))
    result = orchestrator.make_brief(
        ask, owned.recall, task.message, known=known,
        former_brief=former, feedback=task.feedback, aspect=task.aspect, today=services.clock().date())
    if result.unanswered is not None:
        log.warning("a stage falls back", extra={"code": result.unanswered.code, "said": result.unanswered.message})
    return _done(services, run, known, campaign, result)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """A plain brief from the message alone; but a key or balance that is missing stops the film before it costs more."""
    told: dict[str, Any] = describe(error)
    if isinstance(error, ProviderAuthError | ProviderBalanceError):
        return Stopped(from_described(told, Stage.CONTEXT))
    known, campaign = Owned(services, run.task).known()
    brief = _kept(run) or orchestrator.plain_brief(run.task.message, known.defaults, known.references)
    return _done(services, run, known, campaign, BriefResult(brief, unanswered=error))


def _done(
    services: Services, run: Run, known: Known, campaign: CampaignContext | None, result: BriefResult
) -> Done:
    task = run.task
    joined = _join_campaign(services, task, campaign, list(result.campaigns))
    brief, lost = _without_lost(services, task, result.brief)
    return Done(brief.model_dump(mode="json"), (*_simplified(run, result), *lost), brief=brief,
                context={"tools": [asdict(call) for call in result.tool_calls], "note": result.note,
                         "preferences": list(known.preferences),
                         "campaign": known.campaign or (result.campaigns.get(joined) if joined else None)})


def _simplified(run: Run, result: BriefResult) -> list[Degradation]:
    """What is to be said of a brief that Claude did not write, or wrote without memory."""
    said = []
    if result.unanswered is not None:
        what = "the former brief was kept" if _kept(run) else "the brief was read from the message by simple rules"
        said.append(Degradation(stage=Stage.CONTEXT, reason=result.unanswered.message, what=what,
                                code=result.unanswered.code))
    if result.memory_error:
        said.append(Degradation(stage=Stage.CONTEXT, reason=result.memory_error, what="past films were not searched",
                                code="memory_unavailable"))
    return said


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


def _kept(run: Run) -> Brief | None:
    """The former brief where the film is a refine of it: a new message in an old project is about something else."""
    return _former(run) if run.task.feedback is not None else None


def _former(run: Run) -> Brief | None:
    kept = run.former.get(Stage.CONTEXT)
    return Brief.model_validate(kept) if kept else None

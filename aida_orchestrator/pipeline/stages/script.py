"""Reads the Brief; leaves the Script, in which a refine's plan may keep beats."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...agents import writer
from ...agents.loop import ToolCall
from ...agents.tool_texts import SPAWN_WRITER
from ...errors import AidaError
from ...memory.said import said_lately
from ...model import Brief, Component, Degradation, Script, Stage
from ...services import Services
from ..allowance import within
from ..binding import bind_script
from ..outcome import Done, Outcome, Run


def run(services: Services, run: Run) -> Outcome:
    """Let the writer agent write it; on a refine it sees the former script, the feedback and what was said before."""
    task, former = run.task, _former(run)
    ask = within(task.plan, Component.WRITER, services.asker(task, Stage.SCRIPT, Component.WRITER))
    script = writer.write_script(ask, task.message, run.brief(), feedback=task.feedback, former=former,
                                 changing=_changing(run, former), said=said_lately(services.db, task))
    return _done(run, script)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """A template script that uses the message."""
    script = writer.template_script(run.task.message, run.brief())
    return _done(run, script, Degradation(
        stage=Stage.SCRIPT, reason=error.message, what="a template script from the message was used",
        code=error.code))


def _former(run: Run) -> Script | None:
    kept = run.former.get(Stage.SCRIPT)
    return Script.model_validate(kept) if kept else None


def _changing(run: Run, former: Script | None) -> tuple[int, ...] | None:
    """The beats that the plan lets the writer change; None where it is free."""
    plan = run.task.plan
    if plan is None or former is None or not plan.kept_beats:
        return None
    return tuple(number for number in range(1, len(former.beats) + 1) if number not in plan.kept_beats)


def _done(run: Run, script: Script, *degraded: Degradation) -> Done:
    bound = bind_script(run.task.plan, _former(run), script)
    # A template is not the writer's.
    context = None if degraded else {"tools": [_told(run.brief(), bound)]}
    asked = Brief.model_validate(run.checkpoints[Stage.CONTEXT]).duration_seconds
    if asked > run.brief().duration_seconds:
        degraded += (Degradation(stage=Stage.SCRIPT, reason=f"the plan of this refine was priced for a film of "
                                 f"{run.brief().duration_seconds} s", what=f"the film was not made {asked} s long",
                                 code="plan_bound"),)
    return Done(bound.model_dump(mode="json"), degraded, script=bound, context=context)


def _told(brief: Brief, script: Script) -> dict[str, Any]:
    """The call of the writer, as it stands beside the orchestrator's others in the film's status."""
    return asdict(ToolCall(SPAWN_WRITER, {"brief": brief.title, "durationSeconds": brief.duration_seconds},
                           f"{script.title}: {len(script.beats)} beats, {sum(beat.seconds for beat in script.beats)} s"))

"""Reads the Brief; leaves the Script."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...agents import writer
from ...agents.loop import ToolCall
from ...agents.tool_texts import SPAWN_WRITER
from ...errors import AidaError
from ...model import Component, Degradation, Script, Stage
from ...services import Services
from ..outcome import Done, Outcome, Run


def run(services: Services, run: Run) -> Outcome:
    """Let the writer agent write it; on a refine it sees the former script and the feedback."""
    task = run.task
    former = Script.model_validate(run.former[Stage.SCRIPT]) if Stage.SCRIPT in run.former else None
    script = writer.write_script(
        services.asker(task, Stage.SCRIPT, Component.WRITER), task.message, run.brief(), feedback=task.feedback,
        former=former)
    return Done(script.model_dump(mode="json"), script=script, context={"tools": [_told(run, script)]})


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """A template script that uses the message."""
    script = writer.template_script(run.task.message, run.brief())
    return Done(script.model_dump(mode="json"), script=script, degraded=(Degradation(
        stage=Stage.SCRIPT, reason=error.message, what="a template script from the message was used"),))


def _told(run: Run, script: Script) -> dict[str, Any]:
    """The call of the writer, as it stands beside the orchestrator's others in the film's status."""
    brief = run.brief()
    return asdict(ToolCall(SPAWN_WRITER, {"brief": brief.title, "durationSeconds": brief.duration_seconds},
                           f"{script.title}: {len(script.beats)} beats, {sum(beat.seconds for beat in script.beats)} s"))

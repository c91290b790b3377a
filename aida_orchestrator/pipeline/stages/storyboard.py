"""Reads Brief and Script; leaves the Storyboard. A refine of style or visuals changes only looks, or only prompts."""

from __future__ import annotations

from dataclasses import asdict

from ...agents import director
from ...agents.loop import ToolCall
from ...agents.tool_texts import SPAWN_DIRECTOR
from ...errors import AidaError
from ...model import Aspect, Component, Degradation, Stage, Storyboard, Style
from ...services import Services
from ..outcome import Done, Outcome, Run


def run(services: Services, run: Run) -> Outcome:
    """Let the director agent draw it, revise its prompts, or give it another look; an offered style needs no agent."""
    task, former = run.task, _former(run)
    ask = services.asker(task, Stage.STORYBOARD, Component.DIRECTOR)
    feedback = task.feedback or ""
    if former is not None and task.aspect is Aspect.STYLE:
        offer = director.find_offer(director.offers(former.style), feedback)
        board = _in_style(former, offer.style) if offer else director.restyle(ask, run.brief(), former, feedback)
    elif former is not None and task.aspect is Aspect.VISUALS:
        board = director.revise_visuals(ask, run.brief(), former, feedback)
    else:
        board = director.draw_storyboard(ask, run.brief(), run.script(), services.clip_seconds, feedback=task.feedback,
                                         former=former, keep_style=task.aspect is Aspect.SCRIPT)
    return _done(run, board)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """Simple: the feedback's own words on the former board, or a storyboard of three frames."""
    task, former = run.task, _former(run)
    feedback = task.feedback or ""
    if former is not None and task.aspect is Aspect.STYLE:
        board = _in_style(former, Style(words=feedback, sref=""))
        what = "the feedback's own words were used as the style"
    elif former is not None and task.aspect is Aspect.VISUALS:
        board = former.model_copy(update={"shots": tuple(
            shot.model_copy(update={"picture_prompt": f"{shot.picture_prompt}. {feedback}", "take": shot.take + 1})
            for shot in former.shots)})
        what = "the feedback's own words were added to every picture prompt"
    else:
        board = director.simple_storyboard(run.brief(), run.script(), services.clip_seconds)
        what = f"a simple storyboard of {len(board.shots)} frames was used"
    return _done(run, board, Degradation(stage=Stage.STORYBOARD, reason=error.message, what=what))


def _former(run: Run) -> Storyboard | None:
    kept = run.former.get(Stage.STORYBOARD)
    return Storyboard.model_validate(kept) if kept else None


def _in_style(board: Storyboard, style: Style) -> Storyboard:
    return Storyboard(style=style, shots=tuple(shot.model_copy(update={"take": shot.take + 1}) for shot in board.shots))


def _done(run: Run, board: Storyboard, *degraded: Degradation) -> Done:
    # The brief keeps the style that the film was really made in: it is what "like last time" will pin.
    brief = run.brief().model_copy(update={"style": board.style})
    call = ToolCall(SPAWN_DIRECTOR, {"script": run.script().title, "style": board.style.sref or board.style.words},
                    f"{len(board.shots)} shots, {board.seconds} s")
    # A board of our own rules was not the director's.
    context = None if degraded else {"tools": [asdict(call)]}
    return Done(board.model_dump(mode="json"), degraded, storyboard=board, brief=brief, context=context)

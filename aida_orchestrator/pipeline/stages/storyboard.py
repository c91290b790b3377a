"""Reads Brief and Script; leaves the Storyboard. A refine of style or visuals changes only looks, or only prompts.

Whatever is drawn, the plan of a refine has the last word: what it keeps stands as it was.
"""

from __future__ import annotations

from dataclasses import asdict

from ...agents import director
from ...agents.loop import ToolCall
from ...agents.tool_texts import SPAWN_DIRECTOR
from ...errors import AidaError
from ...memory.said import said_lately
from ...model import Aspect, Component, Degradation, Stage, Storyboard, Style, Task
from ...services import Services
from ..allowance import within
from ..binding import bind_board
from ..outcome import Done, Outcome, Run


def run(services: Services, run: Run) -> Outcome:
    """Let the director agent draw it, revise its prompts, or give it another look; an offered style needs no agent."""
    task, former = run.task, _former(run)
    ask = within(task.plan, Component.DIRECTOR, services.asker(task, Stage.STORYBOARD, Component.DIRECTOR))
    changing = task.plan.rewritten if task.plan is not None and not task.plan.free else None
    feedback, said = task.feedback or "", said_lately(services.db, task)
    if former is not None and task.aspect is Aspect.STYLE:
        offer = director.find_offer(director.offers(former.style), feedback)
        board = _in_style(former, offer.style) if offer else director.restyle(
            ask, run.brief(), former, feedback, said=said)
    elif former is not None and _pictures_only(task):
        board = director.revise_visuals(ask, run.brief(), former, feedback, changing=changing, said=said)
    else:
        board = director.draw_storyboard(ask, run.brief(), run.script(), services.clip_seconds, feedback=task.feedback,
                                         former=former, keep_style=task.aspect is Aspect.SCRIPT, changing=changing,
                                         said=said)
    return _done(run, board)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """Simple: the feedback's own words on the former board, or a storyboard of three frames."""
    task, former = run.task, _former(run)
    feedback = task.feedback or ""
    if former is not None and task.aspect is Aspect.STYLE:
        words = director.own_words(feedback)
        board = _in_style(former, Style(words=words, sref="") if words else former.style)
        what = "the feedback's own words were used as the style"
    elif former is not None and _pictures_only(task):
        words = director.own_words(feedback)
        board = former.model_copy(update={"shots": tuple(
            shot.model_copy(update={"picture_prompt": f"{shot.picture_prompt}. {words}".rstrip(". "), "take": shot.take + 1})
            for shot in former.shots)})
        what = "the feedback's own words were added to every picture prompt"
    else:
        board = director.simple_storyboard(run.brief(), run.script(), services.clip_seconds)
        what = f"a simple storyboard of {len(board.shots)} frames was used"
    return _done(run, board, Degradation(
        stage=Stage.STORYBOARD, reason=error.message, what=what, code=error.code))


def _pictures_only(task: Task) -> bool:
    """What names some shots is answered in their pictures, also where the aspect left everything open."""
    return task.aspect is Aspect.VISUALS or (task.plan is not None and task.plan.pictures_only)


def _former(run: Run) -> Storyboard | None:
    kept = run.former.get(Stage.STORYBOARD)
    return Storyboard.model_validate(kept) if kept else None


def _in_style(board: Storyboard, style: Style) -> Storyboard:
    return Storyboard(style=style, shots=tuple(shot.model_copy(update={"take": shot.take + 1}) for shot in board.shots))


def _done(run: Run, board: Storyboard, *degraded: Degradation) -> Done:
    board = bind_board(run.task.plan, _former(run), board, run.script(), run.brief())
    # The brief keeps the style that the film was really made in: it is what "like last time" will pin.
    brief = run.brief().model_copy(update={"style": board.style})
    call = ToolCall(SPAWN_DIRECTOR, {"script": run.script().title, "style": board.style.sref or board.style.words},
                    f"{len(board.shots)} shots, {board.seconds} s")
    # A board of our own rules was not the director's.
    context = None if degraded else {"tools": [asdict(call)]}
    return Done(board.model_dump(mode="json"), degraded, storyboard=board, brief=brief, context=context)

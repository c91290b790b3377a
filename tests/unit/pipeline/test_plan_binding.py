"""What a plan lets change: nothing else does, whatever was answered, and no more is asked than it allows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aida_orchestrator.errors import AnswerUnusable
from aida_orchestrator.model import (
    Aspect,
    Beat,
    Choice,
    ClaudeAnswer,
    ClaudeRequest,
    Component,
    Estimate,
    Plan,
    Script,
    ShotPlan,
    Stage,
    Usage,
)
from aida_orchestrator.pipeline.allowance import ALLOWANCES, within
from aida_orchestrator.pipeline.binding import bind_board, bind_brief, bind_script
from tests.builders import make_brief, make_storyboard, make_style

SCRIPT = Script(title="T", logline="L", beats=tuple(Beat(words=f"w{n}", picture=f"p{n}", seconds=5) for n in range(1, 5)))


def plan(*rewritten: int, count: int = 4, aspect: Aspect = Aspect.VISUALS, free: bool = False, seconds: int = 20) -> Plan:
    shots = tuple(
        ShotPlan(number=n, picture=Choice.REDO if n in rewritten else Choice.KEEP, why="", seconds=5, take=7,
                 clip=Choice.REDO if n in rewritten else Choice.KEEP, rewrite=n in rewritten)
        for n in range(1, count + 1))
    return Plan(aspect=aspect, stages=(Stage.STORYBOARD,), shots=shots, free=free, duration_seconds=seconds,
                most_seconds=seconds, kept_beats=tuple(n for n in range(1, count + 1) if n not in rewritten),
                estimate=Estimate(dollars=Decimal(1), by_component={}, seconds=1))


def test_only_the_shots_of_the_plan_are_redrawn_with_its_take() -> None:
    former, drawn = make_storyboard(4), make_storyboard(4, style=make_style("neon"))
    drawn = drawn.model_copy(update={"shots": tuple(
        shot.model_copy(update={"picture_prompt": "new", "seconds": 10, "beat": 1}) for shot in drawn.shots)})
    bound = bind_board(plan(2), former, drawn, SCRIPT, make_brief())
    assert [shot.picture_prompt == "new" for shot in bound.shots] == [False, True, False, False]
    assert (bound.shots[1].seconds, bound.shots[1].beat, bound.shots[1].take) == (5, 2, 7)
    assert bound.style == former.style
    assert bind_board(plan(2, aspect=Aspect.STYLE), former, drawn, SCRIPT, make_brief()).style == drawn.style


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_a_beat_that_was_rewritten_gets_a_picture_of_its_own_whatever_was_drawn(count: int) -> None:
    former, drawn = make_storyboard(4), make_storyboard(count)
    bound = bind_board(plan(3, aspect=Aspect.SCRIPT), former, drawn, SCRIPT, make_brief())
    assert [shot for shot in bound.shots if shot.number != 3] == [shot for shot in former.shots if shot.number != 3]
    assert "p3" in bound.shots[2].picture_prompt or bound.shots[2].picture_prompt == "bread number 3"


def test_a_free_board_is_cut_to_what_was_priced_and_keeps_its_ends() -> None:
    drawn = make_storyboard(6)
    cut = bind_board(plan(1, 2, count=2, free=True, seconds=10), make_storyboard(2), drawn, SCRIPT, make_brief())
    assert [shot.number for shot in cut.shots] == [1, 2]
    assert [shot.picture_prompt for shot in cut.shots] == ["bread number 1", "bread number 6"]
    assert bind_board(None, None, drawn, SCRIPT, make_brief()) == drawn


@pytest.mark.parametrize("count", [1, 2, 3, 4, 8])
def test_kept_beats_stay_and_the_others_take_what_was_written_for_their_place(count: int) -> None:
    written = SCRIPT.model_copy(update={"title": "other", "beats": tuple(
        Beat(words=f"new {n}", picture="", seconds=10) for n in range(1, count + 1))})
    bound = bind_script(plan(1, 4), SCRIPT, written)
    assert bound.beats[1:3] == SCRIPT.beats[1:3]
    assert [(beat.words, beat.picture, beat.seconds) for beat in (bound.beats[0], bound.beats[3])] == [
        ("new 1", "p1", 5), (f"new {count}", "p4", 5)]
    assert bound.title == "T"


def test_a_brief_is_no_longer_than_planned() -> None:
    assert bind_brief(plan(1, seconds=10), make_brief(duration_seconds=60)).duration_seconds == 10
    assert bind_brief(plan(1, seconds=10), make_brief(duration_seconds=5)).duration_seconds == 5
    assert bind_brief(None, make_brief(duration_seconds=60)).duration_seconds == 60


def request(words: str = "x", most: int = 8000) -> ClaudeRequest:
    return ClaudeRequest(system=(), messages=({"role": "user", "content": words},), max_tokens=most)


def answering(output_tokens: int, asked: list[ClaudeRequest]) -> ClaudeAnswer:
    return ClaudeAnswer((), "end_turn", Usage("anthropic", "m", {"input_tokens": 10, "output_tokens": output_tokens}))


def test_an_agent_is_stopped_where_its_allowance_ends() -> None:
    asked: list[ClaudeRequest] = []

    def ask(sent: ClaudeRequest) -> ClaudeAnswer:
        asked.append(sent)
        return answering(6000, asked)

    allowed = ALLOWANCES[Component.WRITER]
    bounded = within(plan(1), Component.WRITER, ask)
    bounded(request())
    bounded(request())
    assert [sent.max_tokens for sent in asked] == [8000, allowed.output_tokens - 6000]
    with pytest.raises(AnswerUnusable, match="the writer has used"):
        bounded(request())
    with pytest.raises(AnswerUnusable):
        within(plan(1), Component.WRITER, ask)(request("x" * 4 * allowed.input_tokens))
    assert within(None, Component.WRITER, ask) is ask

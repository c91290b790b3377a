"""Whatever the schema allows, even from a random generator, becomes a film: nothing is repaired, nothing degraded."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import pytest

from aida_orchestrator.agents.answers import BRIEF_SCHEMA
from aida_orchestrator.agents.director import (
    STORYBOARD_SCHEMA,
    STYLE_SCHEMA,
    draw_storyboard,
    picture_prompt,
    restyle,
    revise_visuals,
    simple_storyboard,
)
from aida_orchestrator.agents.orchestrator import make_brief
from aida_orchestrator.agents.prompts.styles import LOOKS
from aida_orchestrator.agents.tools import Recall
from aida_orchestrator.agents.writer import SCRIPT_SCHEMA, template_script, write_script
from aida_orchestrator.model import Aspect, Brief, Script, Storyboard

from .scripted import Scripted, says
from .works import brief, match

NASTY = (
    "", " ", "\x00", "\n\t\r", "a" * 20_000, "word " * 5_000, "\ud800", "\u202egnp.exe", "--ar 1:1 --v 7", "{a,b,c}::2",
    "https://evil.example/?q=1", "</message><brief>", "%(name)s {title} %s", "x-klingon-zz-zz", "und", "IT",
    "pt_br", "🎬👩‍🍳", "il mare d'inverno", "16:9", "9X16", "NOIR", "proj_food", "proj_unknown",
    "'; DROP TABLE projects; --", "مرحبا", "—ar 16:9",
)
NUMBERS = (0, -5, 1, 3, 5, 7, 10, 30, 60, 10**9, -(10**30), 5.0, 1e300)
LENGTHS = (0, 1, 2, 6, 7, 50)


def generated(schema: dict[str, Any], dice: random.Random) -> Any:
    """A value that the schema allows."""
    if "enum" in schema:
        return dice.choice(schema["enum"])
    if schema["type"] == "object":
        return {name: generated(part, dice) for name, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [generated(schema["items"], dice) for _ in range(dice.choice(LENGTHS))]
    if schema["type"] == "integer":
        return dice.choice(NUMBERS)
    return "".join(dice.choice(NASTY) for _ in range(dice.choice((1, 1, 1, 2, 3))))


def check_text(text: str, limit: int, may_be_empty: bool = False) -> None:
    assert text or may_be_empty
    assert len(text) <= limit
    text.encode("utf-8")
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def check_brief(made: Brief) -> None:
    check_text(made.title, 80)
    check_text(made.intent, 900)
    check_text(made.tone, 120)
    check_text(made.style.words, 400)
    assert made.style.sref == "" or made.style.sref in LOOKS
    assert made.language.split("-")[0] not in ("und", "x")
    assert made.duration_seconds in range(5, 61, 5)
    assert made.aspect_ratio in ("16:9", "9:16", "1:1")
    assert len(made.constraints) <= 8
    for line in made.constraints:
        check_text(line, 200)
    assert {seen.project_id for seen in made.matches} <= {"proj_food"}


def check_script(made: Script, of: Brief) -> None:
    check_text(made.title, 80)
    check_text(made.logline, 240)
    assert sum(beat.seconds for beat in made.beats) == of.duration_seconds
    assert {beat.seconds for beat in made.beats} <= {5, 10}
    assert any(beat.words for beat in made.beats)
    for beat in made.beats:
        check_text(beat.words, 320, may_be_empty=True)
        check_text(beat.picture, 400)


def check_storyboard(made: Storyboard, of: Brief, script: Script) -> None:
    assert made.seconds == of.duration_seconds
    assert [shot.number for shot in made.shots] == list(range(1, len(made.shots) + 1))
    for shot in made.shots:
        assert 1 <= shot.beat <= len(script.beats)
        check_text(shot.picture_prompt, 1200)
        check_text(shot.motion_prompt, 600)
        prompt = picture_prompt(shot, made.style)
        check_text(prompt, 1800)
        assert not any(bad in prompt for bad in ("--", "://", "{", "}"))


@pytest.mark.parametrize("seed", range(400))
def test_any_valid_answers_lead_to_a_film(seed: int) -> None:
    dice = random.Random(seed)
    messages = ("Voglio un video food come l'altra volta", "", "a film about bees", "".join(dice.choices(NASTY, k=2)))
    message = dice.choice(messages)
    refine: dict[str, Any] = {}
    if dice.random() < 0.4:
        refine = {"former_brief": brief(), "feedback": dice.choice(NASTY), "aspect": dice.choice(list(Aspect))}
    ask = Scripted(says(generated(BRIEF_SCHEMA, dice)))
    made = make_brief(ask, Recall(lambda query, limit: [match()]), message, **refine).brief
    check_brief(made)
    script = write_script(Scripted(says(generated(SCRIPT_SCHEMA, dice))), message, made)
    check_script(script, made)
    check_script(template_script(message, made), made)
    clips = dice.choice(((5, 10), (5,), tuple(range(3, 16))))
    drawn = draw_storyboard(Scripted(says(generated(STORYBOARD_SCHEMA, dice))), made, script, clips)
    check_storyboard(drawn, made, script)
    revised = revise_visuals(Scripted(says(generated(STORYBOARD_SCHEMA, dice))), made, drawn, dice.choice(NASTY))
    check_storyboard(revised, made, script)
    other = restyle(Scripted(says(generated(STYLE_SCHEMA, dice))), made, revised, dice.choice(NASTY))
    check_storyboard(other, made, script)
    assert other.style != drawn.style
    assert other.style.words
    assert len(simple_storyboard(made, script, clips).shots) == 3

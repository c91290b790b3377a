"""The writer: a Brief becomes a Script, by Claude or by a template that uses the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ..model import Beat, Brief, ClaudeRequest, Script
from .beats import fit_beats, template_beats
from .checks import check_script
from .documents import brief_json, conversation, object_schema, script_json, user_turn
from .loop import Ask
from .mending import mend_script
from .phrases import phrases_for
from .prompts import system
from .reading import subject_of
from .review import reviewed
from .text import Whole, cut, plain_words, quoted, quoted_json

TITLE, LOGLINE = 80, 240
MAX_TOKENS = 10_000
EFFORT = "medium"
SCRIPT_SCHEMA = object_schema(
    title={"type": "string"},
    logline={"type": "string"},
    beats={
        "type": "array",
        "items": object_schema(
            words={"type": "string", "description": "narration in the film's language; may be empty"},
            picture={"type": "string", "description": "what is seen"},
            seconds={"type": "integer", "description": "5 or 10"},
        ),
    },
)


class _BeatAnswer(BaseModel):
    words: str
    picture: str
    seconds: Whole


class _ScriptAnswer(BaseModel):
    title: str
    logline: str
    beats: list[_BeatAnswer]


def write_script(
    ask: Ask, message: str, brief: Brief, *, feedback: str | None = None, former: Script | None = None,
    changing: Sequence[int] | None = None, said: Sequence[str] = (),
) -> Script:
    """Ask Claude for the script and fit it to the brief's length; raises AnswerUnusable when there is none to fit.

    `changing`: numbers of the only beats of `former` that may change; None where all may. `said`: the client's earlier
    remarks in this project, oldest first.
    """
    parts = [quoted_json("brief", brief_json(brief))]
    if former is not None:
        parts.append(quoted_json("former_script", script_json(former)))
    parts += conversation(said)
    if feedback is not None:
        parts.append(quoted("feedback", feedback))
    if changing is not None:
        parts.append(quoted_json("beats_to_change", list(changing)))
    parts.append(quoted("message", message))
    request = ClaudeRequest(
        system=system("writer", with_catalogue=False),
        messages=(user_turn(parts),),
        schema=SCRIPT_SCHEMA,
        max_tokens=MAX_TOKENS,
        effort=EFFORT,
    )

    def parse(raw: Any) -> Script:
        answer = _ScriptAnswer.model_validate(raw)
        told = [Beat(words=beat.words, picture=beat.picture, seconds=beat.seconds) for beat in answer.beats]
        return Script(
            title=plain_words(answer.title, TITLE) or brief.title,
            logline=plain_words(answer.logline, LOGLINE) or _logline(message, brief),
            beats=fit_beats(told, message, brief),
        )

    return reviewed(
        "script", ask, request, parse, check=lambda script: check_script(script, brief, former),
        mend=lambda script: mend_script(script, brief, former), parts=lambda script: len(script.beats),
    )


def template_script(message: str, brief: Brief) -> Script:
    """The script when Claude gives none: plain lines about the message in the brief's language."""
    made = Script(title=brief.title, logline=_logline(message, brief), beats=template_beats(message, brief))
    return mend_script(made, brief)


def _logline(message: str, brief: Brief) -> str:
    phrases = phrases_for(brief.language)
    return cut(phrases.logline.format(subject=subject_of(message) or brief.title or phrases.no_subject), LOGLINE)

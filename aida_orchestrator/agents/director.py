"""The director: a Script becomes a Storyboard; pictures or style of an existing one are done again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product, zip_longest
from typing import Any

from pydantic import BaseModel

from ..model import Brief, ClaudeRequest, Offer, Script, Shot, Storyboard, Style
from .banned import clean_style
from .checks import check_storyboard, check_words
from .documents import brief_json, conversation, object_schema, script_json, storyboard_json, user_turn
from .follow import STYLE, read_style
from .loop import Ask
from .mending import mend_storyboard, mend_style
from .prompts import system
from .prompts.styles import closest, offers_for
from .review import reviewed
from .shots import MOTION, PICTURE, Draft, beats_of, fit_shots, from_beat, numbered, usable_lengths
from .text import Whole, prompt_words, quoted, quoted_json

MAX_TOKENS = 14_000
EFFORT = "medium"
SIMPLE_SHOTS = 3
LONGEST_PICTURE_PROMPT = 1800
STORYBOARD_SCHEMA = object_schema(
    style_words={"type": "string"},
    shots={
        "type": "array",
        "items": object_schema(
            beat={"type": "integer", "description": "number of the script's beat, from 1"},
            picture_prompt={"type": "string", "description": "English, for Midjourney"},
            motion_prompt={"type": "string", "description": "English, for Kling"},
            seconds={"type": "integer"},
        ),
    },
)
STYLE_SCHEMA = object_schema(
    style_words={"type": "string"},
    style_reference={"type": "string", "description": "a key of the style catalogue, or empty"},
)
_ALWAYS = frozenset({"banned", "lettering"})


class _ShotAnswer(BaseModel):
    beat: Whole
    picture_prompt: str
    motion_prompt: str
    seconds: Whole


class _StoryboardAnswer(BaseModel):
    style_words: str
    shots: list[_ShotAnswer]


class _StyleAnswer(BaseModel):
    style_words: str
    style_reference: str


def draw_storyboard(
    ask: Ask, brief: Brief, script: Script, clip_seconds: tuple[int, ...], *, feedback: str | None = None,
    former: Storyboard | None = None, keep_style: bool = False, changing: Sequence[int] | None = None,
    said: Sequence[str] = (),
) -> Storyboard:
    """Ask Claude for the shots and fit them to the brief's length; raises AnswerUnusable when there is no answer.

    `keep_style` keeps the look of `former`, for a refine that is not about it: a restyle may have left the brief's.
    `changing`: numbers of the only shots of `former` that may change; None where all may. `said`: the client's earlier
    remarks in this project, oldest first.
    """
    parts = [
        quoted_json("brief", brief_json(brief)), quoted_json("script", script_json(script)),
        quoted_json("clip_seconds", list(clip_seconds)), *_about(former, feedback, changing, said),
    ]
    lengths, before = usable_lengths(clip_seconds), former.shots if former else ()

    def parse(raw: Any) -> Storyboard:
        answer = _StoryboardAnswer.model_validate(raw)
        drafts = [Draft(shot.beat, shot.picture_prompt, shot.motion_prompt, shot.seconds) for shot in answer.shots]
        style = _style(answer.style_words, brief, former if keep_style else None)
        return Storyboard(style=style, shots=numbered(fit_shots(drafts, brief, script, lengths), before))

    return reviewed(
        "storyboard", ask, _request(parts, STORYBOARD_SCHEMA), parse, parts=lambda board: len(board.shots),
        check=lambda board: check_storyboard(board, brief, script, lengths=lengths, former=before),
        mend=lambda board: mend_storyboard(board, brief, script, lengths=lengths, former=before),
    )


def revise_visuals(
    ask: Ask, brief: Brief, storyboard: Storyboard, feedback: str, *, changing: Sequence[int] | None = None,
    said: Sequence[str] = (),
) -> Storyboard:
    """The same shots with new pictures: prompts answer the feedback, number, beats, seconds and style stay.

    `changing`: numbers of the shots that the feedback is about; what is answered for others is for the caller to drop.
    `said`: as for `draw_storyboard`.
    """
    # One beat a shot: the pictures that were made are the script now, so the answer has as many shots.
    made = [{"words": "", "picture": shot.picture_prompt, "seconds": shot.seconds} for shot in storyboard.shots]
    script = {"title": brief.title, "logline": "", "beats": made}
    parts = [
        quoted_json("brief", brief_json(brief)), quoted_json("script", script),
        *_about(storyboard, feedback, changing, said)]
    no_script = Script(title=brief.title, logline="", beats=())  # nothing is counted against beats: numbers and beats stay

    def parse(raw: Any) -> Storyboard:
        shots = _StoryboardAnswer.model_validate(raw).shots[: len(storyboard.shots)]
        revised = [
            shot.model_copy(update={
                "picture_prompt": (new and prompt_words(new.picture_prompt, PICTURE)) or shot.picture_prompt,
                "motion_prompt": (new and prompt_words(new.motion_prompt, MOTION)) or shot.motion_prompt,
            })
            for shot, new in zip_longest(storyboard.shots, shots)
        ]
        return Storyboard(style=storyboard.style, shots=_taken_again(revised))

    return reviewed(
        "pictures", ask, _request(parts, STORYBOARD_SCHEMA), parse, parts=lambda board: len(board.shots),
        # Framing and language were judged when the board was drawn; the feedback may want them otherwise.
        check=lambda board: [one for one in check_storyboard(board, brief, no_script) if one.code in _ALWAYS],
        mend=lambda board: mend_storyboard(board, brief, no_script, vary=False),
    )


def restyle(ask: Ask, brief: Brief, storyboard: Storyboard, feedback: str, *, said: Sequence[str] = ()) -> Storyboard:
    """The same shots in another look, which always differs from the former one."""
    parts = [quoted_json("brief", brief_json(brief)), *_about(storyboard, feedback, None, said)]

    def parse(raw: Any) -> Style:
        answer = _StyleAnswer.model_validate(raw)
        return read_style(answer.style_words, answer.style_reference, storyboard.style)

    style = reviewed(
        "style", ask, _request(parts, STYLE_SCHEMA), parse, check=lambda style: check_words(style.words), mend=mend_style,
        parts=lambda _: 1)
    if style == storyboard.style:
        look = closest(feedback, but=storyboard.style.sref) or offers_for(storyboard.style)[0]
        style = look.style
    return Storyboard(style=style, shots=_taken_again(storyboard.shots))


def simple_storyboard(brief: Brief, script: Script, clip_seconds: tuple[int, ...]) -> Storyboard:
    """Three frames from the script's beginning, middle and end, for when Claude draws nothing.

    Their seconds add up to the brief's duration where three clips can, else to the nearest they can.
    """
    beats = beats_of(script, brief)
    places = (0, len(beats) // 2, len(beats) - 1)
    lengths = _three_lengths(brief.duration_seconds, usable_lengths(clip_seconds))
    # Framings 0, 2 and 7: wide, near, and wide again to close.
    drafts = [
        replace(from_beat(beats[place], place + 1, framing, brief), seconds=seconds)
        for place, framing, seconds in zip(places, (0, 2, 7), lengths, strict=True)
    ]
    return Storyboard(style=brief.style, shots=numbered(drafts))


def offers(style: Style) -> tuple[Offer, ...]:
    """Three other styles of the catalogue to put to the user; their keys may come back as the feedback of a refine."""
    return tuple(Offer(key=look.key, label=look.label, style=look.style) for look in offers_for(style))


def find_offer(offers: Sequence[Offer], feedback: str) -> Offer | None:
    """The offer the feedback names by key or label, whatever its letter case and punctuation."""
    said = _bare(feedback)
    return next((offer for offer in offers if said and said in (_bare(offer.key), _bare(offer.label))), None)


def own_words(feedback: str) -> str:
    """A remark as it may stand in picture prompts when Claude cannot turn it into some; may be empty."""
    return clean_style(prompt_words(feedback, STYLE))


def picture_prompt(shot: Shot, style: Style) -> str:
    """The words Midjourney gets: the shot's, then the style's unless they stand there; at most 1,800 characters."""
    words = prompt_words(style.words, STYLE)
    shown = prompt_words(shot.picture_prompt, LONGEST_PICTURE_PROMPT - STYLE - 2)
    if not words or words.lower() in shown.lower():
        return shown
    return f"{shown}, {words}" if shown else words


def _style(words: str, brief: Brief, kept: Storyboard | None) -> Style:
    if kept is not None:
        return kept.style
    if brief.style_binds or any(match.used for match in brief.matches):
        return brief.style
    return Style(words=prompt_words(words, STYLE) or brief.style.words, sref=brief.style.sref)


def _request(parts: list[str], schema: dict[str, Any]) -> ClaudeRequest:
    return ClaudeRequest(
        system=system("director", with_catalogue=True), messages=(user_turn(parts),), schema=schema,
        max_tokens=MAX_TOKENS, effort=EFFORT,
    )


def _about(
    former: Storyboard | None, feedback: str | None, changing: Sequence[int] | None, said: Sequence[str],
) -> list[str]:
    parts = []
    if former is not None:
        parts.append(quoted_json("former_storyboard", storyboard_json(former)))
    parts += conversation(said)
    if feedback is not None:
        parts.append(quoted("feedback", feedback))
    if changing is not None:
        parts.append(quoted_json("shots_to_change", list(changing)))
    return parts


def _taken_again(shots: Sequence[Shot]) -> tuple[Shot, ...]:
    return tuple(shot.model_copy(update={"take": shot.take + 1}) for shot in shots)


def _three_lengths(total: int, lengths: Sequence[int]) -> tuple[int, ...]:
    """Three lengths nearest to the total, as equal as can be, the longest last."""
    ways = (way for way in product(lengths, repeat=SIMPLE_SHOTS) if list(way) == sorted(way))
    return min(ways, key=lambda way: (abs(sum(way) - total), way[-1] - way[0], -sum(way)))


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))

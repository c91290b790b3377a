"""From Claude's answer to a Brief: whatever the schema allows becomes something a film can be made from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from ..model import Aspect, Brief, Match, Style
from .documents import object_schema
from .language import language_of, language_tag
from .phrases import phrases_for
from .prompts.styles import DEFAULT, closest, find_look
from .reading import DEFAULT_RATIO, DEFAULT_SECONDS, LENGTHS, RATIOS, nearest_length, ratio_in, seconds_in, subject_of
from .text import Whole, clean, cut, prompt_words

TITLE, TONE, INTENT, STYLE, CONSTRAINT, REASON = 80, 120, 900, 400, 200, 300
MOST_CONSTRAINTS = 8
# The default stands first: a model that does not choose, chooses it.
BRIEF_SCHEMA = object_schema(
    title={"type": "string"},
    language={"type": "string", "description": "BCP 47 tag"},
    intent={"type": "string"},
    tone={"type": "string"},
    style_words={"type": "string"},
    style_reference={"type": "string", "description": "a key of the style catalogue, or empty"},
    duration_seconds={"type": "integer", "enum": list(LENGTHS)},
    aspect_ratio={"type": "string", "enum": list(RATIOS)},
    constraints={"type": "array", "items": {"type": "string"}},
    recalled_project_id={"type": "string", "description": "id of the project to follow, or empty"},
    recall_reason={"type": "string"},
)


class BriefAnswer(BaseModel):
    """The orchestrator's answer as it comes, before any of it is believed."""

    title: str
    language: str
    intent: str
    tone: str
    style_words: str
    style_reference: str
    duration_seconds: Whole
    aspect_ratio: str
    constraints: list[str]
    recalled_project_id: str
    recall_reason: str


def plain_brief(message: str) -> Brief:
    """What the message says by its plain words alone; always a brief that a film can be made from."""
    language = language_of(message)
    phrases = phrases_for(language)
    subject = subject_of(message) or phrases.no_subject
    return Brief(
        title=_headline(subject), language=language, intent=clean(message, INTENT) or phrases.no_subject,
        tone=phrases.tone, style=(closest(message) or DEFAULT).style,
        duration_seconds=seconds_in(message) or DEFAULT_SECONDS, aspect_ratio=ratio_in(message) or DEFAULT_RATIO,
    )


def settle_brief(
    answer: BriefAnswer, message: str, matches: Iterable[Match], former: Brief | None = None,
    aspect: Aspect | None = None,
) -> Brief:
    """The Brief an answer stands for.

    Empty or impossible fields come from the project followed, else the former brief, else the message itself.
    """
    seen = sorted(matches, key=lambda match: -match.similarity)
    followed, past = _followed(clean(answer.recalled_project_id, 100), seen)
    base = former or plain_brief(message)
    language = language_tag(answer.language) or base.language
    tone = clean(answer.tone, TONE)
    brief = Brief(
        title=clean(answer.title, TITLE) or base.title,
        language=language,
        intent=clean(answer.intent, INTENT) or base.intent,
        tone=_same_or_new(tone, past.tone) if past else tone or base.tone,
        style=_followed_style(answer, past.style) if past
        else read_style(answer.style_words, answer.style_reference, base.style),
        duration_seconds=_seconds(answer.duration_seconds) or nearest_length((past or base).duration_seconds),
        aspect_ratio=_ratio(answer.aspect_ratio) or _ratio((past or base).aspect_ratio) or DEFAULT_RATIO,
        constraints=_constraints(answer.constraints),
        matches=_marked(seen, followed, clean(answer.recall_reason, REASON), language),
    )
    return _only_what_was_asked(brief, former, aspect) if former else brief


def read_style(words: str, reference: str, base: Style) -> Style:
    """The style two fields name: a catalogue key without words brings its own; neither leaves the base."""
    plain, look = prompt_words(words, STYLE), find_look(clean(reference, 100))
    if look:
        return Style(words=plain or look.words, sref=look.key)
    if clean(reference, 500) == base.sref or not plain:
        return Style(words=plain or base.words, sref=base.sref)
    return Style(words=plain)


def alike(one: str, other: str) -> bool:
    """Most of the words of the shorter text stand in the other: the same thing said again, not a new one."""
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return bool(first and second) and len(first & second) >= 0.6 * min(len(first), len(second))


def _followed(project_id: str, seen: list[Match]) -> tuple[Match | None, Brief | None]:
    for match in seen:
        if project_id and match.project_id == project_id:
            try:
                return match, Brief.model_validate(match.brief)
            except ValidationError:
                return match, None
    return None, None


def _same_or_new(said: str, past: str) -> str:
    return past if not said or alike(said, past) else said


def _followed_style(answer: BriefAnswer, past: Style) -> Style:
    """The followed look exactly, unless the answer names another one: then the user asked for that difference."""
    words, reference = prompt_words(answer.style_words, STYLE), clean(answer.style_reference, 500)
    look = find_look(reference)
    other_look = look is not None and look.key != past.sref.lower()
    same_words = not words or alike(words, past.words)
    if not other_look:
        if same_words:
            return past
        return Style(words=words, sref=past.sref if reference == past.sref else "")
    assert look is not None
    return look.style if same_words else Style(words=words, sref=look.key)


def _seconds(seconds: int) -> int | None:
    return nearest_length(seconds) if seconds > 0 else None


def _ratio(ratio: str) -> str | None:
    plain = re.sub(r"\s*[:x/]\s*", ":", clean(ratio, 20).lower())
    return plain if plain in RATIOS else None


def _constraints(lines: list[str]) -> tuple[str, ...]:
    kept = dict.fromkeys(clean(line, CONSTRAINT) for line in lines[: 4 * MOST_CONSTRAINTS])
    return tuple(line for line in kept if line)[:MOST_CONSTRAINTS]


def _marked(seen: list[Match], followed: Match | None, reason: str, language: str) -> tuple[Match, ...]:
    if followed is None:
        return tuple(seen)
    why = reason or phrases_for(language).recalled.format(title=followed.title)
    return tuple(
        match.model_copy(update={"used": True, "reason": why}) if match.project_id == followed.project_id else match
        for match in seen
    )


def _only_what_was_asked(brief: Brief, former: Brief, aspect: Aspect | None) -> Brief:
    """On a refine the aspect says what may change; the rest is the former brief, whatever the answer says."""
    matches = brief.matches
    if not any(match.used for match in matches):
        matches = _still_used(matches, former.matches)
    match aspect:
        case Aspect.STYLE:
            kept: dict[str, Any] = {**former.model_dump(), "style": brief.style}
        case Aspect.SCRIPT:
            kept = {**brief.model_dump(), "style": former.style, "aspect_ratio": former.aspect_ratio}
        case Aspect.VISUALS:
            kept = {**former.model_dump(), "intent": brief.intent, "constraints": brief.constraints}
        case _:
            kept = brief.model_dump()
    return Brief.model_validate({**kept, "matches": matches})


def _still_used(now: tuple[Match, ...], before: tuple[Match, ...]) -> tuple[Match, ...]:
    used = tuple(match for match in before if match.used)
    ids = {match.project_id for match in used}
    return used + tuple(match for match in now if match.project_id not in ids)


def _headline(subject: str) -> str:
    title = cut(subject, 60)
    return title[:1].upper() + title[1:]

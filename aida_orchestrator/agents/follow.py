"""The settings of a film, tone, look, length and format: of its own, of its campaign, or of the film that it follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ..model import Brief, Style
from . import naming, pins, references
from .answers import TONE, BriefAnswer
from .formats import DEFAULT_RATIO, RATIOS, ratios_in
from .lengths import DEFAULT_SECONDS, lengths_in, nearest_length
from .prompts.styles import find_look
from .text import clean, plain_words, prompt_words

STYLE = 400


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a film has where its message is silent: a campaign's settings, else what the user usually likes.

    `style`, `tone` and `language` are only a campaign's, and bind; a tone or language that the message asks for in so many
    words goes before. What is liked must suit the subject: the model sees it, and it is had where the model leaves it open.
    """

    style: Style | None = None
    duration_seconds: int | None = None
    aspect_ratio: str | None = None
    tone: str = ""
    language: str = ""
    liked_style: Style | None = None
    liked_tone: str = ""


NOTHING = Defaults()


def fresh(answer: BriefAnswer, message: str, base: Brief, defaults: Defaults) -> dict[str, Any]:
    """Settings of a film that follows none. The length and format that the message names are its own, whatever the answer.

    Where it names none: what the model leaves at its default was not asked for, and ours takes its place.
    """
    said, ratio = _seconds(answer.duration_seconds), _ratio(answer.aspect_ratio)
    return {
        "tone": (defaults.tone if not naming.names_a_tone(message) else "") or plain_words(answer.tone, TONE) or base.tone,
        "style": defaults.style or read_style(answer.style_words, answer.style_reference, base.style),
        "style_binds": defaults.style is not None,
        "duration_seconds": pins.chosen(lengths_in(message), said) or (said if said != DEFAULT_SECONDS else None)
        or defaults.duration_seconds or said or nearest_length(base.duration_seconds),
        "aspect_ratio": pins.chosen(ratios_in(message), ratio) or (ratio if ratio != DEFAULT_RATIO else None)
        or defaults.aspect_ratio or ratio or _ratio(base.aspect_ratio) or DEFAULT_RATIO,
    }


def changed(answer: BriefAnswer, former: Brief) -> dict[str, Any]:
    """Settings of a refined film: the answer's, which has read the feedback; the message is that of the first film."""
    style = read_style(answer.style_words, answer.style_reference, former.style)
    return {
        "tone": plain_words(answer.tone, TONE) or former.tone,
        "style": style,
        "references": references.kept(former, style),
        "duration_seconds": _seconds(answer.duration_seconds) or nearest_length(former.duration_seconds),
        "aspect_ratio": _ratio(answer.aspect_ratio) or _ratio(former.aspect_ratio) or DEFAULT_RATIO,
    }


def next_of(own: Brief, answer: BriefAnswer, message: str, defaults: Defaults, base: Brief) -> dict[str, Any]:
    """Settings of a message that goes on with a project: where it and the answer are silent, its last film stands."""
    base = base.model_copy(update={"tone": own.tone, "style": own.style})
    length = pins.length_of(message, own, _seconds(answer.duration_seconds))
    settings = fresh(answer, message, base, replace(
        defaults, duration_seconds=length, aspect_ratio=_ratio(own.aspect_ratio) or defaults.aspect_ratio))
    return {**settings, "references": references.followed(own, settings["style"])}


def as_before(answer: BriefAnswer, message: str, past: Brief) -> dict[str, Any]:
    """The settings of the film that is followed, field by field; the answer counts only in one that the message touches."""
    tone = plain_words(answer.tone, TONE) if pins.touches_tone(message) else ""
    return _structured(past, {
        "tone": _same_or_new(tone, past.tone),
        "style": _followed_style(answer, past.style) if pins.touches_look(message) else past.style,
        "duration_seconds": pins.length_of(message, past, _seconds(answer.duration_seconds)),
        "aspect_ratio": pins.ratio_of(message, past, _ratio(answer.aspect_ratio)),
    })


def _structured(past: Brief, settings: dict[str, Any]) -> dict[str, Any]:
    same = settings["duration_seconds"] == past.duration_seconds
    return {**settings, "structure": past.structure if same else None, "style_binds": True,
            "references": references.followed(past, settings["style"])}


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

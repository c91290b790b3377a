"""From Claude's answer to a Brief: whatever the schema allows becomes something a film can be made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..model import Aspect, Brief, Match, Reference, Style
from . import naming, pins, references
from .answers import TITLE, BriefAnswer
from .follow import NOTHING, Defaults, as_before, changed, fresh, next_of
from .formats import DEFAULT_RATIO, ratio_in
from .language import language_of, language_tag
from .lengths import DEFAULT_SECONDS, seconds_in
from .phrases import phrases_for
from .prompts.styles import DEFAULT, closest
from .reading import subject_of
from .text import clean, cut, plain_words

INTENT, CONSTRAINT, REASON = 900, 200, 300
MOST_CONSTRAINTS = 8
NOT_FOLLOWED = "Alike in subject; not followed."


def plain_brief(message: str, defaults: Defaults = NOTHING, named: Sequence[Reference] = ()) -> Brief:
    """What the message says by its plain words alone; always a brief that a film can be made from."""
    language = defaults.language or language_of(message)
    phrases = phrases_for(language)
    subject = subject_of(message) or phrases.no_subject
    return Brief(
        title=_headline(subject), language=language, intent=plain_words(message, INTENT) or phrases.no_subject,
        tone=defaults.tone or defaults.liked_tone or phrases.tone, style=_plain_style(message, defaults),
        style_binds=defaults.style is not None,
        duration_seconds=seconds_in(message) or defaults.duration_seconds or DEFAULT_SECONDS,
        aspect_ratio=ratio_in(message) or defaults.aspect_ratio or DEFAULT_RATIO, references=references.usable(named),
    )


def _plain_style(message: str, defaults: Defaults) -> Style:
    liked = None if naming.names_a_look(message) else defaults.liked_style
    return defaults.style or liked or (closest(message) or DEFAULT).style


def settle_brief(
    answer: BriefAnswer, message: str, matches: Iterable[Match], former: Brief | None = None,
    aspect: Aspect | None = None, defaults: Defaults = NOTHING, named: Sequence[Reference] = (),
    found: Mapping[str, Reference] | None = None,
) -> Brief:
    """The Brief an answer stands for. `named` are the pictures the request names to go by, `found` those the tools showed.

    With an `aspect` it refines `former`; without one `former` is the last film of the project that the message goes on with.
    Empty or impossible fields come from the project followed, else the former brief, else the message itself. A message
    that points back gets the settings of the project it means, but for those it touches, whatever the answer.
    """
    seen = sorted(matches, key=lambda match: -match.similarity)
    refined, own = (former, None) if aspect is not None else (None, former)
    followed, past = _meant(clean(answer.recalled_project_id, 100), seen, message, refined, own)
    base = refined or plain_brief(message, defaults)
    bound = defaults.language if refined is None and not naming.names_a_language(message) else ""
    language = bound or language_tag(answer.language) or base.language
    if refined is not None:
        settings = changed(answer, refined)
    elif past is not None:
        settings = as_before(answer, message, past)
    elif own is not None:
        settings = next_of(own, answer, message, defaults, base)
    else:
        settings = fresh(answer, message, base, defaults)
    by = references.usable(named) or references.answered(answer.reference_files, found or {})
    if by:
        settings["references"] = by
    brief = Brief(
        title=plain_words(answer.title, TITLE) or base.title,
        language=language,
        intent=plain_words(answer.intent, INTENT) or base.intent,
        constraints=_constraints(answer.constraints),
        matches=_marked(seen, followed, plain_words(answer.recall_reason, REASON), language),
        **settings,
    )
    return _only_what_was_asked(brief, refined, aspect) if refined else brief


def _meant(
    project_id: str, seen: list[Match], message: str, refined: Brief | None, own: Brief | None,
) -> tuple[Match | None, Brief | None]:
    """The film that is followed: the answer's, of those that were shown; else the one that a message pointing back means."""
    followed, past = _read(next((match for match in seen if project_id and match.project_id == project_id), None))
    if past is not None or refined is not None or not pins.points_back(message):
        return followed, past
    # "Like last time", and no more, said in a project means its own film.
    if own is None or not pins.names_no_subject(message):
        followed, past = _read(pins.meant(seen))
    return (followed, past) if past is not None else (None, own)


def _read(match: Match | None) -> tuple[Match | None, Brief | None]:
    if match is None:
        return None, None
    try:
        return match, Brief.model_validate(match.brief)
    except ValidationError:
        return match, None


def _constraints(lines: list[str]) -> tuple[str, ...]:
    kept = dict.fromkeys(plain_words(line, CONSTRAINT) for line in lines[: 4 * MOST_CONSTRAINTS])
    return tuple(line for line in kept if line)[:MOST_CONSTRAINTS]


def _marked(seen: list[Match], followed: Match | None, reason: str, language: str) -> tuple[Match, ...]:
    """A match that has a reason of its own (the door through which it came) keeps it."""
    marked = []
    for match in seen:
        used = followed is not None and match.project_id == followed.project_id
        why = (reason or phrases_for(language).recalled.format(title=match.title)) if used else NOT_FOLLOWED
        marked.append(match.model_copy(update={"used": used, "reason": match.reason or why}))
    return tuple(marked)


def _only_what_was_asked(brief: Brief, former: Brief, aspect: Aspect | None) -> Brief:
    """On a refine the aspect says what may change; the rest is the former brief, whatever the answer says."""
    matches = brief.matches
    if not any(match.used for match in matches):
        matches = _still_used(matches, former.matches)
    match aspect:
        case Aspect.STYLE:
            kept: dict[str, Any] = {**former.model_dump(), "style": brief.style,
                                    "references": references.kept(former, brief.style)}
        case Aspect.SCRIPT:
            kept = {**brief.model_dump(), "style": former.style, "aspect_ratio": former.aspect_ratio,
                    "references": former.references}
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

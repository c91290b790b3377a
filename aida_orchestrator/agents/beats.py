"""Beats that fit the film: as many as its length can hold, five or ten seconds each, exactly as long together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..model import Beat, Brief
from .phrases import phrases_for
from .reading import subject_of
from .text import clean, cut

UNIT = 5
WORDS_IN_A_UNIT, PICTURE = 160, 400
# English, because they become picture prompts; the subject stays in the user's words. Distances are the director's.
_TEMPLATE_PICTURES = (
    "{subject}, the whole scene in first light",
    "{subject}, a quiet beginning, nothing has happened yet",
    "{subject}, one thing in focus, everything else soft",
    "{subject}, a telling detail, its texture clearly visible",
    "{subject}, the fullest moment, everything in motion",
    "{subject}, a calm last image with much open space",
)


def template_beats(message: str, brief: Brief) -> tuple[Beat, ...]:
    """Up to six beats about the message itself, in the brief's language where we know it."""
    phrases = phrases_for(brief.language)
    subject = subject_of(message) or brief.title or phrases.no_subject
    opening = subject[:1].upper() + subject[1:]
    count = min(_units(brief), len(phrases.lines))
    # A shorter film leaves out the middle: the opening and the name at the end are what it cannot do without.
    chosen = [*range(count - 1), len(phrases.lines) - 1] if count > 1 else [0]
    beats = [
        Beat(
            words=phrases.lines[place].format(subject=opening, title=brief.title or opening),
            picture=_TEMPLATE_PICTURES[place].format(subject=subject), seconds=UNIT,
        )
        for place in chosen
    ]
    return _timed(beats, _units(brief)) if not pinned_beats(brief) else _like_before(beats, brief)


def pinned_beats(brief: Brief) -> tuple[int, ...]:
    """Seconds of the beats of the film that is followed; empty when none binds."""
    kept = brief.structure.beats if brief.structure else ()
    return kept if sum(kept) == brief.duration_seconds and all(seconds >= UNIT for seconds in kept) else ()


def fit_beats(beats: Sequence[Beat], message: str, brief: Brief) -> tuple[Beat, ...]:
    """The beats cleaned, completed and timed; the template's when nothing usable was given."""
    units = _units(brief)
    template = template_beats(message, brief)
    told = [beat for beat in map(_cleaned, beats[:200]) if beat.words or beat.picture]
    if not told:
        return template
    if pinned_beats(brief):
        timed = _like_before([_with_picture(beat, brief) for beat in told], brief)
    else:
        if len(told) > units:
            told = [*told[: units - 1], told[-1]] if units > 1 else told[:1]
        while 2 * len(told) < units:
            told = _split_longest(told)
        timed = _timed([_with_picture(beat, brief) for beat in told], units)
    if any(beat.words for beat in timed):
        return tuple(_short_enough(beat) for beat in timed)
    last = timed[-1].model_copy(update={"words": template[-1].words})
    return (*timed[:-1], last)


def _like_before(beats: Sequence[Beat], brief: Brief) -> tuple[Beat, ...]:
    """As many beats as the film that is followed has, each as long as the one in its place."""
    lengths, told = pinned_beats(brief), list(beats)
    if len(told) > len(lengths):
        told = [*told[: len(lengths) - 1], told[-1]] if len(lengths) > 1 else told[:1]
    while len(told) < len(lengths):
        told = _split_longest(told)
    return tuple(beat.model_copy(update={"seconds": seconds}) for beat, seconds in zip(told, lengths, strict=True))


def _units(brief: Brief) -> int:
    return max(1, brief.duration_seconds // UNIT)


def _cleaned(beat: Beat) -> Beat:
    words, picture = clean(beat.words, 4 * WORDS_IN_A_UNIT), clean(beat.picture, PICTURE)
    return Beat(words=words, picture=picture, seconds=beat.seconds)


def _with_picture(beat: Beat, brief: Brief) -> Beat:
    return beat if beat.picture else beat.model_copy(update={"picture": cut(f"{brief.title}: {beat.words}", PICTURE)})


def _short_enough(beat: Beat) -> Beat:
    return beat.model_copy(update={"words": cut(beat.words, WORDS_IN_A_UNIT * beat.seconds // UNIT)})


def _split_longest(beats: list[Beat]) -> list[Beat]:
    """One beat more: the one with the most to say goes on in a second one, with the same picture."""
    place = max(range(len(beats)), key=lambda at: (beats[at].seconds > UNIT, len(beats[at].words), -at))
    beat = beats[place]
    first, second = _halves(beat.words)
    half = max(UNIT, beat.seconds // 2)
    return [
        *beats[:place], Beat(words=first, picture=beat.picture, seconds=half),
        Beat(words=second, picture=beat.picture, seconds=half), *beats[place + 1 :],
    ]


def _halves(words: str) -> tuple[str, str]:
    """The words in two, at the sentence end or comma nearest to the middle; short lines are not torn."""
    ends = [found.end() for found in re.finditer(r"[.;:!?…]\s+|,\s+", words)]
    if not ends or len(words) < 30:
        return words, ""
    middle = min(ends, key=lambda end: abs(end - len(words) / 2))
    return words[:middle].strip(), words[middle:].strip()


def _timed(beats: list[Beat], units: int) -> tuple[Beat, ...]:
    """One unit each, a second one for those that asked for most; `units` is once to twice the number of beats."""
    spare = units - len(beats)
    wanting = sorted(range(len(beats)), key=lambda at: (-min(beats[at].seconds, 60), -len(beats[at].words), -at))
    longer = set(wanting[:spare])
    return tuple(
        beat.model_copy(update={"seconds": 2 * UNIT if place in longer else UNIT}) for place, beat in enumerate(beats)
    )

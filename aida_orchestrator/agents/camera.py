"""How a shot is seen and how the camera moves, told from the words of its prompts; and other words for the same shot."""

from __future__ import annotations

import re
from typing import NamedTuple

_MANNER = r"(?:\b(?:very|slow|slowly|gentle|gently|smooth|steady|quick|fast|subtle|soft)\b[\s,]+)*"
_DISTANCES = (
    ("detail", r"extreme close[- ]?ups?|macro(?: detail)?(?: shots?)?|detail shots?|insert shots?"),
    ("medium close", r"medium[- ]close[- ]?ups?|head and shoulders"),
    ("close", r"close[- ]?ups?|tight shots?|close (?:shot|view)s?"),
    ("medium", r"(?:medium|mid|hero|two|cowboy)[- ](?:wide )?(?:shot|view|framing)s?|waist[- ]up|hero shots?"),
    ("wide", r"(?:extreme )?(?:wide|establishing|long|full|panoramic|aerial)(?: (?:establishing|closing|end|angle))?"
             r"[- ](?:shot|view|frame|framing)s?|panorama|end frame|wide angle"),
)
_ANGLES = (
    ("low", r"low[- ]angle(?: (?:view|shot))?|from below|worm['’]s[- ]eye(?: view)?"),
    ("high", r"high[- ]angle(?: (?:view|shot))?|from above|overhead(?: (?:view|shot))?|top[- ]down(?: view)?"
             r"|bird['’]?s?['’]?[- ]eye(?: view)?|aerial|drone (?:view|shot)"),
    ("side", r"side view|from the side|profile(?: view)?"),
    ("shoulder", r"over[- ]the[- ]shoulder(?: (?:view|shot))?"),
    ("diagonal", r"three[- ]quarter(?: (?:view|angle))?|dutch angle"),
    ("behind", r"from behind|rear view"),
    ("eyes", r"point of view|pov|first[- ]person"),
)
_MOVES = (
    ("static", r"static(?: (?:camera|shot|frame))?|locked(?:[- ]off)?(?: camera)?|fixed camera"
               r"|(?:the )?camera (?:holds|stays)(?: still)?"),
    ("push", r"push(?:es)?[- ]in|dolly[- ]in|zoom(?:s)?[- ]in|creep(?:s)?[- ]in|move(?:s)? in|camera (?:moves )?forward"),
    ("pull", r"pull(?:s)?[- ](?:back|out|away)|dolly[- ](?:out|back)|zoom(?:s)?[- ]out|move(?:s)? back"),
    ("pan left", r"pan(?:s|ning)?(?: \w+)?(?: to)?(?: the)? left"),
    ("pan right", r"pan(?:s|ning)?(?: \w+)?(?: to)?(?: the)? right"),
    ("pan", r"pan(?:s|ning)?\b|whip pan"),
    ("tilt up", r"tilt(?:s|ing)? up(?:ward)?"), ("tilt down", r"tilt(?:s|ing)? down(?:ward)?"),
    ("orbit", r"(?:half )?orbit(?:s|ing)?(?: (?:to the )?(?:left|right))?|arcs? around|circles around"),
    ("track", r"track(?:s|ing)?(?: shot)?|lateral (?:slide|move)|slider?(?: move)?|glid(?:e|es|ing)|follow(?:s|ing)?"),
    ("rise", r"crane(?:s)?(?: (?:up|shot|down))?|drone (?:rise|shot|flight)|rises? up|boom(?:s)? up|ascend(?:s|ing)?"),
    ("hand", r"hand[- ]?held"),
)
# What code says itself where neighbours were the same.
_OTHER_FRAMINGS = ("wide shot", "close-up", "medium shot at eye level", "low angle view", "overhead view")
_OTHER_MOVES = ("slow push-in", "static camera", "gentle pan to the right", "slow pull-back", "slow tilt up")
_BEGINNING = 160


class Framing(NamedTuple):
    """Distance and angle, None where the prompt does not say."""

    distance: str | None
    angle: str | None


def framing(picture_prompt: str) -> Framing:
    """How near and from where, by the words at the prompt's beginning."""
    head = picture_prompt[:_BEGINNING]
    return Framing(_first(_COMPILED_DISTANCES, head)[0], _first(_COMPILED_ANGLES, head)[0])


def same_framing(one: str, other: str) -> bool:
    """Whether two prompts say, in so many words, the same distance from the same angle."""
    return framing(one) == framing(other) != Framing(None, None)


def move(motion_prompt: str) -> str | None:
    """The camera's first move; None if none is named."""
    return _first(_COMPILED_MOVES, motion_prompt)[0]


def same_move(one: str, other: str) -> bool:
    """Whether two prompts name the same move."""
    return move(one) is not None and move(one) == move(other)


def reframed(picture_prompt: str, *others: str) -> str:
    """The prompt in a framing that none of the others has; its own words for distance and angle are taken out."""
    taken = {framing(other) for other in others}
    new = next((words for words in _OTHER_FRAMINGS if framing(words) not in taken), _OTHER_FRAMINGS[0])
    rest = picture_prompt
    for table in (_COMPILED_DISTANCES, _COMPILED_ANGLES):
        while (found := _first(table, rest[:_BEGINNING])[1]) is not None:
            rest = rest[: found.start()] + rest[found.end() :]
    rest = re.sub(r"\s*,(?:\s*,)+", ",", " ".join(rest.split())).strip(" ,:;")
    rest = re.sub(r"^(?:at eye level|of|in|with|and)\b[\s,:]*", "", rest)
    return f"{new}, {rest}" if rest else new


def moved_otherwise(motion_prompt: str, *others: str) -> str:
    """The prompt with a camera move that none of the others has."""
    taken = {move(other) for other in others}
    new = next((words for words in _OTHER_MOVES if move(words) not in taken), _OTHER_MOVES[0])
    found = _first(_COMPILED_MOVES, motion_prompt)[1]
    if found is None:
        return f"{new}, {motion_prompt}".strip(" ,")
    rest = f"{motion_prompt[: found.start()]}{new}{motion_prompt[found.end() :]}"
    return " ".join(rest.split())


def _compiled(table: tuple[tuple[str, str], ...], before: str = "") -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"{before}\b(?:{words})(?!\w)", re.IGNORECASE)) for kind, words in table)


def _first(table: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> tuple[str | None, re.Match[str] | None]:
    """The kind named first, the longer words where two begin at one place."""
    hits = [(found.start(), -len(found[0]), kind, found) for kind, words in table if (found := words.search(text))]
    if not hits:
        return None, None
    _, _, kind, found = min(hits, key=lambda hit: hit[:2])
    return kind, found


_COMPILED_DISTANCES, _COMPILED_ANGLES = _compiled(_DISTANCES), _compiled(_ANGLES)
_COMPILED_MOVES = _compiled(_MOVES, _MANNER)

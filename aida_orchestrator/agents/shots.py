"""Shots that fit the film: lengths the video provider can make, exactly as long together, nothing left empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..model import Beat, Brief, Script, Shot
from .text import clean, prompt_words

USUAL_SECONDS = 5
PICTURE, MOTION = 1200, 600
MOST_DRAFTS = 60

FRAMINGS = (
    "wide establishing shot", "medium shot at eye level", "extreme close-up", "low angle view", "overhead view",
    "over-the-shoulder view", "side view with deep background", "wide closing shot",
)
MOTIONS = (
    "slow push-in, gentle natural movement in the scene", "static camera, soft movement of air and light",
    "slow pan to the right, the subject moves slightly", "slow tilt up, light shifts across the scene",
    "slow orbit to the left, background drifts", "slow pull-back, the scene comes to rest",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A shot before it has its number; `beat` is 1-based, `seconds` only a wish."""

    beat: int
    picture_prompt: str
    motion_prompt: str
    seconds: int


def fit_shots(drafts: Sequence[Draft], brief: Brief, script: Script, clip_seconds: Sequence[int]) -> list[Draft]:
    """The drafts cleaned, completed to the brief's length from beats, or cut to it; lengths out of `clip_seconds`."""
    lengths = usable_lengths(clip_seconds)
    script = script.model_copy(update={"beats": beats_of(script, brief)})
    total = nearest_total(brief.duration_seconds, lengths)
    given = [_cleaned(draft, script, place) for place, draft in enumerate(drafts[:MOST_DRAFTS])]
    given = [draft for draft in given if draft.picture_prompt]
    if pinned := _pinned(brief, lengths, total):
        return _distinct(_like_before(given, pinned, brief, script))
    wished = [nearest(draft.seconds, lengths) for draft in given]
    missing = (total - sum(wished)) // nearest(USUAL_SECONDS, lengths)
    drafted = _filled(given, missing, brief, script) if missing > 0 else given
    return _distinct(_timed(drafted, total, lengths, brief, script))


def _pinned(brief: Brief, lengths: Sequence[int], total: int) -> tuple[int, ...]:
    """Seconds of the shots of the film that is followed; empty when none binds, or the provider cannot make them now."""
    kept = brief.structure.shots if brief.structure else ()
    return kept if sum(kept) == total and set(kept) <= set(lengths) else ()


def _like_before(drafts: list[Draft], kept: Sequence[int], brief: Brief, script: Script) -> list[Draft]:
    """As many shots as the film that is followed has, each as long as the one in its place."""
    tried = drafts
    while len(tried) > len(kept):
        tried = _without_one(tried)
    tried = _filled(tried, len(kept) - len(tried), brief, script)
    return [replace(draft, seconds=seconds) for draft, seconds in zip(tried, kept, strict=True)]


def numbered(drafts: Sequence[Draft], former: Sequence[Shot] = ()) -> tuple[Shot, ...]:
    """Shots 1..n; one whose picture was asked for before keeps its take, so that it need not be bought again."""
    takes = {(shot.number, shot.picture_prompt): shot.take for shot in former}
    return tuple(
        Shot(
            number=number, beat=draft.beat, picture_prompt=draft.picture_prompt, motion_prompt=draft.motion_prompt,
            seconds=draft.seconds, take=takes.get((number, draft.picture_prompt), 1),
        )
        for number, draft in enumerate(drafts, 1)
    )


def from_beat(beat: Beat, number: int, place: int, brief: Brief) -> Draft:
    """A shot of a beat that nobody drew: its picture in the framing that is due at this place."""
    seen = prompt_words(beat.picture or beat.words, PICTURE // 2) or prompt_words(brief.title, 80) or "the subject"
    return Draft(
        number, f"{FRAMINGS[place % len(FRAMINGS)]}, {seen}", MOTIONS[place % len(MOTIONS)], beat.seconds
    )


def beats_of(script: Script, brief: Brief) -> tuple[Beat, ...]:
    """The script's beats; one made of the brief when a script has none."""
    return script.beats or (Beat(words=brief.title, picture=brief.intent, seconds=brief.duration_seconds),)


def usable_lengths(clip_seconds: Sequence[int]) -> tuple[int, ...]:
    """The provider's lengths in order; raises ValueError when there is none."""
    lengths = tuple(sorted({seconds for seconds in clip_seconds if seconds > 0}))
    if not lengths:
        raise ValueError("clip_seconds names no length")
    return lengths


def nearest(seconds: int, lengths: Sequence[int]) -> int:
    """The length nearest to the wish, the shorter one between two."""
    return min(lengths, key=lambda length: (abs(length - seconds), length))


def nearest_total(wanted: int, lengths: Sequence[int]) -> int:
    """The length nearest to the wanted one that whole clips can add up to, the longer one between two."""
    reach = {0}
    for total in range(1, wanted + max(lengths) + 1):
        if any(total - length in reach for length in lengths):
            reach.add(total)
    return min(reach - {0}, key=lambda total: (abs(total - wanted), -total))


def spread(wishes: Sequence[int], total: int, lengths: Sequence[int]) -> list[int] | None:
    """Lengths nearest to the wishes that add up to `total`; None if that many clips cannot."""
    best: dict[int, tuple[int, list[int]]] = {0: (0, [])}
    for wish in wishes:
        after: dict[int, tuple[int, list[int]]] = {}
        for so_far, (cost, chosen) in best.items():
            for length in lengths:
                reached, price = so_far + length, cost + (length - wish) ** 2
                if reached <= total and (reached not in after or price < after[reached][0]):
                    after[reached] = (price, [*chosen, length])
        best = after
    return best[total][1] if total in best else None


def _cleaned(draft: Draft, script: Script, place: int) -> Draft:
    return Draft(
        beat=max(1, min(len(script.beats), draft.beat)),
        picture_prompt=prompt_words(draft.picture_prompt, PICTURE),
        motion_prompt=prompt_words(draft.motion_prompt, MOTION) or MOTIONS[place % len(MOTIONS)],
        seconds=max(0, min(60, draft.seconds)),
    )


def _filled(drafts: list[Draft], missing: int, brief: Brief, script: Script) -> list[Draft]:
    """`missing` more shots, each of the beat that has the fewest for its length, put where that beat is told."""
    filled = list(drafts)
    for _ in range(missing):
        at = min(range(len(script.beats)), key=lambda place: (_coverage(filled, place + 1, script), place))
        extra = replace(from_beat(script.beats[at], at + 1, len(filled), brief), seconds=USUAL_SECONDS)
        after = [place for place, draft in enumerate(filled) if draft.beat <= extra.beat]
        filled.insert(after[-1] + 1 if after else 0, extra)
    return filled


def _coverage(drafts: list[Draft], number: int, script: Script) -> float:
    """Shots of this beat for each of its seconds."""
    return sum(draft.beat == number for draft in drafts) / max(1, script.beats[number - 1].seconds)


def _timed(drafts: list[Draft], total: int, lengths: Sequence[int], brief: Brief, script: Script) -> list[Draft]:
    """As many of the drafts as can be, with lengths that add up; one is dropped or added until they do."""
    most, fewest = total // lengths[0], -(-total // lengths[-1])
    while len(drafts) > most:
        drafts = _without_one(drafts)
    for count in sorted(range(fewest, most + 1), key=lambda count: (abs(count - len(drafts)), -count)):
        tried = drafts
        while len(tried) > count:
            tried = _without_one(tried)
        tried = _filled(tried, count - len(tried), brief, script)
        chosen = spread([draft.seconds for draft in tried], total, lengths)
        if chosen is not None:
            return [replace(draft, seconds=seconds) for draft, seconds in zip(tried, chosen, strict=True)]
    raise AssertionError("a reachable total is the sum of some number of clips")


def _without_one(drafts: list[Draft]) -> list[Draft]:
    """Drop a shot of the beat that has the most: what a beat tells twice is missed least, and the end is kept."""
    counts = {draft.beat: sum(other.beat == draft.beat for other in drafts) for draft in drafts}
    at = max(range(len(drafts)), key=lambda place: (counts[drafts[place].beat], place < len(drafts) - 1, place))
    return [*drafts[:at], *drafts[at + 1 :]]


def _distinct(drafts: list[Draft]) -> list[Draft]:
    """A picture asked for twice gets another framing the second time; no two neighbours look the same by accident."""
    seen: set[str] = set()
    distinct = []
    for place, draft in enumerate(drafts):
        prompt = draft.picture_prompt
        tried = place
        while prompt.lower() in seen and tried < place + len(FRAMINGS):
            prompt = clean(f"{FRAMINGS[tried % len(FRAMINGS)]}, {draft.picture_prompt}", PICTURE)
            tried += 1
        seen.add(prompt.lower())
        distinct.append(replace(draft, picture_prompt=prompt))
    return distinct

"""What code mends by itself in the better of two answers; it never touches a shot that is made and paid for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..model import Beat, Brief, Script, Shot, Storyboard, Style
from .banned import banned_in, clean_picture, clean_style, without_banned
from .beats import UNIT, WORDS_IN_A_UNIT
from .camera import Framing, framing, moved_otherwise, reframed, same_framing, same_move
from .checks import FRAMINGS_AT_LEAST, SHOTS_THAT_VARY, kept_shots, missing_beats, missing_names
from .locks import locked_looks, locked_names
from .shots import MOTIONS, PICTURE, from_beat
from .text import cut


def mend_script(script: Script, brief: Brief, former: Script | None = None) -> Script:
    """Banned phrases out, and the client's names said at the end if nowhere else."""
    kept = former.beats if former else ()
    beats = [beat if beat in kept else _clean_beat(beat) for beat in script.beats]
    said = " ".join([script.title, *(beat.words for beat in beats)]).lower()
    for name in locked_names(brief):
        if beats and name.lower() not in said:
            last = beats[-1]
            room = WORDS_IN_A_UNIT * last.seconds // UNIT - len(name) - 2
            beats[-1] = last.model_copy(update={"words": f"{cut(last.words, room)} {name}.".strip()})
    return script.model_copy(update={"beats": tuple(beats)})


def mend_storyboard(
    board: Storyboard, brief: Brief, script: Script, *, lengths: Sequence[int] = (), former: Sequence[Shot] = (),
    vary: bool = True,
) -> Storyboard:
    """Missing beats shown, locked words added, banned phrases and lettering out, neighbours seen and moved differently.

    Without `vary` framings and moves are left as they are.
    """
    board = _covered(board, brief, script, lengths, former)
    kept = kept_shots(board, former)
    looks, names = locked_looks(brief), locked_names(brief)

    def mended(shot: Shot) -> Shot:
        picture = clean_picture(shot.picture_prompt)
        motion = shot.motion_prompt
        if banned_in(motion):
            motion = without_banned(motion) or MOTIONS[shot.number % len(MOTIONS)]
        locked = [look.words for look in looks if look.shown_in(picture) and not look.kept_in(picture)]
        seen = script.beats[shot.beat - 1].picture if shot.beat <= len(script.beats) else ""
        locked += missing_names(shot, seen, names)
        room = PICTURE - sum(len(words) + 2 for words in locked)
        return shot.model_copy(update={"picture_prompt": ", ".join([cut(picture, room), *locked]), "motion_prompt": motion})

    shots = [shot if shot.number in kept else mended(shot) for shot in board.shots]
    return Storyboard(style=mend_style(board.style), shots=_varied(shots, kept) if vary else tuple(shots))


def mend_style(style: Style) -> Style:
    """The style without banned phrases and lettering; an emptied one leaves its reference to speak."""
    return style.model_copy(update={"words": clean_style(style.words)})


def _clean_beat(beat: Beat) -> Beat:
    words = without_banned(beat.words, people=False) if banned_in(beat.words, people=False) else beat.words
    picture = clean_picture(beat.picture) if banned_in(beat.picture) else beat.picture
    return beat.model_copy(update={"words": words, "picture": picture})


def _covered(
    board: Storyboard, brief: Brief, script: Script, lengths: Sequence[int], former: Sequence[Shot]
) -> Storyboard:
    """A beat without a shot takes a shot of a beat that has several, rather one that is not paid for; or half a long one."""
    missing, kept = missing_beats(board, script, lengths), kept_shots(board, former)
    shots = list(board.shots)
    for beat in missing:
        counts = {shot.beat: sum(other.beat == shot.beat for other in shots) for shot in shots}
        spare = [place for place, shot in enumerate(shots) if counts[shot.beat] > 1]
        place = min(spare, key=lambda at: (shots[at].number in kept, abs(shots[at].beat - beat), at), default=None)
        if place is None:
            place = None if kept else _halved(shots, lengths)
        if place is None:
            break
        drawn = from_beat(script.beats[beat - 1], beat, beat - 1, brief)
        shots[place] = shots[place].model_copy(update={
            "beat": beat, "picture_prompt": drawn.picture_prompt, "motion_prompt": drawn.motion_prompt, "take": 1})
    if missing and not kept:
        shots = [shot.model_copy(update={"number": number})
                 for number, shot in enumerate(sorted(shots, key=lambda shot: shot.beat), 1)]
    return board.model_copy(update={"shots": tuple(shots)})


def _halved(shots: list[Shot], lengths: Sequence[int]) -> int | None:
    """Cut the longest shot that two allowed lengths add up to; gives the place of the new second part."""
    for place in sorted(range(len(shots)), key=lambda at: -shots[at].seconds):
        whole = shots[place].seconds
        parts = [(length, whole - length) for length in lengths if whole - length in lengths]
        if parts:
            first, second = max(parts)
            shots[place] = shots[place].model_copy(update={"seconds": first})
            shots.insert(place + 1, shots[place].model_copy(update={"seconds": second}))
            return place + 1
    return None


def _varied(shots: list[Shot], kept: frozenset[int]) -> tuple[Shot, ...]:
    def differ(place: int, field: str, same: Callable[[str, str], bool], other_words: Callable[..., str]) -> None:
        """Change the second of two alike, or the first where the second is paid for."""
        one, two = shots[place - 1], shots[place]
        if not same(getattr(one, field), getattr(two, field)):
            return
        at = place if two.number not in kept else place - 1
        if shots[at].number in kept:
            return
        around = [getattr(shots[near], field) for near in (at - 1, at + 1) if 0 <= near < len(shots)]
        shots[at] = shots[at].model_copy(update={field: other_words(getattr(shots[at], field), *around)})

    for place in range(1, len(shots)):
        differ(place, "picture_prompt", same_framing, reframed)
        differ(place, "motion_prompt", same_move, moved_otherwise)
    kinds = {framing(shot.picture_prompt) for shot in shots}
    free = [place for place, shot in enumerate(shots[1:-1], 1) if shot.number not in kept]
    if len(shots) >= SHOTS_THAT_VARY and Framing(None, None) not in kinds and len(kinds) < FRAMINGS_AT_LEAST and free:
        place = free[len(free) // 2]
        everywhere = [shot.picture_prompt for shot in shots]
        shots[place] = shots[place].model_copy(update={"picture_prompt": reframed(shots[place].picture_prompt, *everywhere)})
    return tuple(shots)

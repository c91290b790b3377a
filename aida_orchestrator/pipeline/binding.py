"""What a plan keeps stays as it was, and a film gets no longer than planned, whatever an agent or a fallback answers."""

from __future__ import annotations

from collections.abc import Sequence

from ..agents.shots import from_beat
from ..model import Aspect, Beat, Brief, Plan, Script, Shot, Storyboard


def bind_brief(plan: Plan | None, brief: Brief) -> Brief:
    """The brief, no longer than planned."""
    if plan is None or brief.duration_seconds <= plan.duration_seconds:
        return brief
    return brief.model_copy(update={"duration_seconds": plan.duration_seconds})


def bind_script(plan: Plan | None, former: Script | None, written: Script) -> Script:
    """Where beats are kept, the former script with only the others rewritten, each as long as before."""
    if plan is None or former is None or not plan.kept_beats:
        return written
    beats = tuple(
        beat if number in plan.kept_beats else _rewritten(beat, number, len(former.beats), written.beats)
        for number, beat in enumerate(former.beats, 1))
    return former.model_copy(update={"beats": beats})


def bind_board(plan: Plan | None, former: Storyboard | None, drawn: Storyboard, script: Script, brief: Brief) -> Storyboard:
    """The former board with only those shots redrawn that the plan lets change; a free plan's board is only cut to fit."""
    if plan is None:
        return drawn
    if plan.free or former is None:
        return _cut(plan, drawn)
    in_place = plan.aspect is Aspect.STYLE or plan.pictures_only
    redrawn = _by_number(former, drawn) if in_place else _by_beat(plan, former, drawn, script, brief)
    shots = []
    for shot in former.shots:
        planned, new = plan.shot(shot.number), redrawn.get(shot.number)
        if planned is not None and planned.rewrite and new is not None:
            # Words that did not change need no new picture, unless it is the picture that was found wanting.
            same = new.picture_prompt == shot.picture_prompt
            take = planned.take if in_place else shot.take if same else 1
            shot = shot.model_copy(update={
                "picture_prompt": new.picture_prompt, "motion_prompt": new.motion_prompt, "take": take})
        shots.append(shot)
    return Storyboard(style=drawn.style if plan.aspect is Aspect.STYLE else former.style, shots=tuple(shots))


def _rewritten(beat: Beat, number: int, count: int, written: Sequence[Beat]) -> Beat:
    """The beat that was written for this place: counted from the nearer end, for an answer may have more or fewer."""
    place = number - 1 if 2 * number <= count + 1 else len(written) - (count - number) - 1
    if not 0 <= place < len(written):
        return beat
    new = written[place]
    return Beat(words=new.words, picture=new.picture or beat.picture, seconds=beat.seconds)


def _by_number(former: Storyboard, drawn: Storyboard) -> dict[int, Shot]:
    return {shot.number: new for shot, new in zip(former.shots, drawn.shots, strict=False)}


def _by_beat(plan: Plan, former: Storyboard, drawn: Storyboard, script: Script, brief: Brief) -> dict[int, Shot]:
    """For each former shot the one that was drawn for the same beat, in order; else one made of the beat's own picture."""
    found: dict[int, Shot] = {}
    for place, shot in enumerate(former.shots):
        if shot.number not in plan.rewritten:
            continue
        turn = sum(other.beat == shot.beat for other in former.shots[:place])
        same_beat = [new for new in drawn.shots if new.beat == shot.beat]
        if turn < len(same_beat):
            found[shot.number] = same_beat[turn]
        elif 0 < shot.beat <= len(script.beats):
            draft = from_beat(script.beats[shot.beat - 1], shot.beat, place, brief)
            found[shot.number] = shot.model_copy(update={
                "picture_prompt": draft.picture_prompt, "motion_prompt": draft.motion_prompt})
    return found


def _cut(plan: Plan, drawn: Storyboard) -> Storyboard:
    """No more and no longer than was priced: shots of the middle are left out, the beginning and the end stay."""
    shots = list(drawn.shots)
    while len(shots) > 1 and (len(shots) > len(plan.shots) or sum(shot.seconds for shot in shots) > plan.most_seconds):
        shots.pop(len(shots) // 2)
    if len(shots) == len(drawn.shots):
        return drawn
    return Storyboard(style=drawn.style, shots=tuple(
        shot.model_copy(update={"number": number}) for number, shot in enumerate(shots, 1)))

"""A refine as a plan: the smallest set of stages and shots to redo, decided by code and priced before anything is bought."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..agents.lengths import DEFAULT_SECONDS, LENGTHS, seconds_in
from ..agents.shots import nearest_total, usable_lengths
from ..errors import InvalidError
from ..model import STAGES, Aspect, Choice, Plan, Project, Script, Shot, ShotPlan, Stage, Storyboard
from ..services import Services
from ..store import tasks
from ..store.db import Tx
from .estimate import estimate
from .kept import Kept, kept_files
from .whole_film import LONGER, speaks_of_whole
from .wording import distinct_words, named_shots, plain, shots_with

FIRST = {Aspect.SCRIPT: Stage.SCRIPT, Aspect.STYLE: Stage.STORYBOARD, Aspect.VISUALS: Stage.STORYBOARD,
         Aspect.ALL: Stage.CONTEXT}
_SCENE_OR_LINE = re.compile(r"\b(?:beats?|lines?|battut[ae]|frases?|zeilen?|scen[ae]|escenas?|szenen?|scenes?)\b")


@dataclass(frozen=True, slots=True)
class _Scope:
    """What may change: shots and beats by number, and why."""

    shots: Collection[int]
    beats: Collection[int]
    why: str
    kept_why: str = "not in the feedback"


def plan_refine(
    services: Services, tx: Tx, project: Project, feedback: str, aspect: Aspect, shots: Sequence[int] | None = None,
) -> Plan:
    """The plan for this feedback on the project's film as it is; reads only.

    `shots` names them explicitly and wins over the wording. Raises InvalidError where the film has no such shot.
    """
    board, script = project.storyboard, project.script
    count = len(board.shots) if board else 0
    asked = _asked(shots, count, aspect)
    wished = _wished(aspect, asked, count, feedback)
    first = first_stage(project, wished)
    if board is None or script is None or first is not wished:
        return _free(services, tx, project, feedback, aspect, first, "there is no whole film yet to keep anything of")
    scope = _scope(aspect, board, script, feedback, asked)
    if len(scope.shots) == count and aspect in (Aspect.SCRIPT, Aspect.ALL):
        return _free(services, tx, project, feedback, aspect, first, scope.why)
    return _in_place(services, tx, project, board, aspect, first, scope, script)


def _wished(aspect: Aspect, asked: Collection[int], count: int, feedback: str) -> Stage:
    """The stage to begin with where all documents are there; what is about some shots leaves the brief alone."""
    if aspect is Aspect.ALL and asked and len(asked) < count:
        return Stage.SCRIPT
    if aspect is Aspect.ALL and not asked and _some_shots(feedback, count):
        return Stage.STORYBOARD
    return FIRST[aspect]


def _some_shots(feedback: str, count: int) -> frozenset[int]:
    """Places of the shots that a feedback is about alone; none where it is about the film, its words or its length too."""
    named = named_shots(feedback, count)
    return named if len(named) < count and not speaks_of_whole(feedback) else frozenset()


def first_stage(project: Project, wished: Stage) -> Stage:
    """The stage to begin with: no later than wished, and the first whose document is missing."""
    documents = {Stage.CONTEXT: project.brief, Stage.SCRIPT: project.script, Stage.STORYBOARD: project.storyboard}
    missing = next((stage for stage, document in documents.items() if document is None), wished)
    return min(wished, missing, key=STAGES.index)


def _asked(shots: Sequence[int] | None, count: int, aspect: Aspect) -> frozenset[int]:
    if shots is None:
        return frozenset()
    wrong = [(place, number) for place, number in enumerate(shots) if not 1 <= number <= count]
    if wrong or not shots:
        has = f"the film has shots 1 to {count}" if count else "the project has no shots yet"
        raise InvalidError(f"wrong: /shots: {has}", [
            {"pointer": f"/shots/{place}", "detail": f"there is no shot {number}: {has}"} for place, number in wrong]
            or [{"pointer": "/shots", "detail": f"name at least one: {has}"}])
    if aspect is Aspect.STYLE and len(set(shots)) < count:
        raise InvalidError("wrong: /shots", [{
            "pointer": "/shots", "detail": "a style is the whole film's: leave shots out, or refine their visuals"}])
    return frozenset(shots)


def _scope(aspect: Aspect, board: Storyboard, script: Script, feedback: str, asked: Collection[int]) -> _Scope:
    every = frozenset(shot.number for shot in board.shots)
    all_beats = frozenset(range(1, len(script.beats) + 1))
    if asked:
        return _Scope(asked, _beats_of(board, asked), "named in the request", "not named in the request")
    some = _some_shots(feedback, len(board.shots)) if aspect is Aspect.ALL else ()
    if some:
        return _Scope(_of_numbers(board, some), (), "named in the feedback, which says nothing of the rest of the film")
    if aspect is Aspect.VISUALS:
        named = _of_numbers(board, named_shots(feedback, len(board.shots)))
        if named:
            return _Scope(named, (), "named in the feedback")
        found = shots_with(distinct_words(feedback), [_told(shot, script) for shot in board.shots])
        if found:
            return _Scope(_of_numbers(board, found), (), "shows what the feedback speaks of")
    elif aspect is Aspect.SCRIPT:
        beats, why = _named_beats(board, script, feedback)
        if beats and beats < all_beats:
            return _Scope(frozenset(shot.number for shot in board.shots if shot.beat in beats), beats, why)
    what = {Aspect.STYLE: "another style changes every picture", Aspect.ALL: "everything is asked for anew"}
    return _Scope(every, all_beats, what.get(aspect, "the feedback is about the whole film"))


def _named_beats(board: Storyboard, script: Script, feedback: str) -> tuple[frozenset[int], str]:
    """The beats that a feedback names, by their own number or by a shot that shows them."""
    if _SCENE_OR_LINE.search(plain(feedback)):
        named = named_shots(feedback, len(script.beats))
    else:
        named = _beats_of(board, _of_numbers(board, named_shots(feedback, len(board.shots))))
    if named:
        return named, "named in the feedback"
    found = shots_with(distinct_words(feedback), [f"{beat.words} {beat.picture}" for beat in script.beats])
    return found, "tells what the feedback speaks of"


def _of_numbers(board: Storyboard, places: Collection[int]) -> frozenset[int]:
    return frozenset(shot.number for place, shot in enumerate(board.shots, 1) if place in places)


def _beats_of(board: Storyboard, shots: Collection[int]) -> frozenset[int]:
    return frozenset(shot.beat for shot in board.shots if shot.number in shots)


def _told(shot: Shot, script: Script) -> str:
    told = script.beats[shot.beat - 1] if 0 < shot.beat <= len(script.beats) else None
    return " ".join((shot.picture_prompt, told.words if told else "", told.picture if told else ""))


def _in_place(
    services: Services, tx: Tx, project: Project, board: Storyboard, aspect: Aspect, first: Stage, scope: _Scope,
    script: Script,
) -> Plan:
    """The former board, shot by shot; as many shots as before, each as long as before."""
    unchanged = [shot for shot in board.shots if shot.number not in scope.shots]
    files = kept_files(tx, project, board, unchanged)
    takes = tasks.highest_takes(tx, project.id)
    planned = tuple(_shot(shot, scope, files.get(shot.number, Kept()), takes) for shot in board.shots)
    stages = STAGES[STAGES.index(first):]
    clips = [shot.seconds for shot in planned if shot.clip is Choice.REDO]
    pictures = sum(shot.picture is Choice.REDO for shot in planned)
    beats = range(1, len(script.beats) + 1)
    return Plan(
        aspect=aspect, stages=stages, shots=planned, free=False, most_seconds=board.seconds,
        kept_beats=tuple(beat for beat in beats if beat not in scope.beats),
        duration_seconds=project.brief.duration_seconds if project.brief else board.seconds,
        estimate=estimate(services, tx, stages, pictures, len(clips), sum(clips)))


def _shot(shot: Shot, scope: _Scope, kept: Kept, takes: dict[int, int]) -> ShotPlan:
    rewrite = shot.number in scope.shots
    why = scope.why if rewrite else scope.kept_why
    if not rewrite and kept.picture is None:
        why = "its picture is missing"
    elif not rewrite and kept.clip is None:
        why = "its clip is missing"
    return ShotPlan(
        number=shot.number, picture=Choice.KEEP if kept.picture else Choice.REDO,
        clip=Choice.KEEP if kept.picture and kept.clip else Choice.REDO, why=why, seconds=shot.seconds, rewrite=rewrite,
        take=max(shot.take, takes.get(shot.number, 1)) + 1 if rewrite else shot.take, picture_job=kept.picture,
        clip_job=kept.clip if kept.picture else None)


def _free(
    services: Services, tx: Tx, project: Project, feedback: str, aspect: Aspect, first: Stage, why: str,
) -> Plan:
    """Everything anew: as many shots as the longest film that this may become can have."""
    lengths = usable_lengths(services.clip_seconds)
    duration = _longest(project, feedback, first)
    most = nearest_total(duration, lengths)
    former = {shot.number: shot for shot in project.storyboard.shots} if project.storyboard else {}
    shots = tuple(
        ShotPlan(number=number, picture=Choice.REDO, clip=Choice.REDO, rewrite=True,
                 why=why if number in former or not former else "may be added: the film's length allows it",
                 seconds=former[number].seconds if number in former else lengths[0])
        for number in range(1, most // lengths[0] + 1))
    stages = STAGES[STAGES.index(first):]
    return Plan(aspect=aspect, stages=stages, shots=shots, free=True, duration_seconds=duration, most_seconds=most,
                estimate=estimate(services, tx, stages, len(shots), len(shots), most))


def _longest(project: Project, feedback: str, first: Stage) -> int:
    """How long the brief may let the film be: as before, or as long as was asked for."""
    before = project.brief.duration_seconds if project.brief else seconds_in(project.message) or DEFAULT_SECONDS
    if first is not Stage.CONTEXT:
        return before
    asked = seconds_in(feedback) or 0
    if not asked and LONGER.search(plain(feedback)):
        asked = 2 * before
    return min(max(before, asked), max(LENGTHS))

"""The files of former films that a refine keeps: which purchase brought them, and the wish that finds it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..jobs import Wanted, same_again
from ..model import Asset, Brief, Job, JobKind, JobState, Outcome, Plan, Project, Shot, Stage, Storyboard
from ..services import Services
from ..store import jobs as job_rows
from ..store import projects, tasks
from ..store.db import Tx

_MOST_TASKS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """Ids of the jobs that brought a shot's picture and clip, None where there is no such file."""

    picture: str | None = None
    clip: str | None = None


def kept_files(tx: Tx, project: Project, board: Storyboard, shots: Sequence[Shot]) -> dict[int, Kept]:
    """The files of these shots, out of the newest films of the project that had the very same shot in the same look."""
    found: dict[int, Kept] = {}
    missing = {shot.number: shot for shot in shots}
    brief = project.brief
    for task in tasks.list_tasks(tx, project.id, _MOST_TASKS) if missing else []:
        checkpoints = tasks.list_checkpoints(tx, task.id)
        if Stage.STORYBOARD not in checkpoints or not _same_frame(checkpoints.get(Stage.CONTEXT), brief):
            continue
        drawn = Storyboard.model_validate(checkpoints[Stage.STORYBOARD])
        same = [shot for shot in drawn.shots if drawn.style == board.style and shot == missing.get(shot.number)]
        if same:
            found |= _better(found, _of_task(tx, task.id, checkpoints, [shot.number for shot in same]))
        missing = {number: shot for number, shot in missing.items() if found.get(number, Kept()).clip is None}
        if not missing:
            break
    return found


def kept_wish(services: Services, plan: Plan | None, number: int, kind: JobKind) -> Wanted | None:
    """The wish that names the purchase a plan keeps, by its own row: whatever settings say now, it is not made anew.

    None for what the plan does not keep.
    """
    shot = plan.shot(number) if plan else None
    job_id = None if shot is None else shot.picture_job if kind is JobKind.PICTURE else shot.clip_job
    if job_id is None:
        return None
    with services.db.single() as tx:
        job = job_rows.get_job(tx, job_id)
    return same_again(job) if job else None


def _same_frame(context: Mapping[str, Any] | None, brief: Brief | None) -> bool:
    """Whether a film's pictures had the brief's format and went by the same pictures of the client's."""
    if context is None or brief is None:
        return True
    drawn = Brief.model_validate(context)
    return drawn.aspect_ratio == brief.aspect_ratio and drawn.references == brief.references


def _better(found: Mapping[int, Kept], more: Mapping[int, Kept]) -> dict[int, Kept]:
    """A film that has the clip too is better than one that has only the picture, the newer one else."""
    return {number: kept for number, kept in more.items() if kept.clip or found.get(number, Kept()).picture is None}


def _of_task(
    tx: Tx, task_id: str, checkpoints: Mapping[Stage, Mapping[str, Any]], numbers: Sequence[int],
) -> dict[int, Kept]:
    done = [job for job in job_rows.list_task_jobs(tx, task_id)
            if job.shot in numbers and job.state is JobState.SETTLED and job.outcome is Outcome.DONE]
    assets = projects.list_job_assets(tx, [job.id for job in done])
    pictures = checkpoints.get(Stage.VISUAL, {}).get("pictures", {})
    clips = checkpoints.get(Stage.VIDEO, {}).get("clips", {})
    found: dict[int, Kept] = {}
    for number in numbers:
        used = pictures.get(str(number)) or {}
        kept = Kept()
        if used.get("lentBy") is None:
            kept = replace(kept, picture=_job(done, assets, number, JobKind.PICTURE, used.get("key")))
        if kept.picture:
            kept = replace(kept, clip=_job(done, assets, number, JobKind.CLIP, clips.get(str(number))))
        found[number] = kept
    return found


def _job(
    done: Sequence[Job], assets: Mapping[str, Sequence[Asset]], number: int, kind: JobKind, key: str | None,
) -> str | None:
    """The job that brought the file the film used; before the film was made, the newest that brought any."""
    mine = [job for job in done if job.shot == number and job.kind is kind and assets.get(job.id)]
    used = [job for job in mine if key in {asset.key for asset in assets[job.id]}]
    return next((job.id for job in reversed(used or ([] if key else mine))), None)

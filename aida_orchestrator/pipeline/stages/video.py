"""Reads Storyboard and pictures; leaves the film. Parks until every clip's job is settled, then joins what there is."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import AidaError
from ...jobs import Wanted, begins_with, clip, describe
from ...media.assembly import FilmPart
from ...media.storage import LocalStorage, new_key
from ...memory.learn import remember_project
from ...model import Asset, Component, Job, JobKind, Shot, Stage, Storyboard, TaskStatus
from ...services import Services
from ...store import projects
from ..kept import kept_wish
from ..next_step import error_body, from_described
from ..outcome import Done, Outcome, Parked, Run, Stopped
from ..questions import PaidEmbedder
from .waiting import settled, wished, wished_before

log = logging.getLogger(__name__)


def run(services: Services, run: Run) -> Outcome:
    """Wish for the clips, one after another by their caps; when all are settled, join them into the film."""
    board, brief = run.storyboard(), run.brief()
    pictures = run.checkpoints[Stage.VISUAL]["pictures"]
    mine = wished(services, run.task.id)
    wanted = tuple(
        kept_wish(services, run.task.plan, shot.number, JobKind.CLIP)
        or _wish(services, mine, shot, brief.aspect_ratio, pictures[str(shot.number)])
        for shot in board.shots)
    brought = settled(services, mine, wanted)
    if brought is None:
        return Parked(JobKind.CLIP, wanted)
    clips = {number: one.assets for number, one in brought.items() if one.assets}
    failures = {number: one.job for number, one in brought.items() if not one.assets}
    if not clips:
        first = next(iter(failures.values()))
        return Stopped({**from_described(first.error or {}, Stage.VIDEO), "shots": sorted(failures)})
    film = _join(services, run, board, clips, brief.aspect_ratio)
    remembered = not failures and _remember(services, run)
    return Done(
        {"film": film.key, "clips": {str(shot): kept[0].key for shot, kept in clips.items()}},
        status=TaskStatus.PARTIAL if failures else TaskStatus.COMPLETED, film_key=film.key, assets=(film,),
        error=_missing(failures, len(board.shots)) if failures else None, remembered=remembered)


def fall_back(services: Services, run: Run, error: AidaError) -> Outcome:
    """The clips are bought and kept; only the joining failed, and a retry joins again."""
    return Stopped(from_described(describe(error), Stage.VIDEO))


def _wish(services: Services, mine: Sequence[Job], shot: Shot, aspect_ratio: str, picture: Mapping[str, Any]) -> Wanted:
    """What the task has asked for with this picture, else what today's settings ask for."""
    def fits(job: Job) -> bool:
        return begins_with(job, shot, picture["key"], picture["sha256"])

    return wished_before(mine, shot.number, JobKind.CLIP, fits) or clip(
        shot, services.kling_endpoint, aspect_ratio, picture["key"], picture["sha256"])


def _join(services: Services, run: Run, board: Storyboard, clips: dict[int, tuple[Asset, ...]], aspect_ratio: str) -> Asset:
    storage: LocalStorage = services.storage
    parts = [_part(storage, clips[shot.number], shot.seconds) for shot in board.shots if shot.number in clips]
    with storage.scratch() as scratch:
        out = scratch / "film.mp4"
        probe = services.assemble(parts, aspect_ratio, out, scratch)
        with open(out, "rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
        size = out.stat().st_size
        key = new_key(run.task.project_id, "film", 0, "mp4")
        storage.put(key, out)
    log.info("film joined", extra={"seconds": probe.seconds, "clips": len(parts), "bytes": size})
    return Asset(key=key, kind="film", project_id=run.task.project_id, job_id=None, shot=None, take=0,
                 content_type="video/mp4", bytes=size, sha256=sha, source_url=None, created_at=services.clock())


def _part(storage: LocalStorage, kept: tuple[Asset, ...], seconds: int) -> FilmPart:
    fitted = next((asset.key for asset in kept if asset.kind == "part" and storage.exists(asset.key)), None)
    return FilmPart(storage.path(kept[0].key), seconds, storage.path(fitted) if fitted else None)


def _remember(services: Services, run: Run) -> bool:
    """Put the film into memory before it is told finished, so that the next message can already recall it.

    Trouble here must not cost the film: the sweep tries again later.
    """
    try:
        with services.db.transaction() as tx:
            project = projects.find_project(tx, run.task.project_id, run.task.tenant_id)
        if project is not None:
            remember_project(services.db, PaidEmbedder(services, services.quick_embedder, run.task), project,
                             services.clock(), on_usage=services.meter(run.task, Component.MEMORY))
    except AidaError as error:
        log.warning("the film could not be put into memory yet", extra={"code": error.code})
        return False
    return True


def _missing(failures: dict[int, Job], planned: int) -> dict[str, Any]:
    shots = sorted(failures)
    first = failures[shots[0]].error or {}
    causes = [{"shot": number, "code": (failures[number].error or {}).get("code"),
               "message": (failures[number].error or {}).get("message")} for number in shots]
    return error_body("clips_missing", f"{len(shots)} of {planned} clips could not be made: "
                      f"{first.get('message', 'no reason was given')}", Stage.VIDEO, provider="fal", shots=shots,
                      causes=causes)

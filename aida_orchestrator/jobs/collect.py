"""Copying a result into our storage before the provider's address expires. What was paid for is never given up lightly."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ..errors import MediaBroken, MediaError, MediaGone, MediaMistaken, MediaUnavailable
from ..media.storage import new_key
from ..model import Asset, Job, JobKind, JobState, Outcome
from ..store import jobs as rows
from ..store import looks, projects
from .desk import Desk, Woken
from .holding import HOLDING
from .settle import describe, settle
from .telling import about

log = logging.getLogger(__name__)

# Gone is tried 1 + 2 + 4 + 8 s: a fresh address may be a moment ahead of its file; and buying anew costs more.
# One that cannot be played may have been cut or changed on its way.
_TRIES = {MediaUnavailable: 10, MediaGone: 5, MediaMistaken: 4, MediaBroken: 3}
_TRIES_FOR_ALL = 3  # one of four pictures is enough, but all four were bought
_SLOWEST = 30.0
_SORT = {JobKind.PICTURE: "image", JobKind.CLIP: "video"}


def user_of(desk: Desk, job_id: str) -> tuple[str, str] | None:
    """Tenant and user of a job; None where there is none."""
    with desk.db.single() as tx:
        job = rows.get_job(tx, job_id)
    return (job.tenant_id, job.user_id) if job else None


def begin_copy(desk: Desk, job_id: str) -> Woken:
    """Claim the copying of a rendered job that nobody copies yet; `copies` has it then."""
    with desk.db.single() as tx:
        job = looks.begin_fetch(tx, job_id, desk.clock() + desk.lease)
    return Woken(copies=[job], freed=[(job.kind, job.project_id)]) if job is not None else Woken()


def collect(desk: Desk, job_id: str) -> Woken:
    """Copy the result of a rendered job that nobody copies yet."""
    woken = Woken()
    for job in begin_copy(desk, job_id).copies:
        woken.add(copy_result(desk, job))
    return woken


def copy_result(desk: Desk, job: Job) -> Woken:
    """Fetch the files of a job that the caller has claimed, store them, settle it. A picture needs one of its four; the
    rest are takes.

    A passing failure waits in the row. A lasting one settles the job as failed with its addresses kept, so that a later
    retry fetches again what was bought instead of buying it again.
    """
    with about(job, "copy"):
        return _copy_result(desk, job)


def _copy_result(desk: Desk, job: Job) -> Woken:
    with HOLDING.hold(desk, job.id):
        assets, failure = _copy_all(desk, job)
    tries = _tries(failure)
    if job.fetches < (min(tries, _TRIES_FOR_ALL) if assets else tries):
        assert failure is not None
        _drop(desk, assets)
        return _later(desk, job, failure)
    if assets:
        woken = settle(desk, job, Outcome.DONE, assets=assets, from_states=[JobState.RENDERED])
        if not woken.settled:
            _drop_if_unused(desk, job, assets)
        return woken
    assert failure is not None
    return settle(desk, job, Outcome.FAILED, error=describe(failure), from_states=[JobState.RENDERED])


def _tries(failure: MediaError | None) -> int:
    """How often to fetch what fails like this; what is refused for its address or its size is so the next time too."""
    return next((tries for kind, tries in _TRIES.items() if isinstance(failure, kind)), 1)


def _copy_all(desk: Desk, job: Job) -> tuple[list[Asset], MediaError | None]:
    """What could be copied, and the first failure; a storage that is full or read-only is a passing one."""
    assets: list[Asset] = []
    failure: MediaError | None = None
    try:
        with desk.storage.scratch() as scratch:
            for number, url in enumerate(job.result_urls):
                try:
                    assets += _copy(desk, job, url, len(assets), scratch / f"{number}")
                except MediaError as error:
                    failure = failure or error
                    log.warning("a result could not be copied", extra={
                        "jobId": job.id, "provider": job.provider, "number": number, "code": error.code,
                        "said": error.message})
    except OSError as error:
        log.error("our storage does not take a file", extra={"jobId": job.id, "why": error.strerror})
        failure = MediaUnavailable(f"our storage (MEDIA_DIR) did not take the file: {error.strerror}")
    return assets, failure


def _later(desk: Desk, job: Job, failure: MediaError) -> Woken:
    delay = min(_SLOWEST, 2.0 ** (job.fetches - 1))
    now = desk.clock()
    with desk.db.single() as tx:
        looks.look_later(tx, job, now, now + timedelta(seconds=delay), describe(failure))
    return Woken()


def _copy(desk: Desk, job: Job, url: str, take: int, into: Path) -> list[Asset]:
    fetched = desk.fetcher.fetch(job.provider, url, into, kinds=(_SORT[job.kind],))
    part = _fitted(desk, job, into) if job.kind is JobKind.CLIP else None
    key = new_key(job.project_id, job.kind, job.shot, fetched.extension)
    desk.storage.put(key, into)
    asset = Asset(key=key, kind=job.kind, project_id=job.project_id, job_id=job.id, shot=job.shot, take=take,
                  content_type=fetched.content_type, bytes=fetched.bytes, sha256=fetched.sha256, source_url=url,
                  created_at=desk.clock())
    if part is None:
        return [asset]
    part_key = new_key(job.project_id, "part", job.shot, "mp4")
    desk.storage.put(part_key, part)
    with open(part, "rb") as file:
        sha = hashlib.file_digest(file, "sha256").hexdigest()
    return [asset, replace(asset, key=part_key, kind="part", take=take + 1, content_type="video/mp4", source_url=None,
                           bytes=part.stat().st_size, sha256=sha)]


def _fitted(desk: Desk, job: Job, clip: Path) -> Path:
    """The clip cut to its shot, ready to be joined; also the proof that it can be played."""
    part = clip.with_name(f"{clip.name}-part.mp4")
    try:
        desk.fit(clip, job.request["seconds"], job.request["aspect_ratio"], part)
    except MediaUnavailable:
        raise
    except MediaError as error:
        raise MediaBroken(error.message) from error
    return part


def _drop_if_unused(desk: Desk, job: Job, assets: list[Asset]) -> None:
    """A doubled message copies twice and settles once: the second's files are in no row."""
    from_rows = _stored_keys(desk, job)
    _drop(desk, [asset for asset in assets if asset.key not in from_rows])


def _drop(desk: Desk, assets: list[Asset]) -> None:
    for asset in assets:
        desk.storage.delete(asset.key)


def _stored_keys(desk: Desk, job: Job) -> set[str]:
    with desk.db.transaction() as tx:
        return {asset.key for asset in projects.list_job_assets(tx, [job.id]).get(job.id, [])}

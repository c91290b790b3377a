"""What the two stages that wait for paid jobs share: are they all settled, and what did they bring?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...jobs import Wanted
from ...model import Asset, Job, JobState
from ...services import Services
from ...store import jobs, projects


@dataclass(frozen=True, slots=True)
class Brought:
    """One settled job and its files, the used one first; none if it failed."""

    job: Job
    assets: tuple[Asset, ...]


def settled(services: Services, task_id: str, wanted: Sequence[Wanted]) -> dict[int, Brought] | None:
    """What each wanted job brought, by shot; None while some are not even wished for, or not settled."""
    with services.db.single() as tx:
        found = {(job.shot, job.kind, job.fingerprint): job for job in jobs.list_task_jobs(tx, task_id)}
    mine = [found.get((wish.shot, wish.kind, wish.fingerprint)) for wish in wanted]
    if not all(job is not None and job.state in (JobState.SETTLED, JobState.CANCELLED) for job in mine):
        return None
    with services.db.single() as tx:
        assets = projects.list_job_assets(tx, [job.id for job in mine if job is not None])
    return {job.shot: Brought(job, tuple(assets.get(job.id, ()))) for job in mine if job is not None}

"""What the two stages that wait for paid jobs share: what was wished for, is it settled, and what did it bring?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...jobs import Wanted, same_again
from ...model import Asset, Job, JobKind, JobState, Outcome
from ...services import Services
from ...store import jobs, projects


@dataclass(frozen=True, slots=True)
class Brought:
    """One settled job and its files, the used one first; none if it failed."""

    job: Job
    assets: tuple[Asset, ...]


def wished(services: Services, task_id: str) -> list[Job]:
    """The jobs that the task counts on, of each shot in the order in which they were first asked for."""
    with services.db.single() as tx:
        return jobs.list_task_jobs(tx, task_id)


def wished_before(mine: Sequence[Job], number: int, kind: JobKind, fits: Callable[[Job], bool] = lambda job: True,
                  ) -> Wanted | None:
    """The wish for a shot as its own row has it: settings and code may have changed since, what was bought has not.

    None where the task has asked for nothing that fits. Of several the newest that brought something, else the newest that
    may still; what failed is only told, a retry has let go of it before.
    """
    own = [job for job in mine if job.shot == number and job.kind is kind and fits(job)]
    return same_again(max(own, key=_worth)) if own else None


def _worth(job: Job) -> tuple[int, datetime]:
    if job.outcome is Outcome.DONE:
        return 2, job.created_at
    return int(job.outcome is not Outcome.FAILED and job.state is not JobState.CANCELLED), job.created_at


def settled(services: Services, mine: Sequence[Job], wanted: Sequence[Wanted]) -> dict[int, Brought] | None:
    """What each wanted job of `mine` brought, by shot; None while some are not even wished for, or not settled."""
    found = {(job.shot, job.kind, job.fingerprint): job for job in mine}
    meant = [found.get((wish.shot, wish.kind, wish.fingerprint)) for wish in wanted]
    if not all(job is not None and job.state in (JobState.SETTLED, JobState.CANCELLED) for job in meant):
        return None
    with services.db.single() as tx:
        assets = projects.list_job_assets(tx, [job.id for job in meant if job is not None])
    return {job.shot: Brought(job, tuple(assets.get(job.id, ()))) for job in meant if job is not None}

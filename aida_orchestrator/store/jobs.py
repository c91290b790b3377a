"""Rows of jobs: every move is "from this state, with this attempt", so the first to come wins and twice is once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model import Accepted, Job, JobKind, JobState, Origin, Outcome, Task
from .db import Tx, as_json, load_queries

_SQL = load_queries("jobs")


@dataclass(frozen=True, slots=True)
class JobRef:
    """Enough of a job to send its message and to log it."""

    id: str
    kind: JobKind
    task_id: str
    project_id: str
    shot: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a clip's picture is: `key` in our storage, and the address at which its maker keeps it for a day."""

    key: str
    url: str | None
    made_at: datetime


def ask_jobs(tx: Tx, task: Task, wishes: Sequence[Mapping[str, Any]], now: datetime) -> list[Job]:
    """Wish for paid requests and return their rows, new or old, held still.

    A wish has id (for a new row), shot, kind, provider, endpoint, fingerprint and request.
    """
    given = as_json([dict(wish) for wish in wishes])
    origin = {"request_id": task.origin.request_id, "traceparent": task.origin.traceparent}
    tx.later(_SQL["ask_jobs"], tenant_id=task.tenant_id, user_id=task.user_id, task_id=task.id, project_id=task.project_id,
             wishes=given, now=now, **origin)
    rows = tx.all(_SQL["adopt_jobs"], task_id=task.id, project_id=task.project_id, wishes=given, **origin)
    return [job_of(row) for row in rows]


def link_jobs(tx: Tx, task_id: str, job_ids: Sequence[str]) -> set[str]:
    """This task counts on these jobs; those that it counts on for the first time."""
    return {row["job_id"] for row in tx.all(_SQL["link_jobs"], task_id=task_id, ids=list(job_ids))}


def reopen_job(tx: Tx, job_id: str, now: datetime, *, even_lost: bool = False, deadline_seconds: float = 3600) -> bool:
    """Try again a job that ended without its files; what was perhaps bought is sent again only with `even_lost`."""
    return tx.run(_SQL["reopen_job"], id=job_id, now=now, even_lost=even_lost, deadline_seconds=deadline_seconds) == 1


def let_go_failed(tx: Tx, task_id: str, kind: JobKind) -> set[str]:
    """Let a task no longer count on its jobs of this kind that failed or were cancelled and brought nothing; their ids."""
    return {row["id"] for row in tx.all(_SQL["let_go_failed"], task_id=task_id, kind=kind)}


def get_job(tx: Tx, job_id: str) -> Job | None:
    """One job, or None."""
    row = tx.one(_SQL["get_job"], id=job_id)
    return job_of(row) if row else None


def list_task_jobs(tx: Tx, task_id: str) -> list[Job]:
    """The jobs a task counts on, clips first, in the order of its shots."""
    return [job_of(row) for row in tx.all(_SQL["list_task_jobs"], task_id=task_id)]


def count_task_jobs(tx: Tx, task_id: str, kind: JobKind) -> tuple[int, int]:
    """(settled, total) jobs of one kind that a task counts on."""
    row = tx.one(_SQL["count_task_jobs"], task_id=task_id, kind=kind) or {"settled": 0, "total": 0}
    return int(row["settled"]), int(row["total"])


def lock_waiting_tasks(tx: Tx, job_id: str) -> list[str]:
    """Ids of the unfinished tasks that count on a job, held still."""
    return [row["id"] for row in tx.all(_SQL["lock_waiting_tasks"], job_id=job_id)]


def lock_admission(tx: Tx, provider: str) -> None:
    """One admission at a time for the account, on all machines, until this transaction ends."""
    tx.later(_SQL["lock_admission"], provider=provider)


def account_room(tx: Tx, provider: str, now: datetime, *, running_limit: int, window_limit: int,
                 window_seconds: float) -> tuple[int, int]:
    """(how many more jobs the account may take now, how many are queued); no room while it was told "too many requests"."""
    row = tx.one(_SQL["account_room"], provider=provider, now=now, running_limit=running_limit, window_limit=window_limit,
                 window_seconds=window_seconds)
    assert row is not None
    return 0 if row["told_to_wait"] else max(0, int(row["room"])), int(row["queued"])


def admit_jobs(tx: Tx, provider: str, now: datetime, *, per_film: int, room: int, lost_holds: float = 0) -> list[JobRef]:
    """Give so many slots to queued jobs of one provider, users in turn; under `lock_admission`.

    `lost_holds`: for so many seconds from its sending a job whose answer was lost keeps its slot of the film.
    """
    return _in_order(tx.all(_SQL["admit_jobs"], provider=provider, now=now, per_film=per_film, room=room,
                            lost_holds=lost_holds))


def admit_of_films(tx: Tx, provider: str, now: datetime, *, per_film: int, project_ids: Sequence[str],
                   lost_holds: float = 0) -> list[JobRef]:
    """Give slots to the queued jobs of these films alone; under `lock_admission`, where there is room for all that wait."""
    return _in_order(tx.all(_SQL["admit_of_films"], provider=provider, now=now, per_film=per_film,
                            project_ids=list(project_ids), lost_holds=lost_holds))


def job_to_submit(tx: Tx, job_id: str) -> tuple[Job, Picture | None] | None:
    """An admitted job, and the picture that a clip begins with if it is still there; None if it is not admitted."""
    row = tx.one(_SQL["job_to_submit"], id=job_id)
    if row is None:
        return None
    picture = Picture(row["picture_key"], row["picture_url"], row["picture_made_at"]) if row["picture_key"] else None
    return job_of(row), picture


def intend_job(tx: Tx, job_id: str, token_hash: str, sent: Mapping[str, Any], now: datetime) -> Job | None:
    """admitted → submitting; None when it was not admitted any more or its task is cancelled."""
    row = tx.one(_SQL["intend_job"], id=job_id, token_hash=token_hash, sent=as_json(dict(sent)), now=now)
    return job_of(row) if row else None


def accept_job(tx: Tx, job: Job, accepted: Accepted, now: datetime, next_poll_at: datetime, deadline_at: datetime) -> bool:
    """The provider took it; False when this attempt was decided otherwise meanwhile."""
    return tx.run(_SQL["accept_job"], id=job.id, attempt=job.attempt, provider_id=accepted.provider_id,
                  handles=as_json(dict(accepted.handles)), now=now, next_poll_at=next_poll_at,
                  deadline_at=deadline_at) == 1


def adopt_unknown(tx: Tx, job: Job, provider_id: str, now: datetime, deadline_at: datetime) -> bool:
    """A lost answer was made good by a callback."""
    return tx.run(_SQL["adopt_unknown"], id=job.id, attempt=job.attempt, provider_id=provider_id, now=now,
                  deadline_at=deadline_at) == 1


def doubt_job(tx: Tx, job: Job, error: Mapping[str, Any], now: datetime) -> bool:
    """submitting → unknown."""
    return tx.run(_SQL["doubt_job"], id=job.id, attempt=job.attempt, error=as_json(error), now=now) == 1


def requeue_job(tx: Tx, job: Job, error: Mapping[str, Any], next_try_at: datetime, *, refused: bool) -> bool:
    """Back to the queue after a definite refusal (`refused`) or after a failure at the provider (a renewal)."""
    return tx.run(_SQL["requeue_job"], id=job.id, attempt=job.attempt, error=as_json(error), next_try_at=next_try_at,
                  refused=int(refused), renewed=int(not refused),
                  from_states=[JobState.SUBMITTING.value, JobState.RUNNING.value]) == 1


def put_off_job(tx: Tx, job: Job, error: Mapping[str, Any], next_try_at: datetime, *, counted: bool,
                state: JobState) -> bool:
    """Back to the queue from a `state` in which nothing was bought; `counted` among its refusals, or only told to wait."""
    return tx.run(_SQL["requeue_job"], id=job.id, attempt=job.attempt, error=as_json(error), next_try_at=next_try_at,
                  refused=int(counted), renewed=0, from_states=[state.value]) == 1


def settle_job(tx: Tx, job: Job, outcome: Outcome, error: Mapping[str, Any] | None, from_states: Sequence[JobState],
               now: datetime) -> bool:
    """The end of a job; False when somebody was quicker. What may have been bought stays reserved."""
    return tx.run(_SQL["settle_job"], id=job.id, attempt=job.attempt, outcome=outcome,
                  error=as_json(error) if error else None, from_states=[state.value for state in from_states],
                  now=now) == 1


def fail_queued(tx: Tx, task_id: str, kind: JobKind, error: Mapping[str, Any], now: datetime) -> None:
    """Fail the jobs of this task that were not sent yet."""
    tx.later(_SQL["fail_queued"], task_id=task_id, kind=kind, error=as_json(error), now=now)


def tell_settled(tx: Tx, job: Job, task_ids: Sequence[str], told: Sequence[str], *, stage: str, event: str, low: int,
                 high: int, now: datetime, error: Mapping[str, Any] | None = None) -> tuple[list[str], list[str]]:
    """Tell these tasks, held still, of the end of a job: progress (`low` to `high`), an event with why, the stage woken.

    Returns (ids of the tasks whose stage is ready now, ids of waiting tasks that are not among the `told`).
    """
    rows = tx.all(_SQL["tell_settled"], task_ids=list(task_ids), told=list(told), kind=job.kind, shot=job.shot,
                  job_id=job.id, stage=stage, event=event, low=low, high=high, now=now, error=as_json(dict(error or {})))
    return ([row["task_id"] for row in rows if row["woken"]], [row["task_id"] for row in rows if not row["woken"]])


def claim_admitted(tx: Tx, now: datetime, again_seconds: float) -> list[JobRef]:
    """Admitted jobs whose submit message seems lost, `again_seconds` after their admission, then after twice as long."""
    return [ref_of_row(row) for row in tx.all(_SQL["claim_admitted"], now=now, again=again_seconds)]


def doubt_silent(tx: Tx, now: datetime, before: datetime, error: Mapping[str, Any]) -> list[str]:
    """Submissions begun before `before` that nobody waits for any more become unknown; their ids."""
    return [row["id"] for row in tx.all(_SQL["doubt_silent"], now=now, before=before, error=as_json(error))]


def list_given_up(tx: Tx, now: datetime, waits: Mapping[JobKind, float]) -> list[Job]:
    """Jobs that have waited to their bound; `waits` says for how many seconds an unknown outcome of each kind is."""
    return [job_of(row) for row in tx.all(_SQL["list_given_up"], now=now, waits=as_json(dict(waits)))]


def find_job_by_token(tx: Tx, provider: str, token_hash: str) -> Job | None:
    """The job that a callback address belongs to, or None."""
    row = tx.one(_SQL["find_job_by_token"], provider=provider, token_hash=token_hash)
    return job_of(row) if row else None


def find_job_by_former_token(tx: Tx, provider: str, token_hash: str) -> Job | None:
    """The job that had this callback address before it was sent again, or None."""
    row = tx.one(_SQL["find_job_by_former_token"], provider=provider, token_hash=token_hash)
    return job_of(row) if row else None


def cancel_jobs(tx: Tx, task_id: str, now: datetime) -> int:
    """What was not sent yet is not sent any more; how many."""
    return tx.run(_SQL["cancel_jobs"], task_id=task_id, now=now)


def is_unwanted(tx: Tx, job_id: str) -> bool:
    """Whether a job's film was cancelled and no other unfinished one counts on it."""
    row = tx.one(_SQL["is_unwanted"], id=job_id)
    return bool(row and row["unwanted"])


def list_running_jobs(tx: Tx, task_id: str) -> list[Job]:
    """What is being made at the providers for a task."""
    return [job_of(row) for row in tx.all(_SQL["list_running_jobs"], task_id=task_id)]


def ref_of_row(row: dict[str, Any]) -> JobRef:
    """The reference to the job of a row."""
    return JobRef(row["id"], JobKind(row["kind"]), row["task_id"], row["project_id"], row["shot"])


def ref_of(job: Job) -> JobRef:
    """The reference to a job."""
    return JobRef(job.id, job.kind, job.task_id, job.project_id, job.shot)


def _in_order(found: Sequence[dict[str, Any]]) -> list[JobRef]:
    return sorted((ref_of_row(row) for row in found), key=lambda ref: (ref.task_id, ref.shot))


def job_of(row: dict[str, Any]) -> Job:
    """A row as a Job."""
    return Job(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], task_id=row["task_id"],
        project_id=row["project_id"], shot=row["shot"], kind=JobKind(row["kind"]), provider=row["provider"],
        endpoint=row["endpoint"], fingerprint=row["fingerprint"], request=row["request"], state=JobState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None, provider_id=row["provider_id"],
        handles=row["handles"], attempt=row["attempt"], refusals=row["refusals"], renewals=row["renewals"],
        polls=row["polls"], fetches=row["fetches"], result_urls=tuple(row["result_urls"]), error=row["error"],
        deadline_at=row["deadline_at"], intent_at=row["intent_at"],
        accepted_at=row["accepted_at"], created_at=row["created_at"], due_at=row.get("due_at"),
        hurried=row.get("hurried", False), origin=Origin(row["request_id"], row["traceparent"]))

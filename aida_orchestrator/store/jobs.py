"""Rows of jobs: every move is "from this state, with this attempt", so the first to come wins and twice is once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model import Accepted, Job, JobKind, JobState, Outcome, Task
from .db import Tx, as_json, load_queries

_SQL = load_queries("jobs")


@dataclass(frozen=True, slots=True)
class JobRef:
    """Enough of a job to send its message and to log it."""

    id: str
    kind: JobKind
    task_id: str
    shot: int


def ask_job(tx: Tx, *, id: str, task: Task, shot: int, kind: JobKind, provider: str, endpoint: str, fingerprint: str,
            request: Mapping[str, Any], now: datetime) -> Job:
    """Wish for one paid request and return its row, new or old, locked."""
    tx.run(_SQL["ask_job"], id=id, tenant_id=task.tenant_id, user_id=task.user_id, task_id=task.id,
           project_id=task.project_id, shot=shot, kind=kind, provider=provider, endpoint=endpoint,
           fingerprint=fingerprint, request=as_json(request), now=now)
    row = tx.one(_SQL["lock_job_by_fingerprint"], project_id=task.project_id, shot=shot, kind=kind,
                 fingerprint=fingerprint)
    assert row is not None
    return _job(row)


def link_job(tx: Tx, task_id: str, job_id: str) -> bool:
    """This task counts on this job; True only the first time."""
    linked = tx.run(_SQL["link_job"], task_id=task_id, job_id=job_id) == 1
    tx.run(_SQL["adopt_job"], task_id=task_id, id=job_id)
    return linked


def reopen_job(tx: Tx, job_id: str, now: datetime, *, even_lost: bool = False, deadline_seconds: float = 3600) -> bool:
    """Try again a job that ended without its files; what was perhaps bought is sent again only with `even_lost`."""
    return tx.run(_SQL["reopen_job"], id=job_id, now=now, even_lost=even_lost, deadline_seconds=deadline_seconds) == 1


def get_job(tx: Tx, job_id: str) -> Job | None:
    """One job, or None."""
    row = tx.one(_SQL["get_job"], id=job_id)
    return _job(row) if row else None


def list_task_jobs(tx: Tx, task_id: str) -> list[Job]:
    """The jobs a task counts on, clips first, in the order of its shots."""
    return [_job(row) for row in tx.all(_SQL["list_task_jobs"], task_id=task_id)]


def count_task_jobs(tx: Tx, task_id: str, kind: JobKind) -> tuple[int, int]:
    """(settled, total) jobs of one kind that a task counts on."""
    row = tx.one(_SQL["count_task_jobs"], task_id=task_id, kind=kind) or {"settled": 0, "total": 0}
    return int(row["settled"]), int(row["total"])


def list_waiting_tasks(tx: Tx, job_id: str) -> list[str]:
    """Ids of the unfinished tasks that count on a job."""
    return [row["id"] for row in tx.all(_SQL["list_waiting_tasks"], job_id=job_id)]


def admit_jobs(tx: Tx, provider: str, now: datetime, *, per_film: int, running_limit: int, window_limit: int,
               window_seconds: float) -> list[JobRef]:
    """Give free slots to queued jobs of one provider; the lock makes the count hold across machines."""
    tx.one(_SQL["lock_admission"], provider=provider)
    rows = tx.all(_SQL["admit_jobs"], provider=provider, now=now, per_film=per_film, running_limit=running_limit,
                  window_limit=window_limit, window_seconds=window_seconds)
    return sorted((_ref(row) for row in rows), key=lambda ref: (ref.task_id, ref.shot))


def intend_job(tx: Tx, job_id: str, token_hash: str, now: datetime) -> Job | None:
    """admitted → submitting; None when it was not admitted any more or its task is cancelled."""
    row = tx.one(_SQL["intend_job"], id=job_id, token_hash=token_hash, now=now)
    return _job(row) if row else None


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
                  refused=int(refused), renewed=int(not refused)) == 1


def settle_job(tx: Tx, job: Job, outcome: Outcome, error: Mapping[str, Any] | None, from_states: Sequence[JobState],
               now: datetime) -> bool:
    """The end of a job; False when somebody was quicker."""
    return tx.run(_SQL["settle_job"], id=job.id, attempt=job.attempt, outcome=outcome,
                  error=as_json(error) if error else None, from_states=[state.value for state in from_states],
                  now=now) == 1


def fail_queued(tx: Tx, task_id: str, kind: JobKind, error: Mapping[str, Any], now: datetime) -> int:
    """Fail the jobs of this task that were not sent yet; how many."""
    return tx.run(_SQL["fail_queued"], task_id=task_id, kind=kind, error=as_json(error), now=now)


def render_job(tx: Tx, job: Job, urls: Sequence[str], next_poll_at: datetime) -> bool:
    """running → rendered, with the addresses of the result."""
    return tx.run(_SQL["render_job"], id=job.id, attempt=job.attempt, result_urls=list(urls),
                  next_poll_at=next_poll_at) == 1


def claim_polls(tx: Tx, provider: str, now: datetime, claimed_until: datetime, *, limit: int, window_seconds: float,
                job_id: str | None = None) -> list[Job]:
    """Running jobs (or this one) whose poll is due, as many as `limit` reads of the account in the window leave."""
    tx.one(_SQL["lock_looks"], provider=provider)
    rows = tx.all(_SQL["claim_polls"], provider=provider, now=now, claimed_until=claimed_until, limit=limit,
                  window_seconds=window_seconds, id=job_id)
    return [_job(row) for row in rows]


def note_look(tx: Tx, job_id: str, now: datetime) -> None:
    """Count a status read that was made outside of the polling."""
    tx.later(_SQL["note_look"], id=job_id, now=now)


def claim_fetches(tx: Tx, now: datetime, claimed_until: datetime) -> list[JobRef]:
    """Rendered jobs whose copying must be rung (again)."""
    return [_ref(row) for row in tx.all(_SQL["claim_fetches"], now=now, claimed_until=claimed_until)]


def begin_fetch(tx: Tx, job_id: str, claimed_until: datetime) -> Job | None:
    """Somebody copies the result now; None when it is settled already."""
    row = tx.one(_SQL["begin_fetch"], id=job_id, claimed_until=claimed_until)
    return _job(row) if row else None


def poll_later(tx: Tx, job: Job, next_poll_at: datetime, error: Mapping[str, Any] | None) -> None:
    """Look again then; `error` is what stood in the way, if anything did."""
    tx.later(_SQL["poll_later"], id=job.id, attempt=job.attempt, next_poll_at=next_poll_at,
           error=as_json(error) if error else None)


def claim_admitted(tx: Tx, now: datetime, before: datetime) -> list[JobRef]:
    """Admitted jobs whose submit message seems lost."""
    return [_ref(row) for row in tx.all(_SQL["claim_admitted"], now=now, before=before)]


def doubt_silent(tx: Tx, now: datetime, before: datetime, error: Mapping[str, Any]) -> list[str]:
    """Submissions begun before `before` that nobody waits for any more become unknown; their ids."""
    return [row["id"] for row in tx.all(_SQL["doubt_silent"], now=now, before=before, error=as_json(error))]


def list_given_up(tx: Tx, now: datetime, unknown_before: datetime) -> list[Job]:
    """Jobs that have waited to their bound."""
    return [_job(row) for row in tx.all(_SQL["list_given_up"], now=now, unknown_before=unknown_before)]


def find_job_by_token(tx: Tx, provider: str, token_hash: str) -> Job | None:
    """The job that a callback address belongs to, or None."""
    row = tx.one(_SQL["find_job_by_token"], provider=provider, token_hash=token_hash)
    return _job(row) if row else None


def hurry_job(tx: Tx, job_id: str, now: datetime) -> bool:
    """Poll it now."""
    return tx.run(_SQL["hurry_job"], id=job_id, now=now) == 1


def cancel_jobs(tx: Tx, task_id: str, now: datetime) -> int:
    """What was not sent yet is not sent any more; how many."""
    return tx.run(_SQL["cancel_jobs"], task_id=task_id, now=now)


def list_running_jobs(tx: Tx, task_id: str) -> list[Job]:
    """What is being made at the providers for a task."""
    return [_job(row) for row in tx.all(_SQL["list_running_jobs"], task_id=task_id)]


def _ref(row: dict[str, Any]) -> JobRef:
    return JobRef(row["id"], JobKind(row["kind"]), row["task_id"], row["shot"])


def _job(row: dict[str, Any]) -> Job:
    return Job(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], task_id=row["task_id"],
        project_id=row["project_id"], shot=row["shot"], kind=JobKind(row["kind"]), provider=row["provider"],
        endpoint=row["endpoint"], fingerprint=row["fingerprint"], request=row["request"], state=JobState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None, provider_id=row["provider_id"],
        handles=row["handles"], attempt=row["attempt"], refusals=row["refusals"], renewals=row["renewals"],
        polls=row["polls"], fetches=row["fetches"], result_urls=tuple(row["result_urls"]), error=row["error"],
        deadline_at=row["deadline_at"], accepted_at=row["accepted_at"])

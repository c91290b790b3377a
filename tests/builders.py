"""Nouns, rows and live objects to start a test from, and a clock that stands still until it is told to move."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import celery
from celery import _state
from celery.signals import before_task_publish

from aida_orchestrator import jobs, services
from aida_orchestrator.jobs import Wanted
from aida_orchestrator.model import (
    Accepted,
    Brief,
    Job,
    JobKind,
    RunState,
    Shot,
    Stage,
    Storyboard,
    Style,
    Task,
    fingerprint,
)
from aida_orchestrator.services import Services
from aida_orchestrator.settings import KLING_DEFAULT, Settings
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import looks, projects, runs, tasks
from aida_orchestrator.store.db import Database, Tx

from .harness import Servers

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TENANT = "default"
# Children first. What memory keeps of a project hangs on it by ON DELETE CASCADE.
_TABLES = ("account_reads", "idempotency_keys", "events", "checkpoints", "stage_runs", "calls", "assets", "task_jobs",
           "jobs", "charges", "heartbeats", "memory_vectors", "user_files", "user_preferences", "campaigns", "tasks",
           "projects", "worker_heartbeats", "charge_sums", "budgets", "reservations", "spending_stop", "provider_pauses")
STAGE_OF = {JobKind.PICTURE: Stage.VISUAL, JobKind.CLIP: Stage.VIDEO}


class Clock:
    """Says the time it was given, until it is advanced."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time now."""
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Let time pass; the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now


def make_style(words: str = "warm window light, dark wood", sref: str = "") -> Style:
    """A look without a reference."""
    return Style(words=words, sref=sref)


def make_brief(**changes: Any) -> Brief:
    """A film of 10 s."""
    made = Brief(title="Bread", language="en", intent="A baker at dawn.", tone="quiet", style=make_style(),
                 duration_seconds=10, aspect_ratio="16:9")
    return made.model_copy(update=changes)


def make_storyboard(shots: int = 6, **changes: Any) -> Storyboard:
    """Shots of five seconds, each with a prompt of its own."""
    drawn = tuple(Shot(number=n, beat=n, picture_prompt=f"bread number {n}", motion_prompt=f"slow push {n}", seconds=5)
                  for n in range(1, shots + 1))
    return Storyboard(style=make_style(), shots=drawn).model_copy(update=changes)


def make_settings(dsn: str, folder: Path, **changes: Any) -> Settings:
    """Settings that reach no provider, keep everything under `folder` and try things soon."""
    usual: dict[str, Any] = {
        "database_url": dsn, "aida_home": folder / "home", "media_dir": folder / "media", "provider_timeout_seconds": 5,
        "kie_poll_seconds": 1, "fal_poll_seconds": 1, "anthropic_base_url": "http://127.0.0.1:9",
        "openai_base_url": "http://127.0.0.1:9", "kie_base_url": "http://127.0.0.1:9", "fal_queue_url": "http://127.0.0.1:9",
        "kie_task_dollars": "0.04",
    }
    return Settings(**{**usual, **changes})


def make_services(dsn: str, folder: Path, clock: Clock, **changes: Any) -> Services:
    """Live objects as a process of the service has them, on a clock of the test's."""
    return services.build(make_settings(dsn, folder, **changes), clock=clock)


@dataclass(frozen=True)
class Shared:
    """A migrated database that the tests of one file use in turn, emptied in between: quicker than one each."""

    dsn: str
    database: Database

    def empty(self) -> Database:
        """The database without any row."""
        with self.database.transaction() as tx:
            for table in _TABLES:
                tx.run(f"DELETE FROM {table}")
        return self.database


@contextmanager
def shared_database(servers: Servers) -> Iterator[Shared]:
    """A `Shared` that is dropped at the end."""
    dsn = servers.migrated_database()
    database = Database(dsn)
    yield Shared(dsn, database)
    database.close()
    servers.drop(dsn)


def add_film(db: Database, now: datetime = NOON, user: str = "u1", *, first: Stage = Stage.CONTEXT,
             project_id: str | None = None, message: str = "A film about bread") -> Task:
    """The rows of a film that was just asked for; with `project_id` one more task of that project."""
    with db.transaction() as tx:
        task_id = _number(tx, "task")
        if project_id is None:
            project_id = task_id.replace("task", "proj")
            projects.add_project(tx, id=project_id, tenant_id=TENANT, user_id=user, message=message, now=now)
        tasks.add_task(tx, id=task_id, tenant_id=TENANT, user_id=user, project_id=project_id, kind="create",
                       message=message, feedback=None, aspect=None, campaign_id=None, first=first, degraded=(), now=now)
        runs.add_stage_runs(tx, task_id, first, now)
        return tasks.get_task(tx, task_id)


def add_documents(db: Database, task: Task, board: Storyboard, now: datetime = NOON) -> None:
    """What context, script and storyboard would have left; the script is not read by later stages."""
    brief = make_brief(style=board.style)
    with db.transaction() as tx:
        for stage, output in ((Stage.CONTEXT, brief.model_dump(mode="json")), (Stage.SCRIPT, {}),
                              (Stage.STORYBOARD, board.model_dump(mode="json"))):
            tasks.add_checkpoint(tx, task.id, stage, output, now)


def wish(number: int, kind: JobKind = JobKind.PICTURE, words: str = "bread") -> Wanted:
    """One paid request of one shot."""
    if kind is JobKind.CLIP:
        request: dict[str, Any] = {"prompt": f"{words} {number}", "seconds": 5, "aspect_ratio": "16:9", "picture_key": "p"}
        return Wanted(number, kind, KLING_DEFAULT, request, fingerprint(request))
    request = {"prompt": f"{words} {number}", "aspect_ratio": "16:9", "sref": ""}
    return Wanted(number, kind, "mj/generate", request, fingerprint(request))


def add_jobs(db: Database, task: Task, count: int = 1, kind: JobKind = JobKind.PICTURE, now: datetime = NOON,
             words: str = "bread") -> list[Job]:
    """Queued jobs of a task, shots 1 to `count`."""
    with db.transaction() as tx:
        return jobs.ask(tx, task, [wish(number, kind, words) for number in range(1, count + 1)], now)


def park(db: Database, task: Task, kind: JobKind = JobKind.PICTURE, now: datetime = NOON) -> None:
    """Let the task's stage of this kind wait for its jobs."""
    with db.transaction() as tx:
        runs.ready_stage(tx, task.id, STAGE_OF[kind], now, list(RunState))
        claim = runs.claim_stage(tx, task.id, STAGE_OF[kind], "builder", timedelta(seconds=30), now)
        assert claim is not None
        runs.leave_stage(tx, claim, RunState.PARKED, now)


def admit_all(db: Database, provider: str = "kie", now: datetime = NOON, **limits: Any) -> list[str]:
    """Admit with wide limits, unless told otherwise; ids of the admitted."""
    wide = {"per_film": 1000, "running_limit": 1000, "window_limit": 1000, "window_seconds": 10.0, **limits}
    per_film = wide.pop("per_film")
    with db.transaction() as tx:
        job_rows.lock_admission(tx, provider)
        room, _ = job_rows.account_room(tx, provider, now, **wide)
        return [ref.id for ref in job_rows.admit_jobs(tx, provider, now, per_film=per_film, room=room)]


def bring_to(db: Database, job: Job, state: str, now: datetime = NOON, token: str = "token") -> Job:
    """Walk a queued job to a later state by the moves that the service makes."""
    admit_all(db, job.provider, now)
    if state != "admitted":
        with db.transaction() as tx:
            intended = job_rows.intend_job(tx, job.id, jobs.purchase.token_hash(f"{token}-{job.id}"), {}, now)
            assert intended is not None
            if state == "unknown":
                job_rows.doubt_job(tx, intended, {"code": "outcome_unknown"}, now)
            if state in ("running", "rendered"):
                job_rows.accept_job(tx, intended, Accepted(f"at-provider-{job.id}"), now, now, now + timedelta(hours=1))
            if state == "rendered":
                looks.render_job(tx, intended, ["https://tempfile.aiquickdraw.com/a.png"], now, now)
    found = find_job(db, job.id)
    assert found.state == state
    return found


def find_job(db: Database, job_id: str) -> Job:
    """A job that must be there."""
    with db.transaction() as tx:
        job = job_rows.get_job(tx, job_id)
    assert job is not None
    return job


def find_task(db: Database, task_id: str) -> Task:
    """A task that must be there."""
    with db.transaction() as tx:
        return tasks.get_task(tx, task_id)


def stage_row(db: Database, task_id: str, stage: Stage) -> dict[str, Any]:
    """The row of one stage of a task."""
    with db.transaction() as tx:
        return next(row for row in runs.list_stage_runs(tx, task_id) if row["stage"] == stage)


def event_numbers(db: Database, task_id: str) -> list[int]:
    """The numbers of a task's events, in order."""
    with db.transaction() as tx:
        return [row["number"] for row in tx.all("SELECT number FROM events WHERE task_id = %(id)s ORDER BY 1", id=task_id)]


@dataclass
class Broker:
    """What was published: (message name, arguments, queue)."""

    sent: list[tuple[str, tuple[Any, ...], str]] = field(default_factory=list)

    def names(self) -> list[str]:
        """The names of the messages, in order."""
        return [name for name, _, _ in self.sent]


@contextmanager
def broker_in_memory() -> Iterator[Broker]:
    """A default Celery app whose messages stay in this process, and a list of what was published to it."""
    broker, former = Broker(), _state.default_app
    app = celery.Celery("tests", broker="memory://")
    app.set_default()

    def note(sender: str, body: Any, routing_key: str, **_: Any) -> None:
        broker.sent.append((sender, tuple(body[0]), routing_key))

    before_task_publish.connect(note, weak=False)
    try:
        yield broker
    finally:
        before_task_publish.disconnect(note)
        _state.set_default_app(former)
        app.close()


class Held:
    """A database whose transactions stay open, all statements done and nothing committed, until they are let go.

    What only reads, by a statement alone, is not held.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reached = threading.Event()
        self.go = threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Like the real one, but for the wait before the commit."""
        with self._database.transaction() as tx:
            yield tx
            tx.flush()
            self.reached.set()
            assert self.go.wait(20), "nobody let the transaction go"

    @contextmanager
    def single(self) -> Iterator[Tx]:
        """The real one."""
        with self._database.single() as tx:
            yield tx


def wait_until_blocked(database: Database, seconds: float = 10) -> None:
    """Return when some session of this database waits for a lock; fails when none does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.transaction() as tx:
            if tx.one("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")


def with_desk(made: Services, **replaced: Any) -> Services:
    """The same services with other collaborators at the desk."""
    return replace(made, desk=replace(made.desk, **replaced))


def shots_of(found: Sequence[Job]) -> list[int]:
    """The shot numbers of jobs, in order."""
    return sorted(job.shot for job in found)


def _number(tx: Tx, kind: str) -> str:
    row = tx.one("SELECT count(*) + 1 AS n FROM tasks")
    assert row is not None
    return f"{kind}_{row['n']:04d}"

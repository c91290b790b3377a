"""Rows as nouns: Task, Project, Job, Asset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .documents import Brief, Degradation, Offer, Reference, Script, Storyboard
from .estimates import Forecast
from .plans import Plan
from .words import Aspect, JobKind, JobState, Outcome, Stage, TaskStatus


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that asked for a film: its id, and its trace (`traceparent` of W3C Trace Context) where it was traced."""

    request_id: str | None = None
    traceparent: str | None = None


NO_REQUEST = Origin()


@dataclass(frozen=True, slots=True)
class Task:
    """One create or refine carried through the pipeline, or a restore, which is finished when it is written.

    `plan` only of a refine, `forecast` only of a create; `restored_from` is the task whose film a restore brought back;
    `references` are the pictures that the request named.
    """

    id: str
    tenant_id: str
    user_id: str
    project_id: str
    kind: str
    message: str
    feedback: str | None
    aspect: Aspect | None
    campaign_id: str | None
    status: TaskStatus
    current_step: Stage
    progress: int
    cancel_asked_at: datetime | None
    degraded: tuple[Degradation, ...]
    error: dict[str, Any] | None
    offer: tuple[Offer, ...]
    film_key: str | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None
    plan: Plan | None = None
    restored_from: str | None = None
    references: tuple[Reference, ...] = ()
    origin: Origin = NO_REQUEST
    forecast: Forecast | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """The film being made; holds the latest documents and film. Once `forgotten_at` it is never recalled or learned from."""

    id: str
    tenant_id: str
    user_id: str
    title: str
    message: str
    brief: Brief | None
    script: Script | None
    storyboard: Storyboard | None
    film_key: str | None
    created_at: datetime
    finished_at: datetime | None
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One paid request, a row first. `request` is exactly what is (to be) sent, without the callback address.

    `due_at` and `hurried` are known of one that was claimed for a look: when it was due, and if a callback asked for it.
    """

    id: str
    tenant_id: str
    user_id: str
    task_id: str
    project_id: str
    shot: int
    kind: JobKind
    provider: str
    endpoint: str
    fingerprint: str
    request: dict[str, Any]
    state: JobState
    outcome: Outcome | None
    provider_id: str | None
    handles: dict[str, str]
    attempt: int
    refusals: int
    renewals: int
    polls: int
    fetches: int
    result_urls: tuple[str, ...]
    error: dict[str, Any] | None
    deadline_at: datetime | None
    intent_at: datetime | None
    accepted_at: datetime | None
    created_at: datetime
    due_at: datetime | None = None
    hurried: bool = False
    origin: Origin = NO_REQUEST


@dataclass(frozen=True, slots=True)
class Asset:
    """A file we keep: `key` in storage, content hash, type, size; `take` 0 is the one used, 1.. are the others."""

    key: str
    kind: str
    project_id: str
    job_id: str | None
    shot: int | None
    take: int
    content_type: str
    bytes: int
    sha256: str
    source_url: str | None
    created_at: datetime

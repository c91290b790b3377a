"""Every noun of the service, frozen. Documents (Brief, Script, Storyboard) are stored as JSON; rows are dataclasses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Stage(StrEnum):
    """The five stages, in order; `currentStep` in JSON is the value."""

    CONTEXT = "context"
    SCRIPT = "script"
    STORYBOARD = "storyboard"
    VISUAL = "visual"
    VIDEO = "video"

    @property
    def next(self) -> Stage | None:
        """The stage after this one, None after the last."""
        later = STAGES[STAGES.index(self) + 1 :]
        return later[0] if later else None


STAGES = tuple(Stage)


class TaskStatus(StrEnum):
    """What a caller sees; the last four are terminal."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Nothing more happens unless somebody asks for a retry."""
        return self not in (TaskStatus.QUEUED, TaskStatus.PROCESSING)


class RunState(StrEnum):
    """State of one StageRun."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    PARKED = "parked"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class JobKind(StrEnum):
    """What is bought: one Midjourney task (four pictures) or one Kling clip."""

    PICTURE = "picture"
    CLIP = "clip"


class JobState(StrEnum):
    """One paid request, from the wish to the stored file.

    queued → admitted → submitting → running → rendered → settled; submitting → unknown → running | settled.
    `admitted` holds a slot and nothing was sent; from `submitting` on silence is ambiguous;
    `rendered` means the provider has the result and we have not yet copied it.
    """

    QUEUED = "queued"
    ADMITTED = "admitted"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    RUNNING = "running"
    RENDERED = "rendered"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How a settled Job ended; `lost` = we never learned whether it was bought."""

    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


class Aspect(StrEnum):
    """What a refine touches."""

    SCRIPT = "script"
    STYLE = "style"
    VISUALS = "visuals"
    ALL = "all"


class Component(StrEnum):
    """Who is charged or failing."""

    ORCHESTRATOR = "orchestrator"
    WRITER = "writer"
    DIRECTOR = "director"
    MIDJOURNEY = "midjourney"
    KLING = "kling"
    MEMORY = "memory"


class Document(BaseModel):
    """A stored JSON document; unknown keys of older or newer versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Style(Document):
    """The look: words, and a style reference (a catalogue key or the address of a reference picture)."""

    words: str
    sref: str = ""


class Match(Document):
    """One hit of memory: a finished project, its likeness (cosine, 0..1) and whether it was used and why."""

    project_id: str
    title: str
    similarity: float
    brief: dict[str, Any] = {}
    finished_at: str = ""
    used: bool = False
    reason: str = ""


class Brief(Document):
    """What context hands on. `duration_seconds` is a multiple of 5; language is a BCP 47 tag."""

    title: str
    language: str
    intent: str
    tone: str
    style: Style
    duration_seconds: int
    aspect_ratio: str
    constraints: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()


class Beat(Document):
    """One moment of the script: what is said, what is seen, for how many seconds."""

    words: str
    picture: str
    seconds: int


class Script(Document):
    """Beats in order; their seconds sum to the brief's duration."""

    title: str
    logline: str
    beats: tuple[Beat, ...]


class Shot(Document):
    """One frame of the film. `take` counts how often it was asked to be made anew; it is part of the fingerprint."""

    number: int
    beat: int
    picture_prompt: str
    motion_prompt: str
    seconds: int
    take: int = 1


class Storyboard(Document):
    """Shots in order, and one Style."""

    style: Style
    shots: tuple[Shot, ...]

    @property
    def seconds(self) -> int:
        """Planned length of the film."""
        return sum(shot.seconds for shot in self.shots)


class Offer(Document):
    """One alternative style put to the user; `key` may be given back as the feedback of a refine."""

    key: str
    label: str
    style: Style


class Degradation(Document):
    """One thing that was made simpler than asked, said openly."""

    stage: Stage
    reason: str
    what: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call consumed.

    units, by provider: anthropic input_tokens (uncached), cache_write_5m_tokens, cache_write_1h_tokens,
    cache_read_tokens, output_tokens; openai input_tokens; kie tasks; fal seconds.
    """

    provider: str
    model: str
    units: Mapping[str, int]

    @property
    def tokens(self) -> int:
        """All tokens, cached ones included; 0 for pictures and clips."""
        return sum(count for unit, count in self.units.items() if unit.endswith("_tokens"))


@dataclass(frozen=True, slots=True)
class ClaudeRequest:
    """One Messages request without the model: blocks as the API wants them."""

    system: tuple[dict[str, Any], ...]
    messages: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...] = ()
    schema: dict[str, Any] | None = None
    max_tokens: int = 8000
    effort: str = "low"

    def fingerprint(self, model: str) -> str:
        """SHA-256 of the whole request: the same question of one task is never asked twice."""
        return fingerprint(
            {"model": model, "system": self.system, "messages": self.messages, "tools": self.tools,
             "schema": self.schema, "max_tokens": self.max_tokens, "effort": self.effort}
        )


@dataclass(frozen=True, slots=True)
class ClaudeAnswer:
    """Blocks unchanged (they must be sent back byte for byte in a tool loop), and what they cost."""

    blocks: tuple[dict[str, Any], ...]
    stop_reason: str
    usage: Usage

    @property
    def text(self) -> str:
        """All text blocks joined; thinking and tool blocks are left out."""
        return "".join(block.get("text", "") for block in self.blocks if block.get("type") == "text")

    @property
    def tool_uses(self) -> list[dict[str, Any]]:
        """The tool_use blocks, in order."""
        return [block for block in self.blocks if block.get("type") == "tool_use"]


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """One Midjourney task: four pictures of one prompt."""

    prompt: str
    aspect_ratio: str
    sref: str = ""


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One Kling clip from a start picture."""

    endpoint: str
    prompt: str
    image_url: str
    seconds: int
    aspect_ratio: str = "16:9"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the request; `handles` are the addresses it gave for asking later."""

    provider_id: str
    handles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a poll found: still going (`done` False, no error), done with `urls`, or failed with `error`."""

    done: bool = False
    urls: tuple[str, ...] = ()
    error: Exception | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One create or refine carried through the pipeline."""

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


@dataclass(frozen=True, slots=True)
class Project:
    """The film being made; holds the latest documents and film."""

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


@dataclass(frozen=True, slots=True)
class Job:
    """One paid request, a row first. `request` is exactly what is (to be) sent, without the callback address."""

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
    accepted_at: datetime | None


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


def fingerprint(value: Any) -> str:
    """SHA-256 of the value as canonical JSON (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

"""The closed sets: stages, states, kinds, outcomes, components. The same words stand in rows and in JSON."""

from __future__ import annotations

from enum import StrEnum


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


class ReferenceUse(StrEnum):
    """What a picture of the client's stands for in a film's pictures: how they look, or who or what is in them."""

    STYLE = "style"
    SUBJECT = "subject"


class Choice(StrEnum):
    """What a plan says of one picture or clip."""

    KEEP = "keep"
    REDO = "redo"


class Component(StrEnum):
    """Who is charged or failing."""

    ORCHESTRATOR = "orchestrator"
    WRITER = "writer"
    DIRECTOR = "director"
    MIDJOURNEY = "midjourney"
    KLING = "kling"
    MEMORY = "memory"

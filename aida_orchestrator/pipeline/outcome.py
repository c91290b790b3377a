"""What a stage is given and what it may answer: done, parked on paid jobs, or stopped with an offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..jobs import Wanted
from ..model import Asset, Brief, Degradation, JobKind, Offer, Script, Stage, Storyboard, Task, TaskStatus
from .binding import bind_brief


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one stage: the task, and what the stages before it left."""

    task: Task
    stage: Stage
    checkpoints: Mapping[Stage, Mapping[str, Any]]
    former: Mapping[Stage, Mapping[str, Any]]

    def brief(self) -> Brief:
        """What context left; of a refine no longer than planned."""
        return bind_brief(self.task.plan, Brief.model_validate(self.checkpoints[Stage.CONTEXT]))

    def script(self) -> Script:
        """What script left."""
        return Script.model_validate(self.checkpoints[Stage.SCRIPT])

    def storyboard(self) -> Storyboard:
        """What storyboard left."""
        return Storyboard.model_validate(self.checkpoints[Stage.STORYBOARD])


@dataclass(frozen=True, slots=True)
class Done:
    """The stage has its output; `status`, `film_key` and `error` only from the last stage."""

    output: Mapping[str, Any]
    degraded: tuple[Degradation, ...] = ()
    brief: Brief | None = None
    script: Script | None = None
    storyboard: Storyboard | None = None
    context: Mapping[str, Any] | None = None
    status: TaskStatus | None = None
    film_key: str | None = None
    assets: tuple[Asset, ...] = ()
    error: Mapping[str, Any] | None = None
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """The stage needs these paid jobs settled before it can go on; its worker is free meanwhile."""

    kind: JobKind
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The task cannot go on by itself: why, what to do next, and perhaps other styles to choose from."""

    error: Mapping[str, Any]
    offer: tuple[Offer, ...] = field(default=())


Outcome = Done | Parked | Stopped

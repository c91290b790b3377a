"""What the handling of jobs needs at hand, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from ..media.fetch import Fetcher
from ..media.storage import LocalStorage
from ..model import Component, Job, JobKind, Stage, Usage
from ..providers.base import RetryPolicy
from ..providers.fal import Fal
from ..providers.fal_history import FalHistory
from ..providers.kie import Kie
from ..store.db import Database, Tx
from ..store.jobs import JobRef
from ..store.looks import Pace

STAGE_OF = {JobKind.PICTURE: Stage.VISUAL, JobKind.CLIP: Stage.VIDEO}
PROVIDER_OF = {JobKind.PICTURE: "kie", JobKind.CLIP: "fal"}
# Books one accepted request: (transaction, (task, project, tenant, user), component, usage, now, key that is booked once,
# the provider's id of it).
Book = Callable[[Tx, tuple[str, str, str, str], Component, Usage, datetime, str, str], None]
# Sets aside what one request costs, in the transaction of its intent: (transaction, key, (task, project, tenant, user),
# component, usage, now, how long at the most, the job's id); True when it tries a provider whose account was empty. Raises
# Held where it may not be bought now.
Reserve = Callable[[Tx, str, tuple[str, str, str, str], Component, Usage, datetime, timedelta, str], bool]
COMPONENT_OF = {JobKind.PICTURE: Component.MIDJOURNEY, JobKind.CLIP: Component.KLING}


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps and times of one kind of job. Seconds throughout.

    `window_*`: submissions the account may make in a window (KIE: 20 per 10 s, docs.kie.ai "Getting Started").
    `looks`: status reads the account may make in a second (KIE: 10), also when many callbacks come.
    `unknown_wait`: how long a lost answer may still be made good by a callback; 0 where no callback can come.
    `lost_holds`: how long after its sending one that was given up for that keeps its slot of the film: it may be being made.
    """

    per_film: int
    running: int
    window: int
    window_seconds: float
    poll_seconds: float
    looks: int
    deadline_seconds: float
    unknown_wait: float
    lost_holds: float = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything at hand for handling jobs; `clock` returns aware UTC time, `lease` is how long a claim lasts unrenewed.

    `history` is None where fal's may not be asked.
    """

    db: Database
    kie: Kie
    fal: Fal
    history: FalHistory | None
    storage: LocalStorage
    fetcher: Fetcher
    fit: Callable[[Path, float, str, Path], None]
    book: Book
    reserve: Reserve
    policy: RetryPolicy
    limits: dict[JobKind, Limits]
    public_url: str | None
    submit_timeout: float
    accepted_folder: Path
    lease: timedelta
    clock: Callable[[], datetime]

    @property
    def paces(self) -> dict[str, Pace]:
        """How closely each provider's account may be asked how jobs stand: a third of a second's reads may come at once."""
        return {PROVIDER_OF[kind]: Pace(1 / limits.looks, (limits.looks // 3) / limits.looks)
                for kind, limits in self.limits.items()}


@dataclass(slots=True)
class Woken:
    """What is to be done now: stages to ring, jobs to submit, results to copy, and slots to give away.

    `fetches` are results that anybody may copy, `copies` those that the caller has claimed. `freed`: a job of this kind
    and film no longer holds a slot. `settled`: a job has come to its end.
    """

    rings: list[tuple[str, Stage]] = field(default_factory=list)
    submits: list[JobRef] = field(default_factory=list)
    fetches: list[JobRef] = field(default_factory=list)
    copies: list[Job] = field(default_factory=list)
    freed: list[tuple[JobKind, str]] = field(default_factory=list)
    settled: bool = False

    def add(self, other: Woken) -> Woken:
        """Take over what `other` woke; returns self."""
        self.rings += other.rings
        self.submits += other.submits
        self.fetches += other.fetches
        self.copies += other.copies
        self.freed += other.freed
        self.settled = self.settled or other.settled
        return self

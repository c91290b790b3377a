"""The plan of a refine: what of the former film is kept, what is made anew, and what that costs at most."""

from __future__ import annotations

from decimal import Decimal

from .documents import Document
from .words import Aspect, Choice, Stage


class ShotPlan(Document):
    """One shot of a plan.

    `rewrite`: the agents may change its words; else they stand as they were, also where a missing file is made (again).
    `take` is what a picture or clip made anew of the same words is counted as. `*_job`: what brought a kept file.
    """

    number: int
    picture: Choice
    clip: Choice
    why: str
    seconds: int
    rewrite: bool
    take: int = 1
    picture_job: str | None = None
    clip_job: str | None = None


class Estimate(Document):
    """US dollars at most, in all and by component (None = no price is known: named in `unknown`); seconds it may take."""

    dollars: Decimal
    by_component: dict[str, Decimal | None]
    unknown: tuple[str, ...] = ()
    seconds: int


class Plan(Document):
    """What a refine may change, decided by code before anything is bought, and kept to whatever the agents answer.

    `free`: shots may come and go, as many as `shots` has, together no longer than `most_seconds`; else they stay in place.
    `duration_seconds`: what the brief may ask for. `kept_beats`: numbers (from 1) of the script's beats that stay.
    """

    aspect: Aspect
    stages: tuple[Stage, ...]
    shots: tuple[ShotPlan, ...]
    free: bool
    kept_beats: tuple[int, ...] = ()
    duration_seconds: int
    most_seconds: int
    estimate: Estimate

    def shot(self, number: int) -> ShotPlan | None:
        """What is planned for a shot, None for one that is not in the plan."""
        return next((shot for shot in self.shots if shot.number == number), None)

    @property
    def kept(self) -> tuple[int, ...]:
        """Shots whose picture and clip both stay."""
        return tuple(shot.number for shot in self.shots if shot.picture is shot.clip is Choice.KEEP)

    @property
    def pictures_only(self) -> bool:
        """Whether nothing but pictures and clips is made anew, in place: the words stay, and the look."""
        return not self.free and self.aspect is not Aspect.STYLE and self.stages[0] is Stage.STORYBOARD

    @property
    def rewritten(self) -> tuple[int, ...]:
        """Shots that the agents may change."""
        return tuple(shot.number for shot in self.shots if shot.rewrite)

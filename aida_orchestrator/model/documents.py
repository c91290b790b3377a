"""Documents that agents write and that are stored as JSON: Brief, Script, Storyboard and what stands in them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from .words import ReferenceUse, Stage


class Document(BaseModel):
    """A stored JSON document; unknown keys of older or newer versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Style(Document):
    """The look: words, and a style reference (a catalogue key or the address of a reference picture)."""

    words: str
    sref: str = ""


class Reference(Document):
    """A picture the user uploaded and what it is for. It is the file's content that counts (`sha256`), not its address."""

    file_id: str
    use: ReferenceUse
    key: str
    sha256: str


class Structure(Document):
    """How a film was divided: the seconds of each beat and of each shot, in order."""

    beats: tuple[int, ...]
    shots: tuple[int, ...]


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
    """What context hands on. `duration_seconds` is a multiple of 5; language is a BCP 47 tag.

    `structure` is that of the film that is followed, and binds; `style_binds` when the look is that film's, or a campaign's.
    `references` all have the same use: a picture task takes one or the other.
    """

    title: str
    language: str
    intent: str
    tone: str
    style: Style
    duration_seconds: int
    aspect_ratio: str
    constraints: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    structure: Structure | None = None
    style_binds: bool = False
    references: tuple[Reference, ...] = ()


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
    """One thing that was made simpler than asked, said openly. `code` names the reason; older ones have none."""

    stage: Stage
    reason: str
    what: str
    code: str = ""

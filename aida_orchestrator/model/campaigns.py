"""A Campaign: guidelines and settings shared by several projects, and what its films have in common so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .documents import Document, Style


class CampaignSettings(Document):
    """What a campaign's films begin with; None where it says nothing."""

    style: Style | None = None
    duration_seconds: int | None = None
    aspect_ratio: str | None = None
    tone: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One row: `archived_at` is None while films can be added."""

    id: str
    tenant_id: str
    user_id: str
    name: str
    guidelines: str
    settings: CampaignSettings
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignProject:
    """A finished film of a campaign."""

    project_id: str
    title: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignContext:
    """What an agent or a person should know of a campaign; style and mean length (seconds) are its finished films'."""

    campaign_id: str
    name: str
    guidelines: str
    settings: CampaignSettings
    projects: tuple[CampaignProject, ...]
    most_used_style: Style | None
    mean_duration: float | None

"""What one task may ask of memory, and what its orchestrator is handed: tenant and user are the task's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..agents.follow import Defaults
from ..agents.orchestrator import Known
from ..agents.tools import Found, Recall
from ..memory.asked_for import taste
from ..memory.campaigns import campaign_context, find_campaign, named_in
from ..memory.embedding import Embedder
from ..memory.files import find_user_files
from ..memory.preferences import defaults, list_preferences
from ..memory.recall import latest_project, search_similar_projects
from ..memory.said import said_before
from ..model import (
    CampaignContext,
    CampaignSettings,
    Category,
    Component,
    FileMatch,
    Match,
    Preference,
    Style,
    Task,
    Usage,
)
from ..services import Services
from . import references
from .questions import KeptQuestions

_FILES = 3
_GUIDELINES = 10_000


@dataclass(frozen=True, slots=True)
class Owned:
    """Memory as this task may ask it."""

    services: Services
    task: Task

    @property
    def recall(self) -> Recall:
        """The questions behind the agent's tools."""
        return Recall(self._projects, self._latest, self._files, self._campaign, self._preferences)

    def known(self) -> tuple[Known, CampaignContext | None]:
        """What is handed over unasked, and the campaign among it: the task's own, else the one that the message names."""
        services, task = self.services, self.task
        said = said_before(services.db, self._embedder, task, services.similarity_floor, self._on_usage)
        campaign = self._own_campaign()
        with services.db.transaction() as tx:
            sure = list(defaults(tx, task.tenant_id, task.user_id, services.clock(), services.preference_floor).values())
        # A film that has no campaign yet joins the one that its agent loads, and then has that one's settings.
        may_join = campaign is None and task.campaign_id is None and task.feedback is None
        return Known(
            said=said, campaign=campaign_json(campaign) if campaign else None,
            preferences=[preference_json(one) for one in sure],
            defaults=defaults_of(campaign.settings if campaign else None, sure),
            defaults_in=(lambda loaded: defaults_of(CampaignSettings.model_validate(loaded["settings"]), sure))
            if may_join else None,
            references=task.references), campaign

    def _own_campaign(self) -> CampaignContext | None:
        task = self.task
        if task.campaign_id is not None:
            return self._context(task.campaign_id)
        named = named_in(self.services.db, task.tenant_id, task.user_id, task.message) if task.feedback is None else None
        return self._context(named.id) if named else None

    def _context(self, campaign_id: str) -> CampaignContext | None:
        with self.services.db.transaction() as tx:
            return campaign_context(tx, self.task.tenant_id, self.task.user_id, campaign_id)

    def _projects(self, query: str, limit: int) -> list[Match]:
        services, task = self.services, self.task
        return search_similar_projects(
            services.db, self._embedder, task.tenant_id, task.user_id, query, limit, services.similarity_floor,
            exclude_project_id=task.project_id, on_usage=self._on_usage)

    def _latest(self, message: str) -> Match | None:
        services, task = self.services, self.task
        return latest_project(services.db, self._embedder, task.tenant_id, task.user_id, message,
                              exclude_project_id=task.project_id, on_usage=self._on_usage)

    def _files(self, description: str, file_type: str | None) -> list[Found]:
        services, task = self.services, self.task
        found = find_user_files(
            services.db, self._embedder, task.tenant_id, task.user_id, description, _FILES, services.similarity_floor,
            file_type=file_type, on_usage=self._on_usage, now=services.clock())
        with services.db.single() as tx:
            pictures = references.living(tx, (task.tenant_id, task.user_id), [file.file_id for file in found])
        return [Found(file_json(file), pictures.get(file.file_id)) for file in found]

    def _campaign(self, name: str) -> dict[str, Any] | None:
        services, task = self.services, self.task
        found = find_campaign(services.db, self._embedder, task.tenant_id, task.user_id, name,
                              services.similarity_floor, on_usage=self._on_usage)
        context = self._context(found.id) if found else None
        return campaign_json(context) if context else None

    def _preferences(self, category: str | None) -> list[dict[str, Any]]:
        with self.services.db.transaction() as tx:
            found = list_preferences(tx, self.task.tenant_id, self.task.user_id, self.services.clock())
        wanted = taste(category)
        return [preference_json(one) for one in found if wanted in (None, one.category)]

    @property
    def _embedder(self) -> Embedder:
        return KeptQuestions(self.services, self.task)

    def _on_usage(self, usage: Usage) -> None:
        self.services.meter(self.task, Component.MEMORY)(usage)


def defaults_of(settings: CampaignSettings | None, preferences: list[Preference]) -> Defaults:
    """What fills the gaps of a message: what the campaign says, else what the user usually likes."""
    liked = {one.category: one.value for one in preferences}
    own = settings or CampaignSettings()
    return Defaults(
        style=own.style,
        duration_seconds=own.duration_seconds or liked.get(Category.DURATION),
        aspect_ratio=own.aspect_ratio or liked.get(Category.ASPECT_RATIO),
        tone=own.tone or "", language=own.language or "",
        liked_style=Style.model_validate(liked[Category.STYLE]) if Category.STYLE in liked else None,
        liked_tone=str(liked.get(Category.TONE, "")))


def campaign_json(campaign: CampaignContext) -> dict[str, Any]:
    """A campaign as Claude reads it, and as the status shows it."""
    return {
        "campaignId": campaign.campaign_id, "name": campaign.name, "guidelines": campaign.guidelines[:_GUIDELINES],
        "settings": campaign.settings.model_dump(mode="json", exclude_none=True),
        "projects": [{"projectId": one.project_id, "title": one.title} for one in campaign.projects],
        "mostUsedStyle": campaign.most_used_style.model_dump() if campaign.most_used_style else None,
        "meanDurationSeconds": campaign.mean_duration,
    }


def preference_json(preference: Preference) -> dict[str, Any]:
    """A preference without its evidence."""
    return {"category": preference.category.value, "value": preference.value,
            "confidence": round(preference.confidence, 2), "source": preference.source}


def file_json(file: FileMatch) -> dict[str, Any]:
    """A found file with the text around its nearest passage."""
    return {"fileId": file.file_id, "name": file.name, "contentType": file.content_type,
            "similarity": round(file.similarity, 2), "text": file.text}

"""Rows of campaigns and of the projects that belong to them, always asked for with tenant and user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..model import Campaign, CampaignSettings
from .db import Tx, as_json, load_queries

_SQL = load_queries("campaigns")


def lock_campaigns(tx: Tx, tenant_id: str, user_id: str) -> None:
    """Hold the names of a user's campaigns still until this transaction ends."""
    tx.later(_SQL["lock_campaigns"], tenant_id=tenant_id, user_id=user_id)


def add_campaign(tx: Tx, campaign: Campaign) -> None:
    """A new campaign; the caller holds the names and has compared them."""
    tx.later(_SQL["add_campaign"], id=campaign.id, tenant_id=campaign.tenant_id, user_id=campaign.user_id,
             name=campaign.name, guidelines=campaign.guidelines, settings=_settings(campaign), now=campaign.created_at)


def list_campaigns(tx: Tx, tenant_id: str, user_id: str, *, archived: bool = False) -> list[Campaign]:
    """A user's campaigns, the newest first; the archived ones only if asked for."""
    rows = tx.all(_SQL["list_campaigns"], tenant_id=tenant_id, user_id=user_id, archived=archived)
    return [_campaign(row) for row in rows]


def find_campaign(tx: Tx, campaign_id: str, tenant_id: str, user_id: str) -> Campaign | None:
    """One campaign of this user, archived or not, or None."""
    row = tx.one(_SQL["find_campaign"], id=campaign_id, tenant_id=tenant_id, user_id=user_id)
    return _campaign(row) if row else None


def hold_campaign(tx: Tx, campaign_id: str, tenant_id: str, user_id: str) -> Campaign | None:
    """The same; nobody changes, archives or erases it before this transaction ends."""
    row = tx.one(_SQL["hold_campaign"], id=campaign_id, tenant_id=tenant_id, user_id=user_id)
    return _campaign(row) if row else None


def has_campaign(tx: Tx, campaign_id: str, tenant_id: str) -> bool:
    """Whether there is such a campaign, whosever it is."""
    row = tx.one(_SQL["has_campaign"], id=campaign_id, tenant_id=tenant_id)
    return bool(row and row["found"])


def update_campaign(tx: Tx, campaign: Campaign) -> None:
    """Write the campaign's name, guidelines, settings and whether it is archived, dated `updated_at`."""
    tx.later(_SQL["update_campaign"], id=campaign.id, tenant_id=campaign.tenant_id, user_id=campaign.user_id,
             name=campaign.name, guidelines=campaign.guidelines, settings=_settings(campaign),
             archived_at=campaign.archived_at, now=campaign.updated_at)


def link_project(tx: Tx, project_id: str, campaign: Campaign, now: datetime) -> None:
    """The project belongs to the campaign; both are the same user's, which the caller has seen."""
    tx.later(_SQL["link_project"], project_id=project_id, campaign_id=campaign.id, tenant_id=campaign.tenant_id,
             user_id=campaign.user_id, now=now)


def set_task_campaign(tx: Tx, task_id: str, campaign: Campaign, now: datetime) -> None:
    """The task's film is made for this campaign."""
    tx.later(_SQL["set_task_campaign"], task_id=task_id, campaign_id=campaign.id, tenant_id=campaign.tenant_id,
             user_id=campaign.user_id, now=now)


def list_campaign_films(tx: Tx, campaign: Campaign) -> list[dict[str, Any]]:
    """Rows with id, title, finished_at, style and seconds (both as the brief has them), the newest first, at most 1000."""
    return tx.all(_SQL["list_campaign_films"], campaign_id=campaign.id, tenant_id=campaign.tenant_id,
                  user_id=campaign.user_id)


def list_unread_campaigns(tx: Tx, tenant_id: str, user_id: str, embedder: str, limit: int) -> list[Campaign]:
    """Open campaigns without a vector of this embedder, or with one of an older text."""
    rows = tx.all(_SQL["list_unread_campaigns"], tenant_id=tenant_id, user_id=user_id, embedder=embedder, limit=limit)
    return [_campaign(row) for row in rows]


def _settings(campaign: Campaign) -> Any:
    return as_json(campaign.settings.model_dump(mode="json", exclude_none=True))


def _campaign(row: Mapping[str, Any]) -> Campaign:
    return Campaign(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], name=row["name"], guidelines=row["guidelines"],
        settings=CampaignSettings.model_validate(row["settings"]), created_at=row["created_at"],
        updated_at=row["updated_at"], archived_at=row["archived_at"])

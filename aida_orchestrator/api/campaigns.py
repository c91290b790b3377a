"""Campaigns: make one, list, read, change, archive. What a user does not own is not there."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import AfterValidator, BeforeValidator, StringConstraints, field_validator

from ..errors import ConflictError, NotFoundError
from ..memory.campaigns import campaign_context
from ..model import Campaign, CampaignContext, CampaignSettings
from ..store import campaigns
from ..store.db import Tx
from .asking import answer, only_text, services, user_in
from .figures import moment
from .query import flag_in, parameters
from .schemas import Body, Id, parse
from .tastes import Language, Ratio, Seconds, StyleBody, Tone, style_body
from .videos import TENANT

blueprint = Blueprint("campaigns", __name__, url_prefix="/api/orchestrator/campaigns")
blueprint.before_request(only_text())


def _one_line(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"),
                 AfterValidator(_one_line)]


def _lines(guidelines: Any) -> Any:
    """Guidelines come as a text, or as a list of them."""
    listed = isinstance(guidelines, list) and all(isinstance(line, str) for line in guidelines)
    return "\n".join(guidelines) if listed else guidelines


Guidelines = Annotated[str, BeforeValidator(_lines),
                       StringConstraints(strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00]*$")]


class SettingsBody(Body):
    """What a campaign's films begin with; in a change, null takes one away and what is left out stays."""

    duration_seconds: Seconds | None = None
    aspect_ratio: Ratio | None = None
    tone: Tone | None = None
    language: Language | None = None


class NewCampaign(Body):
    """POST campaigns."""

    user_id: Id
    name: Name
    guidelines: Guidelines = ""
    style: StyleBody | None = None
    settings: SettingsBody = SettingsBody()


class ChangedCampaign(Body):
    """PATCH campaigns, or PUT: only what is given changes; a style of null takes it away."""

    user_id: Id
    name: Name | None = None
    guidelines: Guidelines | None = None
    style: StyleBody | None = None
    settings: SettingsBody | None = None
    archived: bool | None = None

    @field_validator("name", "guidelines", "settings", "archived", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("give a value, or leave it out")
        return value


class Owner(Body):
    """Who asks."""

    user_id: Id


@blueprint.post("")
def add() -> Response:
    """Make a campaign."""
    body = parse(NewCampaign)
    now = services().clock()
    made = Campaign(
        id=f"camp_{secrets.token_hex(10)}", tenant_id=TENANT, user_id=body.user_id, name=body.name,
        guidelines=body.guidelines, settings=_changed(CampaignSettings(), body), created_at=now, updated_at=now,
        archived_at=None)
    with services().db.transaction() as tx:
        _name_is_free(tx, made)
        campaigns.add_campaign(tx, made)
    response = answer(_body(made), 201)
    response.headers["Location"] = f"{blueprint.url_prefix}/{made.id}"
    return response


@blueprint.get("")
def list_all() -> Response:
    """A user's campaigns, the newest first."""
    given = parameters("userId", "includeArchived")
    user, archived = user_in(given), flag_in(given, "includeArchived")
    with services().db.single() as tx:
        found = campaigns.list_campaigns(tx, TENANT, user, archived=archived)
    return answer({"campaigns": [_body(one) for one in found]})


@blueprint.get("/<campaign_id>")
def read(campaign_id: str) -> Response:
    """One campaign with what its films have in common."""
    user = user_in(parameters("userId"))
    with services().db.transaction() as tx:
        found = campaigns.find_campaign(tx, campaign_id, TENANT, user)
        context = campaign_context(tx, TENANT, user, campaign_id)
    if found is None or context is None:
        raise _no_campaign(campaign_id)
    return answer({**_body(found), "context": _context(context)})


@blueprint.patch("/<campaign_id>")
@blueprint.put("/<campaign_id>")
def change(campaign_id: str) -> Response:
    """Change what is given; `archived: false` restores."""
    body = parse(ChangedCampaign)
    archived = body.archived
    return answer(_body(_change(campaign_id, body.user_id, body, archived)))


@blueprint.post("/<campaign_id>/archive")
def archive(campaign_id: str) -> Response:
    """No more films are added to it; its name is free again. Twice is once."""
    body = parse(Owner)
    return answer(_body(_change(campaign_id, body.user_id, None, True)))


@blueprint.delete("/<campaign_id>")
def put_away(campaign_id: str) -> Response:
    """The same as archiving it: films were made with it, so it is never gone, and the answer says `archived`."""
    return answer(_body(_change(campaign_id, user_in(parameters("userId")), None, True)))


def _change(campaign_id: str, user: str, body: ChangedCampaign | None, archived: bool | None) -> Campaign:
    now = services().clock()
    with services().db.transaction() as tx:
        campaigns.lock_campaigns(tx, TENANT, user)
        found = campaigns.find_campaign(tx, campaign_id, TENANT, user)
        if found is None:
            raise _no_campaign(campaign_id)
        changed = found
        if body is not None:
            changed = replace(found, name=body.name or found.name, settings=_changed(found.settings, body),
                              guidelines=found.guidelines if body.guidelines is None else body.guidelines)
        if archived is not None:
            changed = replace(changed, archived_at=(found.archived_at or now) if archived else None)
        if changed != found:
            changed = replace(changed, updated_at=now)
            _name_is_free(tx, changed)
            campaigns.update_campaign(tx, changed)
    return changed


def _changed(settings: CampaignSettings, body: NewCampaign | ChangedCampaign) -> CampaignSettings:
    given: dict[str, Any] = {}
    if "style" in body.model_fields_set:
        given["style"] = body.style.style if body.style else None
    if body.settings is not None:
        given |= {name: getattr(body.settings, name) for name in body.settings.model_fields_set}
    return settings.model_copy(update=given)


def _name_is_free(tx: Tx, campaign: Campaign) -> None:
    """Two open campaigns of a user never have one name, letter case aside: a message could not tell them apart."""
    campaigns.lock_campaigns(tx, TENANT, campaign.user_id)
    if campaign.archived_at is not None:
        return
    others: Iterable[Campaign] = campaigns.list_campaigns(tx, TENANT, campaign.user_id)
    twin = next((other for other in others
                 if other.id != campaign.id and other.name.casefold() == campaign.name.casefold()), None)
    if twin is not None:
        raise ConflictError(f"there is an open campaign of this name already: {twin.id}")


def _no_campaign(campaign_id: str) -> NotFoundError:
    return NotFoundError(f"there is no campaign {campaign_id!r} of this user")


def _body(campaign: Campaign) -> dict[str, Any]:
    settings = campaign.settings
    return {
        "campaignId": campaign.id, "userId": campaign.user_id, "name": campaign.name, "guidelines": campaign.guidelines,
        "style": style_body(settings.style), "settings": {
            "durationSeconds": settings.duration_seconds, "aspectRatio": settings.aspect_ratio, "tone": settings.tone,
            "language": settings.language},
        "archived": campaign.archived_at is not None, "createdAt": moment(campaign.created_at),
        "updatedAt": moment(campaign.updated_at), "archivedAt": moment(campaign.archived_at)}


def _context(context: CampaignContext) -> dict[str, Any]:
    return {
        "projects": [{"projectId": one.project_id, "title": one.title, "finishedAt": moment(one.finished_at)}
                     for one in context.projects],
        "mostUsedStyle": style_body(context.most_used_style), "meanDurationSeconds": context.mean_duration,
        "guidelines": context.guidelines}

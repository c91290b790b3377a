"""Campaigns recalled: by id, by name, by the name in a message, by meaning; and what their films have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..model import Campaign, CampaignContext, CampaignProject, Style, Task
from ..store import campaigns as rows
from ..store import vectors
from ..store.budgets import recount_campaign
from ..store.db import Database, Tx
from .embedding import Embedder, OnUsage, embed_all
from .names import named, same_name
from .second_look import first_look, look_again
from .text import one_line
from .values import style_key

KIND = "campaign"
MOST_PROJECTS = 10
LONGEST_TEXT = 4000
_AT_ONCE = 64


def campaign_context(tx: Tx, tenant_id: str, user_id: str, campaign_id: str) -> CampaignContext | None:
    """What is known of a campaign of this user, archived or not: None when there is no such campaign."""
    campaign = rows.find_campaign(tx, campaign_id, tenant_id, user_id)
    if campaign is None:
        return None
    films = rows.list_campaign_films(tx, campaign)
    seconds = [float(film["seconds"]) for film in films if film["seconds"]]
    return CampaignContext(
        campaign_id=campaign.id, name=campaign.name, guidelines=campaign.guidelines, settings=campaign.settings,
        projects=tuple(CampaignProject(film["id"], film["title"], film["finished_at"]) for film in films[:MOST_PROJECTS]),
        most_used_style=_most_used([film["style"] for film in films]),
        mean_duration=round(sum(seconds) / len(seconds), 1) if seconds else None)


def find_campaign(
    db: Database, embedder: Embedder | None, tenant_id: str, user_id: str, name: str, floor: float,
    on_usage: OnUsage | None = None,
) -> Campaign | None:
    """The user's open campaign of this name, else one whose name stands in it, else the nearest by meaning.

    `floor` is the least similarity and belongs to the embedder; without one, meaning is not asked.
    """
    with db.single() as tx:
        mine = rows.list_campaigns(tx, tenant_id, user_id)
    found = same_name(mine, name) or named(mine, name)
    words = one_line(name, LONGEST_TEXT)
    if found is not None or embedder is None or not mine or not words:
        return found
    (vector,), read = _read(db, embedder, tenant_id, user_id, [words], on_usage)
    while read == _AT_ONCE:
        _, read = _read(db, embedder, tenant_id, user_id, [], on_usage)
    by_id = {campaign.id: campaign for campaign in mine}
    most, least = first_look(embedder, 1, floor)
    with db.single() as tx:
        near = vectors.nearest_items(tx, kind=KIND, tenant_id=tenant_id, user_id=user_id, embedder=embedder.name,
                                     vector=vector, limit=most, floor=least, among=list(by_id))
    texts = [what_is_embedded(by_id[row["item_id"]].name, by_id[row["item_id"]].guidelines) for row in near]
    nearest = look_again(embedder, words, near, texts, 1, floor)
    return by_id[nearest[0]["item_id"]] if nearest else None


def named_in(db: Database, tenant_id: str, user_id: str, message: str) -> Campaign | None:
    """The user's open campaign whose name stands in the message ("Add to Food Q1 campaign"); the longest name wins."""
    with db.single() as tx:
        return named(rows.list_campaigns(tx, tenant_id, user_id), message)


def join_campaign(tx: Tx, task: Task, campaign_id: str, now: datetime) -> bool:
    """Make the task's film one of the campaign; False when the user has no such open campaign (any more)."""
    campaign = rows.hold_campaign(tx, campaign_id, task.tenant_id, task.user_id)
    if campaign is None or campaign.archived_at is not None:
        return False
    rows.link_project(tx, task.project_id, campaign, now)
    rows.set_task_campaign(tx, task.id, campaign, now)
    recount_campaign(tx, task.tenant_id, campaign_id, now)
    return True


def read_campaigns(db: Database, embedder: Embedder, tenant_id: str, user_id: str, on_usage: OnUsage | None = None) -> int:
    """Give up to 64 open campaigns of the user that wait for it a vector of this embedder; how many waited."""
    return _read(db, embedder, tenant_id, user_id, [], on_usage)[1]


def _read(
    db: Database, embedder: Embedder, tenant_id: str, user_id: str, texts: Sequence[str], on_usage: OnUsage | None,
) -> tuple[list[list[float]], int]:
    """The vectors of these questions, and campaigns that wait get theirs; how many of these there were."""
    with db.single() as tx:
        waiting = rows.list_unread_campaigns(tx, tenant_id, user_id, embedder.name, _AT_ONCE)
    if not texts and not waiting:
        return [], 0
    asked = embed_all(embedder, texts, on_usage, role="query") if texts else []
    contents = [what_is_embedded(campaign.name, campaign.guidelines) for campaign in waiting]
    made = embed_all(embedder, contents, on_usage) if contents else []
    for campaign, vector in zip(waiting, made, strict=True):
        # One held at a time. One that was erased meanwhile gets no vector, and one that was changed waits on.
        with db.transaction() as tx:
            if rows.hold_campaign(tx, campaign.id, tenant_id, user_id) is not None:
                vectors.put_vectors(tx, kind=KIND, embedder=embedder.name, tenant_id=tenant_id, user_id=user_id,
                                    parts=[(campaign.id, 0, vector)], now=campaign.updated_at)
    return asked, len(waiting)


def what_is_embedded(name: str, guidelines: str) -> str:
    """The text whose vector stands for a campaign."""
    return f"{name}\n{' '.join(guidelines.split())}".strip()[:LONGEST_TEXT]


def _most_used(styles: Sequence[Mapping[str, Any] | None]) -> Style | None:
    """The style of most films, as the newest of them has it; of several the one used last."""
    read = [Style.model_validate(style) for style in styles if style]
    counts = Counter(style_key(style) for style in read)
    return max(read, key=lambda style: counts[style_key(style)]) if read else None

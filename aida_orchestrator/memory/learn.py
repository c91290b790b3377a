"""Learning: a finished project is read once and kept, so that "like last time" finds it."""

from __future__ import annotations

from datetime import datetime

from ..model import Brief, Project
from ..store import memory as rows
from ..store.db import Database
from .embedding import Embedder, OnUsage, embed_one

LONGEST_CONTENT = 6000


def remember_project(
    db: Database, embedder: Embedder, project: Project, now: datetime, on_usage: OnUsage | None = None
) -> bool:
    """Keep the project under what it is about, once per embedder; False, and nothing spent, when it has no brief."""
    if project.brief is None:
        return False
    content = what_it_is_about(project.title or project.brief.title, project.message, project.brief)
    vector = embed_one(embedder, content, on_usage)
    with db.transaction() as tx:
        kept = rows.remember_project(
            tx, project_id=project.id, tenant_id=project.tenant_id, user_id=project.user_id, embedder=embedder.name,
            title=project.title or project.brief.title, content=content, vector=vector,
            # Matches of matches would grow with every film and are of no use to the next one.
            brief=project.brief.model_dump(mode="json", exclude={"matches"}),
            finished_at=project.finished_at or now, now=now,
        )
    return kept > 0


def what_it_is_about(title: str, message: str, brief: Brief) -> str:
    """The text that is embedded: the user's own words and the brief, in the project's language."""
    parts = (title, message, brief.intent, brief.tone, brief.style.words)
    lines = [" ".join(part.replace("\0", " ").split()) for part in parts]
    return "\n".join(line for line in lines if line)[:LONGEST_CONTENT]

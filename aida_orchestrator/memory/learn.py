"""Learning: a finished project is read once and kept, so that "like last time" finds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..model import Brief, Project, Structure
from ..store import memory as rows
from ..store import projects
from ..store.db import Database
from ..store.vectors import put_vectors
from .embedding import Embedder, OnUsage, embed_all
from .said import KIND
from .text import one_line

LONGEST_CONTENT = 6000
_MOST_SAID = 50


def remember_project(
    db: Database, embedder: Embedder, project: Project, now: datetime, on_usage: OnUsage | None = None
) -> bool:
    """Keep the project under what it is about and under the user's own words, and what was said in it, once per embedder.

    Two vectors, because a short message is far from a whole brief about the same thing, and near to its own like. Texts
    that this embedder has read keep their vectors: nothing is spent on them again.
    False, and nothing spent, when it has no brief or the user had it forgotten; False also when that happened meanwhile.
    """
    if project.brief is None or project.forgotten_at is not None:
        return False
    content = what_it_is_about(project.title or project.brief.title, project.message, project.brief)
    message = one_line(project.message, LONGEST_CONTENT)
    facets = {"film": content, **({"message": message} if message else {})}
    with db.single() as tx:
        said = rows.list_unread_said(tx, project.id, embedder.name, _MOST_SAID)
    with db.single() as tx:
        read = rows.list_read(tx, project_id=project.id, tenant_id=project.tenant_id, user_id=project.user_id,
                              embedder=embedder.name)
    new = [facet for facet, text in facets.items() if read.get(facet) != text]
    texts = [*(facets[facet] for facet in new), *(one_line(words, LONGEST_CONTENT) or "film" for _, words in said)]
    vectors = embed_all(embedder, texts, on_usage) if texts else []
    of_facet = dict(zip(new, vectors, strict=False))
    with db.transaction() as tx:
        if not projects.hold_unforgotten(tx, project.id):
            return False
        kept = [
            rows.remember_project(
                tx, project_id=project.id, tenant_id=project.tenant_id, user_id=project.user_id, embedder=embedder.name,
                facet=facet, title=project.title or project.brief.title, content=text, vector=of_facet.get(facet),
                brief=_to_follow(project, project.brief),
                finished_at=project.finished_at or now, now=now,
            )
            for facet, text in facets.items()
        ]
        put_vectors(tx, kind=KIND, embedder=embedder.name, tenant_id=project.tenant_id, user_id=project.user_id, now=now,
                    parts=[(task, 0, vector) for (task, _), vector in zip(said, vectors[len(new):], strict=True)])
    return all(kept)


def _to_follow(project: Project, brief: Brief) -> dict[str, Any]:
    """The brief as a later film may follow it, with how this one was divided."""
    structure = None
    if project.script and project.storyboard:
        structure = Structure(beats=tuple(beat.seconds for beat in project.script.beats),
                              shots=tuple(shot.seconds for shot in project.storyboard.shots))
    # Matches of matches would grow with every film and are of no use to the next one.
    return brief.model_copy(update={"structure": structure}).model_dump(mode="json", exclude={"matches"})


def what_it_is_about(title: str, message: str, brief: Brief) -> str:
    """The text that is embedded: the user's own words and the brief, in the project's language."""
    parts = (title, message, brief.intent, brief.tone, brief.style.words)
    lines = [one_line(part, LONGEST_CONTENT) for part in parts]
    return "\n".join(line for line in lines if line)[:LONGEST_CONTENT]

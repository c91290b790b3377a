"""Rows for another embedder's vectors beside those in use: what it has not read yet, and its vectors of that.

What is written is taken from the row the text came from, held while it is: nothing comes back that was erased meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..model import Project
from .db import Tx, as_json, load_queries
from .projects import as_project
from .vectors import literal

_SQL = load_queries("reindex")

Kind = Literal["project", "file", "campaign", "said"]
Place = tuple[str, str, str, int]
"""(tenant, user, item, part): where a listing goes on behind."""
START: Place = ("", "", "", -1)


@dataclass(frozen=True, slots=True)
class Text:
    """Something to be read. Only projects have `facet` and `source` (who read it before), only files `description`."""

    tenant_id: str
    user_id: str
    item_id: str
    part: int
    name: str
    content: str
    facet: str = ""
    source: str = ""
    description: str = ""

    @property
    def place(self) -> Place:
        """Its place in the listing; the facets of a project have one place."""
        return self.tenant_id, self.user_id, self.item_id, self.part


def list_to_read(tx: Tx, kind: Kind, embedder: str, after: Place, limit: int) -> list[Text]:
    """At most `limit` texts behind a place, by tenant and user, that the embedder has not read as they are now."""
    tenant, user, item, part = after
    if kind == "project":
        rows = tx.all(_SQL["projects_to_read"], embedder=embedder, after_tenant=tenant, after_user=user, after_item=item,
                      limit=limit)
        return [Text(row["tenant_id"], row["user_id"], row["item_id"], 0, "", row["content"], row["facet"], row["source"])
                for row in rows]
    given = {"embedder": embedder, "after_tenant": tenant, "after_user": user, "after_item": item, "limit": limit}
    if kind == "file":
        rows = tx.all(_SQL["files_to_read"], **given, after_part=part)
    elif kind == "campaign":
        rows = tx.all(_SQL["campaigns_to_read"], **given)
    else:
        rows = tx.all(_SQL["said_to_read"], **given)
    return [Text(row["tenant_id"], row["user_id"], row["item_id"], row["part"], row["name"], row["content"],
                 description=row.get("description", "")) for row in rows]


def list_unremembered(tx: Tx, after: Place, limit: int) -> list[Project]:
    """Finished projects that no embedder has read, behind a place."""
    tenant, user, item, _ = after
    return [as_project(row) for row in tx.all(
        _SQL["projects_unremembered"], after_tenant=tenant, after_user=user, after_item=item, limit=limit)]


def put_read(
    tx: Tx, kind: Kind, embedder: str, texts: Sequence[Text], vectors: Sequence[Sequence[float]], read_at: datetime,
) -> int:
    """Write the vectors of texts of one user, listed at `read_at`; how many were still wanted."""
    tenant, user = texts[0].tenant_id, texts[0].user_id
    pairs = [(text, literal(vector)) for text, vector in zip(texts, vectors, strict=True)]
    if kind == "project":
        return tx.run(_SQL["put_projects"], embedder=embedder, tenant_id=tenant, user_id=user, now=read_at, parts=as_json([
            {"project_id": text.item_id, "facet": text.facet, "embedder": text.source, "content": text.content,
             "embedding": vector} for text, vector in pairs]))
    given = {"embedder": embedder, "tenant_id": tenant, "user_id": user, "read_at": read_at, "parts": as_json([
        {"item_id": text.item_id, "part": text.part, "embedding": vector} for text, vector in pairs])}
    if kind == "file":
        return tx.run(_SQL["put_files"], **given)
    if kind == "campaign":
        return tx.run(_SQL["put_campaigns"], **given)
    return tx.run(_SQL["put_said"], **given)


def prune(tx: Tx, embedder: str, limit: int) -> int:
    """Delete at most 2 x `limit` vectors of other embedders whose text this one has read too; how many there were."""
    return tx.run(_SQL["prune_projects"], embedder=embedder, limit=limit) + tx.run(
        _SQL["prune_vectors"], embedder=embedder, limit=limit)

"""Rows of uploads: one a passage, always asked for with tenant and user; their vectors are rows of store/vectors.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import NotFoundError
from ..model import UserFile
from .db import Tx, as_json, load_queries

_SQL = load_queries("files")
Owner = tuple[str, str]
"""(tenant id, user id)"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that has no vector yet."""

    file_id: str
    number: int
    name: str
    description: str
    content: str


def add_file(tx: Tx, file: UserFile, contents: Sequence[str], now: datetime) -> None:
    """Write an upload: `contents` are its passages, of which the first is what its name and description say."""
    tx.later(
        _SQL["add_passages"], id=file.id, tenant_id=file.tenant_id, user_id=file.user_id, project_id=file.project_id,
        campaign_id=file.campaign_id, name=file.name, description=file.description, content_type=file.content_type,
        bytes=file.bytes, sha256=file.sha256, asset_key=file.asset_key, details=as_json(file.details),
        contents=list(contents), now=now)


def lock_content(tx: Tx, owner: Owner, sha256: str) -> None:
    """Let twins of one upload wait for each other until this transaction ends."""
    tx.later(_SQL["lock_content"], tenant_id=owner[0], user_id=owner[1], sha256=sha256)


def find_content(tx: Tx, owner: Owner, sha256: str) -> UserFile | None:
    """The user's file with this very content, or None."""
    row = tx.one(_SQL["find_content"], tenant_id=owner[0], user_id=owner[1], sha256=sha256)
    return find_file(tx, owner, row["id"]) if row else None


def find_file(tx: Tx, owner: Owner, file_id: str) -> UserFile | None:
    """One file, or None; another's is none."""
    row = tx.one(_SQL["find_file"], id=file_id, tenant_id=owner[0], user_id=owner[1])
    return _file(row) if row else None


def get_file(tx: Tx, owner: Owner, file_id: str) -> UserFile:
    """One file; raises NotFoundError, also for another's."""
    found = find_file(tx, owner, file_id)
    if found is None:
        raise NotFoundError(f"there is no file {file_id!r} of this user")
    return found


def list_files(tx: Tx, owner: Owner, limit: int, before: tuple[datetime, str] | None = None) -> list[UserFile]:
    """A page of files, the newest first; `before` is the (created_at, id) of the last one seen."""
    at, file_id = before or (None, None)
    rows = tx.all(_SQL["list_files"], tenant_id=owner[0], user_id=owner[1], before=at, before_id=file_id, limit=limit)
    return [_file(row) for row in rows]


def missing_place(tx: Tx, owner: Owner, project_id: str | None, campaign_id: str | None) -> str | None:
    """"project" or "campaign", whichever was named and is not this user's; None when all is well."""
    row = tx.one(_SQL["find_places"], tenant_id=owner[0], user_id=owner[1], project_id=project_id, campaign_id=campaign_id)
    assert row is not None
    return next((place for place in ("project", "campaign") if not row[place]), None)


def remove_files(tx: Tx, owner: Owner, file_ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Delete these files of the user, or all: a row with id, passage, asset_key and bytes for each passage there was."""
    return tx.all(_SQL["remove_files"], tenant_id=owner[0], user_id=owner[1],
                  item_ids=list(file_ids) if file_ids is not None else None)


def list_passages(tx: Tx, owner: Owner, file_id: str, low: int, high: int) -> list[dict[str, Any]]:
    """Rows with passage, name, content_type and content of neighbouring passages."""
    return tx.all(_SQL["list_passages"], id=file_id, tenant_id=owner[0], user_id=owner[1], low=low, high=high)


def list_ids_of_types(tx: Tx, owner: Owner, types: Sequence[str]) -> list[str]:
    """Ids of the user's files of these content types."""
    return [row["id"] for row in tx.all(_SQL["list_ids_of_types"], tenant_id=owner[0], user_id=owner[1], types=list(types))]


def list_unembedded(tx: Tx, owner: Owner, embedder: str, limit: int) -> list[Passage]:
    """Passages of the user without a vector of this embedder, the newest file first."""
    rows = tx.all(_SQL["list_unembedded"], tenant_id=owner[0], user_id=owner[1], embedder=embedder, limit=limit)
    return [Passage(row["id"], row["passage"], row["name"], row["description"], row["content"]) for row in rows]


def hold_files(tx: Tx, owner: Owner, file_ids: Sequence[str]) -> set[str]:
    """Those of these files that are still there; whoever deletes one waits for this transaction."""
    return {row["id"] for row in tx.all(_SQL["hold_files"], tenant_id=owner[0], user_id=owner[1], item_ids=list(file_ids))}


def set_embedded(tx: Tx, owner: Owner, embedder: str) -> None:
    """Files of the user that have all their vectors of this embedder are ready."""
    tx.later(_SQL["set_embedded"], tenant_id=owner[0], user_id=owner[1], embedder=embedder)


def claim_to_embed(tx: Tx, now: datetime) -> list[tuple[str, Owner]]:
    """Some files that wait for their vectors, each claimed for a while."""
    return [(row["id"], (row["tenant_id"], row["user_id"])) for row in tx.all(_SQL["claim_to_embed"], now=now)]


def find_owner(tx: Tx, file_id: str) -> Owner | None:
    """Whose file it is; None when it is gone."""
    row = tx.one(_SQL["find_owner_of_file"], id=file_id)
    return (row["tenant_id"], row["user_id"]) if row else None


def _file(row: dict[str, Any]) -> UserFile:
    return UserFile(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], project_id=row["project_id"],
        campaign_id=row["campaign_id"], name=row["name"], description=row["description"],
        content_type=row["content_type"], bytes=row["bytes"], sha256=row["sha256"], asset_key=row["asset_key"],
        # A picture has no text of its own: what its name and description say is its one passage.
        details=row["details"], passages=max(1, row["passages"]), waiting=row["embed_next_at"] is not None,
        created_at=row["created_at"])

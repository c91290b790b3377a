"""Rows of projects and of the files we keep for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..errors import NotFoundError
from ..model import Asset, Brief, Project, Script, Stage, Storyboard
from .db import Tx, as_json, load_queries

_SQL = load_queries("projects")


def add_project(tx: Tx, *, id: str, tenant_id: str, user_id: str, message: str, now: datetime) -> None:
    """A new film, before anything is known of it but the message."""
    tx.later(_SQL["add_project"], id=id, tenant_id=tenant_id, user_id=user_id, message=message, now=now)


def find_project(tx: Tx, project_id: str, tenant_id: str) -> Project | None:
    """One project of one tenant, or None."""
    row = tx.one(_SQL["find_project"], id=project_id, tenant_id=tenant_id)
    return as_project(row) if row else None


def find_documents(tx: Tx, project_id: str) -> dict[Stage, dict[str, Any]]:
    """The latest documents of a project as they are kept, by the stage that leaves them."""
    row = tx.one(_SQL["find_documents"], id=project_id) or {}
    kept = {Stage.CONTEXT: row.get("brief"), Stage.SCRIPT: row.get("script"), Stage.STORYBOARD: row.get("storyboard")}
    return {stage: document for stage, document in kept.items() if document is not None}


def lock_project(tx: Tx, project_id: str, tenant_id: str, user_id: str) -> Project:
    """The user's project, held still for this transaction; raises NotFoundError, also for somebody else's."""
    row = tx.one(_SQL["lock_project"], id=project_id, tenant_id=tenant_id)
    if row is None or row["user_id"] != user_id:
        raise NotFoundError(f"there is no project {project_id!r} of this user")
    return as_project(row)


def hold_unforgotten(tx: Tx, project_id: str) -> bool:
    """True while memory may keep something of this project: it is not forgotten, nor can be before this transaction ends."""
    return tx.one(_SQL["hold_unforgotten"], id=project_id) is not None


def set_message(tx: Tx, project_id: str, message: str, now: datetime) -> None:
    """What the project's film is about from now on, for refines and for memory."""
    tx.later(_SQL["set_message"], id=project_id, message=message, now=now)


def update_documents(
    tx: Tx, project_id: str, now: datetime, *, brief: Brief | None = None, script: Script | None = None,
    storyboard: Storyboard | None = None,
) -> None:
    """The latest documents of a project; None leaves what is there."""
    def dump(document: Brief | Script | Storyboard | None) -> Any:
        return as_json(document.model_dump(mode="json")) if document else None

    tx.later(_SQL["update_documents"], id=project_id, brief=dump(brief), script=dump(script), storyboard=dump(storyboard),
           title=brief.title if brief else None, now=now)


def set_film(tx: Tx, project_id: str, film_key: str, now: datetime) -> None:
    """The project's latest film."""
    tx.later(_SQL["set_film"], id=project_id, film_key=film_key, now=now)


def add_assets(tx: Tx, assets: Sequence[Asset], *, tenant_id: str, user_id: str, task_id: str) -> None:
    """Files that are now in our storage; a job's file of a take that is already there stays."""
    if assets:
        tx.later(_SQL["add_assets"], tenant_id=tenant_id, user_id=user_id, task_id=task_id, assets=as_json([
            {**asdict(asset), "created_at": asset.created_at.isoformat()} for asset in assets]))


def find_asset(tx: Tx, key: str) -> Asset | None:
    """One file by its key, or None."""
    row = tx.one(_SQL["find_asset"], key=key)
    return _asset(row) if row else None


def list_job_assets(tx: Tx, job_ids: Sequence[str]) -> dict[str, list[Asset]]:
    """The files that these jobs brought, by job id, the used one first."""
    found: dict[str, list[Asset]] = {}
    for row in tx.all(_SQL["list_job_assets"], job_ids=list(job_ids)):
        found.setdefault(row["job_id"], []).append(_asset(row))
    return found


def as_project(row: dict[str, Any]) -> Project:
    return Project(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], title=row["title"], message=row["message"],
        brief=Brief.model_validate(row["brief"]) if row["brief"] else None,
        script=Script.model_validate(row["script"]) if row["script"] else None,
        storyboard=Storyboard.model_validate(row["storyboard"]) if row["storyboard"] else None,
        film_key=row["film_key"], created_at=row["created_at"], finished_at=row["finished_at"],
        forgotten_at=row["forgotten_at"])


def _asset(row: dict[str, Any]) -> Asset:
    return Asset(
        key=row["key"], kind=row["kind"], project_id=row["project_id"], job_id=row["job_id"], shot=row["shot"],
        take=row["take"], content_type=row["content_type"], bytes=row["bytes"], sha256=row["sha256"],
        source_url=row["source_url"], created_at=row["created_at"])

"""Rows of tasks: what was asked, how it stands, what its finished stages left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..errors import NotFoundError
from ..model import NO_REQUEST, Aspect, Degradation, Forecast, Offer, Origin, Plan, Reference, Stage, Task, TaskStatus
from .db import Tx, as_json, load_queries

_SQL = load_queries("tasks")


def add_task(
    tx: Tx, *, id: str, tenant_id: str, user_id: str, project_id: str, kind: str, message: str, feedback: str | None,
    aspect: Aspect | None, campaign_id: str | None, first: Stage, degraded: Sequence[Degradation], now: datetime,
    references: Sequence[Reference] = (), forecast: Forecast | None = None, origin: Origin = NO_REQUEST,
) -> None:
    """One create or refine, and the request that it came of."""
    tx.later(_SQL["add_task"], id=id, tenant_id=tenant_id, user_id=user_id, project_id=project_id, kind=kind,
           message=message, feedback=feedback, aspect=aspect, campaign_id=campaign_id, current_step=first,
           degraded=as_json([item.model_dump(mode="json") for item in degraded]), now=now,
           request_id=origin.request_id, traceparent=origin.traceparent,
           reference_files=as_json([{"fileId": one.file_id, "as": one.use.value, "key": one.key, "sha256": one.sha256}
                                    for one in references]),
           forecast=as_json(forecast.model_dump(mode="json")) if forecast else None)


def set_plan(tx: Tx, task_id: str, plan: Plan) -> None:
    """What a refine keeps and makes anew."""
    tx.later(_SQL["set_plan"], task_id=task_id, plan=as_json(plan.model_dump(mode="json")))


def list_tasks(tx: Tx, project_id: str, most: int) -> list[Task]:
    """The newest tasks of a project, at most `most`, newest first."""
    return [_task(row) for row in tx.all(_SQL["list_tasks"], project_id=project_id, most=most)]


def highest_takes(tx: Tx, project_id: str) -> dict[int, int]:
    """How often each shot's picture was asked for anew in any film of the project, by number."""
    return {row["number"]: row["take"] for row in tx.all(_SQL["highest_takes"], project_id=project_id)}


def find_task(tx: Tx, task_id: str, tenant_id: str) -> Task | None:
    """One task of one tenant, or None."""
    row = tx.one(_SQL["find_task"], id=task_id, tenant_id=tenant_id)
    return _task(row) if row else None


def get_task(tx: Tx, task_id: str) -> Task:
    """One task; raises NotFoundError."""
    row = tx.one(_SQL["get_task"], id=task_id)
    if row is None:
        raise NotFoundError(f"there is no task {task_id!r}")
    return _task(row)


def hold_task(tx: Tx, task_id: str) -> None:
    """Hold a task still while its state is decided, for one who need not see it."""
    tx.later(_SQL["lock_task"], id=task_id)


def lock_task(tx: Tx, task_id: str) -> Task:
    """One task, held still for this transaction; raises NotFoundError."""
    row = tx.one(_SQL["lock_task"], id=task_id)
    if row is None:
        raise NotFoundError(f"there is no task {task_id!r}")
    return _task(row)


def latest_task(tx: Tx, project_id: str) -> Task | None:
    """The newest task of a project, or None."""
    row = tx.one(_SQL["latest_task"], project_id=project_id)
    return _task(row) if row else None


def open_task_id(tx: Tx, project_id: str) -> str | None:
    """The unfinished task of a project, or None."""
    row = tx.one(_SQL["open_task"], project_id=project_id)
    return row["id"] if row else None


def add_checkpoint(tx: Tx, task_id: str, stage: Stage, output: Mapping[str, Any], now: datetime) -> None:
    """The output of a finished stage."""
    tx.later(_SQL["add_checkpoint"], task_id=task_id, stage=stage, output=as_json(output), now=now)


def list_checkpoints(tx: Tx, task_id: str) -> dict[Stage, dict[str, Any]]:
    """What the finished stages of a task left, by stage."""
    return {Stage(row["stage"]): row["output"] for row in tx.all(_SQL["list_checkpoints"], task_id=task_id)}


def begin_stage(tx: Tx, task_id: str, stage: Stage, now: datetime) -> None:
    """Show which stage a task is at."""
    tx.later(_SQL["begin_stage"], task_id=task_id, stage=stage, now=now)


def set_progress(tx: Tx, task_id: str, progress: int, now: datetime) -> None:
    """Raise the progress (0..100); a lower number changes nothing."""
    tx.later(_SQL["set_progress"], task_id=task_id, progress=progress, now=now)


def add_degraded(tx: Tx, task_id: str, items: Sequence[Degradation], now: datetime) -> None:
    """Say what was made simpler than asked."""
    if items:
        tx.later(_SQL["add_degraded"], task_id=task_id,
               degraded=as_json([item.model_dump(mode="json") for item in items]), now=now)


def set_context(tx: Tx, task_id: str, stage: Stage, context: Mapping[str, Any]) -> None:
    """What a stage recalled, and in `tools` what it called; the calls of other stages stay."""
    calls = [{**call, "stage": stage.value} for call in context.get("tools", ())]
    tx.later(_SQL["set_context"], task_id=task_id, stage=stage.value, context=as_json({**context, "tools": calls}))


def list_said(tx: Tx, project_id: str, task_id: str, limit: int) -> list[tuple[str, str]]:
    """Task id and words of the messages and feedbacks of a project before this task, oldest first, the latest `limit`."""
    rows = tx.all(_SQL["list_said"], project_id=project_id, task_id=task_id, limit=limit)
    return [(row["id"], row["words"]) for row in reversed(rows)]


def get_context(tx: Tx, task_id: str) -> dict[str, Any]:
    """What `set_context` kept, or an empty dict."""
    row = tx.one(_SQL["get_task"], id=task_id)
    return dict(row["context"]) if row else {}


def end_task(
    tx: Tx, task_id: str, status: TaskStatus, now: datetime, *, film_key: str | None = None,
    error: Mapping[str, Any] | None = None, offer: Sequence[Offer] = (),
) -> bool:
    """The end state; False when the task had ended already."""
    return tx.run(_SQL["end_task"], task_id=task_id, status=status, film_key=film_key,
                  error=as_json(error) if error else None,
                  offer=as_json([item.model_dump(mode="json") for item in offer]), now=now) == 1


def ask_cancel(tx: Tx, task_id: str, now: datetime) -> bool:
    """Stop a task; False when it had ended already."""
    return tx.run(_SQL["ask_cancel"], task_id=task_id, now=now) == 1


def reopen_task(tx: Tx, task_id: str, first: Stage, degraded: Sequence[Degradation], now: datetime) -> None:
    """Let an ended task go on from `first`."""
    tx.later(_SQL["reopen_task"], task_id=task_id, current_step=first, now=now,
           degraded=as_json([item.model_dump(mode="json") for item in degraded]))


def add_event(tx: Tx, task_id: str, kind: str, now: datetime, stage: Stage | None = None, **data: Any) -> None:
    """One numbered line of a task's progress; the caller holds the task's or stage's row, so numbers do not collide."""
    tx.later(_SQL["add_event"], task_id=task_id, kind=kind, now=now, stage=stage, data=as_json(data))


def last_event(tx: Tx, task_id: str) -> int:
    """Number of the newest event, 0 for none."""
    row = tx.one(_SQL["last_event"], task_id=task_id)
    return int(row["number"]) if row else 0


def claim_to_remember(tx: Tx, now: datetime) -> list[str]:
    """Ids of finished tasks whose film is not in memory yet, each claimed for a while."""
    return [row["id"] for row in tx.all(_SQL["to_remember"], now=now)]


def set_remembered(tx: Tx, task_id: str, now: datetime) -> None:
    """This film is in memory."""
    tx.later(_SQL["set_remembered"], task_id=task_id, now=now)


def find_answer(tx: Tx, task_id: str, fingerprint: str) -> dict[str, Any] | None:
    """An answer of Claude or of the embedder that this task already paid for, or None."""
    row = tx.one(_SQL["find_answer"], task_id=task_id, fingerprint=fingerprint)
    return row["answer"] if row else None


def add_answer(tx: Tx, task_id: str, fingerprint: str, stage: Stage, answer: Mapping[str, Any], now: datetime) -> None:
    """Keep an answer of Claude or of the embedder."""
    tx.later(_SQL["add_answer"], task_id=task_id, fingerprint=fingerprint, stage=stage, answer=as_json(answer), now=now)


def lock_idempotency_key(tx: Tx, tenant_id: str, route: str, key: str) -> None:
    """Let twins of one request wait for each other until this transaction ends."""
    tx.later(_SQL["lock_idempotency_key"], tenant_id=tenant_id, route=route, key=key)


def find_idempotency_key(tx: Tx, tenant_id: str, route: str, key: str) -> tuple[str, str] | None:
    """(task id, SHA-256 of the body) of the request that used this key, or None."""
    row = tx.one(_SQL["find_idempotency_key"], tenant_id=tenant_id, route=route, key=key)
    return (row["task_id"], row["body_sha"]) if row else None


def add_idempotency_key(
    tx: Tx, *, tenant_id: str, route: str, key: str, body_sha: str, task_id: str, now: datetime
) -> bool:
    """Remember the key with its task; False when a twin was quicker."""
    return tx.run(_SQL["add_idempotency_key"], tenant_id=tenant_id, route=route, key=key, body_sha=body_sha,
                  task_id=task_id, now=now) == 1


def _task(row: dict[str, Any]) -> Task:
    return Task(
        id=row["id"], tenant_id=row["tenant_id"], user_id=row["user_id"], project_id=row["project_id"],
        kind=row["kind"], message=row["message"], feedback=row["feedback"],
        aspect=Aspect(row["aspect"]) if row["aspect"] else None, campaign_id=row["campaign_id"],
        status=TaskStatus(row["status"]), current_step=Stage(row["current_step"]), progress=row["progress"],
        cancel_asked_at=row["cancel_asked_at"],
        degraded=tuple(Degradation.model_validate(item) for item in row["degraded"]), error=row["error"],
        offer=tuple(Offer.model_validate(item) for item in row["offer"]), film_key=row["film_key"],
        created_at=row["created_at"], started_at=row["started_at"], updated_at=row["updated_at"],
        finished_at=row["finished_at"], plan=Plan.model_validate(row["plan"]) if row["plan"] else None,
        restored_from=row["restored_from"], references=tuple(
            Reference(file_id=one["fileId"], use=one["as"], key=one["key"], sha256=one["sha256"])
            for one in row["reference_files"]), origin=Origin(row["request_id"], row["traceparent"]),
        forecast=Forecast.model_validate(row["forecast"]) if row["forecast"] else None)

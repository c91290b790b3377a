"""One object everywhere: the task as callers see it, made from rows alone. Nobody asks Celery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..jobs import STAGE_OF
from ..model import (
    Asset,
    Brief,
    Component,
    Degradation,
    Forecast,
    Job,
    JobKind,
    JobState,
    Outcome,
    Plan,
    Project,
    RunState,
    Script,
    Shot,
    Span,
    Stage,
    Storyboard,
    Task,
)
from ..pipeline.next_step import complete, with_purchases
from ..services import Services
from ..store import charges, doubts, jobs, projects, runs, spending, tasks
from ..store.db import Tx
from ..store.doubts import Line
from .figures import dollars, moment
from .waiting import own_ceiling, what_it_waits_for

_JOB_KIND = {stage: kind for kind, stage in STAGE_OF.items()}


def task_body(services: Services, tx: Tx, task: Task, base_url: str) -> dict[str, Any]:
    """The whole status of a task. `base_url` is put before the addresses of media."""
    checkpoints = tasks.list_checkpoints(tx, task.id)
    mine = jobs.list_task_jobs(tx, task.id)
    assets = projects.list_job_assets(tx, [job.id for job in mine])
    stage_rows = runs.list_stage_runs(tx, task.id)
    brief = _document(Brief, checkpoints.get(Stage.CONTEXT))
    board = _document(Storyboard, checkpoints.get(Stage.STORYBOARD))
    held = doubts.list_held(tx, task.id) if any(job.outcome is Outcome.LOST for job in mine) else []
    body: dict[str, Any] = {
        "taskId": task.id, "projectId": task.project_id, "userId": task.user_id, "campaignId": task.campaign_id,
        "kind": task.kind, "status": task.status.value, "currentStep": task.current_step.value,
        "progress": task.progress, "videoUrl": address(base_url, task.film_key), "cost": cost(tx, task.id),
        **what_it_waits_for(services, tx, task),
        "degraded": [_simplified(item) for item in task.degraded],
        "error": with_purchases(_error(task), bool(held)), "unknownPurchases": [_purchase(line) for line in held], "offer": [
            {"key": item.key, "label": item.label, "style": item.style.model_dump()} for item in task.offer],
        "steps": [_step(row, mine) for row in stage_rows],
        "message": task.message, "feedback": task.feedback,
        "aspectToRefine": task.aspect.value if task.aspect else None,
        "plan": plan_body(task.plan) if task.plan else None,
        "estimate": forecast_body(task.forecast) if task.forecast else None,
        "brief": _brief(brief), "script": _script(_document(Script, checkpoints.get(Stage.SCRIPT))),
        "context": _context(brief, tasks.get_context(tx, task.id)),
        "style": board.style.model_dump() if board else None,
        "shots": _shots(board, checkpoints.get(Stage.VISUAL), mine, assets, base_url),
        "createdAt": moment(task.created_at), "startedAt": moment(task.started_at), "updatedAt": moment(task.updated_at),
        "finishedAt": moment(task.finished_at),
    }
    return body


def brief_body(services: Services, tx: Tx, task: Task, base_url: str) -> dict[str, Any]:
    """The documented answer of create and refine."""
    return {"taskId": task.id, "projectId": task.project_id, "videoUrl": address(base_url, task.film_key),
            "status": task.status.value, "cost": cost(tx, task.id), "currentStep": task.current_step.value,
            "progress": task.progress, "estimate": forecast_body(task.forecast) if task.forecast else None,
            "maxCostDollars": own_ceiling(services, tx, task)}


def version_body(tx: Tx, task: Task, number: int, base_url: str) -> dict[str, Any]:
    """One finished film of a project with all it was made of. What it cost is what was bought for it, not what it kept."""
    checkpoints = tasks.list_checkpoints(tx, task.id)
    mine = jobs.list_task_jobs(tx, task.id)
    assets = projects.list_job_assets(tx, [job.id for job in mine])
    board = _document(Storyboard, checkpoints.get(Stage.STORYBOARD))
    return {
        "version": number, "taskId": task.id, "kind": task.kind, "aspect": task.aspect.value if task.aspect else None,
        "message": task.message, "feedback": task.feedback, "restoredFrom": task.restored_from, "status": task.status.value,
        "brief": _brief(_document(Brief, checkpoints.get(Stage.CONTEXT))),
        "script": _script(_document(Script, checkpoints.get(Stage.SCRIPT))),
        "style": board.style.model_dump() if board else None,
        "shots": _shots(board, checkpoints.get(Stage.VISUAL), mine, assets, base_url),
        "videoUrl": address(base_url, task.film_key), "cost": cost(tx, task.id),
        "createdAt": moment(task.created_at), "finishedAt": moment(task.finished_at),
    }


def project_body(project: Project, base_url: str) -> dict[str, Any]:
    """A project and its documents as they are now."""
    board = project.storyboard
    return {
        "projectId": project.id, "userId": project.user_id, "title": project.title, "message": project.message,
        "brief": _brief(project.brief), "script": _script(project.script),
        "storyboard": _board(board) if board else None,
        "videoUrl": address(base_url, project.film_key), "createdAt": moment(project.created_at),
        "finishedAt": moment(project.finished_at),
    }


def plan_body(plan: Plan) -> dict[str, Any]:
    """A refine's plan: which stages, what of each shot is kept and why, and what it costs at most."""
    told = plan.estimate
    return {
        "aspect": plan.aspect.value, "stages": [stage.value for stage in plan.stages],
        "shots": [{"number": shot.number, "picture": shot.picture.value, "clip": shot.clip.value,
                   "kept": shot.number in plan.kept, "why": shot.why} for shot in plan.shots],
        "keeps": len(plan.kept), "redoes": len(plan.shots) - len(plan.kept),
        "estimate": {"dollars": dollars(told.dollars), "unknown": list(told.unknown), "seconds": told.seconds,
                     "byComponent": {name: None if part is None else dollars(part)
                                     for name, part in told.by_component.items()}},
    }


def forecast_body(told: Forecast) -> dict[str, Any]:
    """What a film is expected to cost: dollars of all whose price is known, its parts, and what was assumed."""
    parts = {name.value: told.parts[name.value] for name in Component if name.value in told.parts}
    return {
        **_span(told.total), "unknown": bool(told.unknown),
        "byComponent": {name: None if part is None else _span(part) for name, part in parts.items()},
        "assumed": {"seconds": told.seconds, "secondsFrom": told.seconds_from, "shots": told.shots,
                    "shotsFrom": told.shots_from, "history": {"of": told.history, "films": told.films}},
        "prices": list(told.prices),
    }


def _span(span: Span) -> dict[str, Any]:
    return {"low": dollars(span.low), "expected": dollars(span.expected), "high": dollars(span.high)}


def cost(tx: Tx, task_id: str) -> dict[str, Any]:
    """What the task has cost: tokens, dollars (of what has a known price), by component; `unknown` flags missing prices.

    `reserved`: what is set aside for calls that are under way, or of which nobody knows whether they were made.
    """
    booked = charges.task_cost(tx, task_id)
    reserved, unknown = spending.task_reserved(tx, task_id)
    return {"tokens": booked["tokens"], "dollars": dollars(booked["dollars"]), "reserved": dollars(reserved),
            "unknown": booked["unknown"] or unknown,
            "byComponent": {name: {"tokens": part["tokens"], "apiCalls": part["api_calls"],
                                   "dollars": dollars(part["dollars"] or 0), "unknown": part["unknown"]}
                            for name, part in booked["by_component"].items()}}


def _document(kind: Any, output: Mapping[str, Any] | None) -> Any:
    return kind.model_validate(output) if output is not None else None


def address(base_url: str, key: str | None) -> str | None:
    """Where a file of ours is served, None for none."""
    return f"{base_url}/media/{key}" if key else None


def _step(row: Mapping[str, Any], mine: Sequence[Job]) -> dict[str, Any]:
    stage = Stage(row["stage"])
    step: dict[str, Any] = {"stage": stage.value, "state": row["state"], "startedAt": moment(row["started_at"]),
                            "finishedAt": moment(row["finished_at"]), "done": int(row["state"] == RunState.DONE), "total": 1}
    if stage in _JOB_KIND:
        own = [job for job in mine if job.kind is _JOB_KIND[stage]]
        if own:
            step["total"] = len(own)
            step["done"] = sum(job.state is JobState.SETTLED and job.outcome is Outcome.DONE for job in own)
    return step


def _brief(brief: Brief | None) -> dict[str, Any] | None:
    if brief is None:
        return None
    return {"title": brief.title, "language": brief.language, "intent": brief.intent, "tone": brief.tone,
            "style": brief.style.model_dump(), "durationSeconds": brief.duration_seconds,
            "aspectRatio": brief.aspect_ratio, "constraints": list(brief.constraints),
            "referenceFiles": [{"fileId": one.file_id, "as": one.use.value} for one in brief.references]}


def _matches(brief: Brief | None) -> list[dict[str, Any]]:
    return [{"projectId": match.project_id, "title": match.title, "similarity": round(match.similarity, 4),
             "used": match.used, "reason": match.reason} for match in (brief.matches if brief else ())]


def _context(brief: Brief | None, context: Mapping[str, Any]) -> dict[str, Any]:
    """What memory gave, what was made of it, in words, and each tool call of the agents."""
    return {"matches": _matches(brief), "note": context.get("note", ""), "campaign": context.get("campaign"),
            "preferences": context.get("preferences", []), "tools": _tools(context)}


def _tools(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": call["name"], "input": call["input"], "result": call["result"], "isError": call["is_error"]}
            for call in context.get("tools", [])]


def _script(script: Script | None) -> dict[str, Any] | None:
    return script.model_dump(mode="json") if script else None


def _shots(board: Storyboard | None, visual: Mapping[str, Any] | None, mine: Sequence[Job],
           assets: Mapping[str, Sequence[Asset]], base_url: str) -> list[dict[str, Any]]:
    if board is None:
        return []
    latest = {(job.kind, job.shot): job for job in mine}
    shots = []
    for shot in board.shots:
        lent = ((visual or {}).get("pictures", {}).get(str(shot.number)) or {})
        picture, clip = latest.get((JobKind.PICTURE, shot.number)), latest.get((JobKind.CLIP, shot.number))
        kept = list(assets.get(picture.id, ())) if picture else []
        made = list(assets.get(clip.id, ())) if clip else []
        key = lent.get("key") or (kept[0].key if kept else None)
        shots.append({
            **_planned(shot),
            "picture": {"state": _state(picture), "url": address(base_url, key), "lentByShot": lent.get("lentBy"),
                        "takes": [address(base_url, asset.key) for asset in kept],
                        "error": _job_error(picture)},
            "clip": {"state": _state(clip), "url": address(base_url, made[0].key if made else None),
                     "error": _job_error(clip)},
            "pictureUrl": address(base_url, key), "clipUrl": address(base_url, made[0].key if made else None),
        })
    return shots


def _board(board: Storyboard) -> dict[str, Any]:
    return {"style": board.style.model_dump(), "shots": [_planned(shot) for shot in board.shots]}


def _planned(shot: Shot) -> dict[str, Any]:
    return {"number": shot.number, "seconds": shot.seconds, "beat": shot.beat, "picturePrompt": shot.picture_prompt,
            "motionPrompt": shot.motion_prompt}


def _error(task: Task) -> dict[str, Any] | None:
    return complete(task.error, task.current_step) if task.error is not None else None


def _simplified(item: Degradation) -> dict[str, Any]:
    """What was made simpler, why, and, where its code was kept, who can do something about it."""
    told = {"stage": item.stage.value, "reason": item.reason, "what": item.what}
    return complete({**told, "code": item.code}, item.stage) if item.code else {**told, "code": None}


def _job_error(job: Job | None) -> dict[str, Any] | None:
    return job_error(job.error, job.kind) if job is not None else None


def job_error(told: Mapping[str, Any] | None, kind: JobKind) -> dict[str, Any] | None:
    """Our words only: what the provider said stays in the row, for operators."""
    if told is None:
        return None
    return complete({key: told[key] for key in ("code", "message", "provider", "status") if key in told}, STAGE_OF[kind])


def _purchase(line: Line) -> dict[str, Any]:
    """A purchase of the film that only a person can settle."""
    return {"jobId": line.id, "shot": line.shot, "kind": line.kind.value, "provider": line.provider,
            "sentAt": moment(line.sent_at)}


def _state(job: Job | None) -> str:
    if job is None:
        return "waiting"
    return job.outcome.value if job.outcome else job.state.value

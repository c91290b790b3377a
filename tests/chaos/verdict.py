"""What must hold after any run, asked of the sandbox's books, the database, the files, the logs and /ready."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from .books import DEADLINE, Sale, bought_twice, gone_since, read_sales, too_many_at_once
from .ground import Ground
from .plan import Plan
from .told import tracebacks

_TERMINAL = ("completed", "partial", "failed", "cancelled")
_OPEN_JOBS = "SELECT id, state FROM jobs WHERE state NOT IN ('settled', 'cancelled')"
_NOT_WHOLE = """
    SELECT t.id, t.status, t.error, array(
        SELECT coalesce(j.provider_id, '') FROM task_jobs w JOIN jobs j ON j.id = w.job_id WHERE w.task_id = t.id) AS ids
    FROM tasks t WHERE t.status IN ('partial', 'failed') AND t.created_at >= %(began)s
      AND NOT EXISTS (SELECT 1 FROM tasks newer WHERE newer.project_id = t.project_id AND newer.created_at > t.created_at)"""
_ENDED = "SELECT id, json_extract(fields, '$.ended') FROM sold WHERE at >= ?"
_FETCHES = "SELECT json_extract(request, '$.name'), status, at FROM requests WHERE operation = 'media' AND at >= ?"
_TOLD = "SELECT request FROM requests WHERE operation = 'callback' AND status BETWEEN 200 AND 299 AND at >= ?"


def open_jobs(ground: Ground) -> list[dict[str, Any]]:
    """Jobs that have not come to an end."""
    return ground.rows(_OPEN_JOBS)


def judge(ground: Ground, plan: Plan) -> Iterator[str]:
    """Each thing that is not as it must be, as a sentence."""
    books, since = ground.sandbox, ground.sandbox.since
    known = _known(ground)
    sales = read_sales(books.ledger()["sold"], dict(books.rows(_ENDED, since)),
                       {row["provider_id"]: row["accepted_at"].timestamp() for row in known.values() if row["accepted_at"]},
                       gone_since(books.rows(_FETCHES, since)))
    yield from _ends(ground)
    yield from _whole(ground, sales)
    yield from bought_twice(sales)
    yield from too_many_at_once(sales, {number: f"{row['project_id']} {row['kind']}" for number, row in known.items()})
    yield from _lost_results(ground, sales, known)
    yield from _charges(ground, sales, known)
    yield from _told_in_vain(ground, plan, sales, known)
    yield from _internal(ground)
    yield from tracebacks(ground.folder)
    yield from (f"{note} still holds a bought job's id" for note in ground.folder.glob("home/accepted/*"))
    status, body = ground.ready()
    if status != 200 or json.loads(body)["status"] != "ok":
        yield f"/ready answers {status}: {body}"


def _ends(ground: Ground) -> Iterator[str]:
    for row in ground.rows("SELECT id, status, current_step FROM tasks"):
        if row["status"] not in _TERMINAL:
            yield f"{row['id']} has not ended: {row['status']} in {row['current_step']}"
    for row in open_jobs(ground):
        yield f"{row['id']} has not ended: {row['state']}"


def _whole(ground: Ground, sales: list[Sale]) -> Iterator[str]:
    """What could be completed once all was well again is complete; only a job that never ends leaves a film without it."""
    endless = {sale.id for sale in sales if sale.state in ("queued", "running")}
    for row in ground.rows(_NOT_WHOLE):
        if not endless & set(row["ids"]):
            yield f"{row['id']} is {row['status']}, and nothing keeps it from being whole: {row['error']}"


def _known(ground: Ground) -> dict[str, dict[str, Any]]:
    """Every provider id our rows name, with its job."""
    rows = ground.rows(
        "SELECT j.*, t.status AS task_status, t.cancel_asked_at FROM jobs j JOIN tasks t ON t.id = j.task_id")
    return {number: row for row in rows for number in (*row["former_ids"], row["provider_id"]) if number}


def _lost_results(ground: Ground, sales: list[Sale], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What was delivered, or finished and never given up, is in storage, byte for byte as the provider made it."""
    kept = defaultdict(list)
    for asset in ground.rows("SELECT * FROM assets WHERE job_id IS NOT NULL AND created_at >= %(began)s"):
        kept[asset["job_id"]].append(asset)
        file = ground.service.media / asset["key"]
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != asset["sha256"]:
            yield f"the file of {asset['key']} is missing or is not what was stored"
    for sale in sales:
        job = known.get(sale.id)
        if job is None or sale.state != "done" or job["cancel_asked_at"] is not None:
            continue
        if not sale.delivered and sale.id != job["provider_id"]:
            continue
        told = f"({job['state']} {job['outcome']}, {job['error']}, task {job['task_id']} {job['task_status']})"
        if not kept[job["id"]]:
            yield f"{sale.provider} made {sale.id}, and no file of {job['id']} is kept {told}"
        elif sale.id == job["provider_id"]:
            made = {hashlib.sha256(path.read_bytes()).hexdigest() for path in ground.sandbox.media.glob(f"{sale.id}_*")}
            if not made & {asset["sha256"] for asset in kept[job["id"]]}:
                yield f"what is kept of {job['id']} is not what {sale.provider} made as {sale.id} {told}"


def _charges(ground: Ground, sales: list[Sale], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    booked = Counter(row["provider"] for row in ground.rows("SELECT provider FROM charges WHERE created_at >= %(began)s"))
    for provider in DEADLINE:
        ids = {sale.id for sale in sales if sale.provider == provider}
        ours, orphans = ids & known.keys(), ids - known.keys()
        if booked[provider] != len(ours):
            yield f"{provider}: {booked[provider]} charges for {len(ours)} accepted jobs that we know of"
        if orphans:
            yield f"{provider} sold {', '.join(sorted(orphans))}, and no row knows it, though a person was asked"


def _told_in_vain(ground: Ground, plan: Plan, sales: list[Sale], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A callback that was taken with 200 is not sent again, so its job must be known by then."""
    forged = {rule["provider"] for _, rule in plan.rules if rule["fault"] == "forge"}
    told = {json.loads(request)["job"] for (request,) in ground.sandbox.rows(_TOLD, ground.sandbox.since)}
    for sale in sales:
        if sale.id in told and sale.id not in known and sale.provider not in forged:
            yield f"{sale.provider} told us of {sale.id}, we took the callback, and no row knows it"


def _internal(ground: Ground) -> Iterator[str]:
    looked = {"tasks": "SELECT id, error::text || degraded::text AS said FROM tasks WHERE created_at >= %(began)s",
              "jobs": "SELECT id, error::text AS said FROM jobs WHERE created_at >= %(began)s",
              "events": "SELECT task_id AS id, data::text AS said FROM events"}
    for table, statement in looked.items():
        for row in ground.rows(statement):
            if '"internal"' in (row["said"] or ""):
                yield f"an internal error in {table} of {row['id']}: {row['said'][:400]}"

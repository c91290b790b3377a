"""What must hold after any run, asked of the sandbox's books, the database, the files and the logs."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from .ground import CLIP_SECONDS, PICTURE_SECONDS, Ground

_DEADLINE = {"kie": PICTURE_SECONDS, "fal": CLIP_SECONDS}
_VOID = ("failed", "cancelled")
_TERMINAL = ("completed", "partial", "failed", "cancelled")
_OPEN_JOBS = "SELECT id, state FROM jobs WHERE state NOT IN ('settled', 'cancelled')"
_NOTHING_MISSING = """
    SELECT t.id, t.status, t.error FROM tasks t
    WHERE t.status IN ('partial', 'failed') AND NOT EXISTS (
        SELECT 1 FROM task_jobs w JOIN jobs j ON j.id = w.job_id
        WHERE w.task_id = t.id AND j.outcome IS DISTINCT FROM 'done')
    AND NOT EXISTS (SELECT 1 FROM tasks newer WHERE newer.project_id = t.project_id AND newer.created_at > t.created_at)"""
# A database or a broker that is away is told with its traceback by the libraries; anything else is ours.
_OUTAGES = re.compile(
    r"^(psycopg2\.(errors\.\w+|OperationalError|InterfaceError)|(\w+\.)*StoreUnavailable"
    r"|redis\.exceptions\.(ConnectionError|TimeoutError|BusyLoadingError)|kombu\.exceptions\.OperationalError"
    r"|(builtins\.)?(ConnectionResetError|ConnectionRefusedError|BrokenPipeError|ConnectionAbortedError)"
    r"|celery\.beat\.SchedulingError: Couldn't apply scheduled task \w+: (Error (\d+|while)|Connection|Timeout|LOADING)"
    r"|celery\.exceptions\.(WorkerShutdown|WorkerTerminate)|SystemExit|KeyboardInterrupt)\b")
_LAST_LINE = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Unavailable|Shutdown|Terminate|Timeout|Lost\w*)\b")


def open_jobs(ground: Ground) -> list[dict[str, Any]]:
    """Jobs that have not come to an end."""
    return ground.rows(_OPEN_JOBS)


def judge(ground: Ground, logs: Path) -> Iterator[str]:
    """Each thing that is not as it must be, as a sentence."""
    sold = [line for line in ground.sandbox.ledger()["sold"] if line["provider"] in _DEADLINE]
    yield from _ends(ground)
    yield from bought_twice(sold)
    yield from _lost_results(ground, sold)
    yield from _charges(ground, sold)
    yield from _told_in_vain(ground, sold, logs / "sandbox" / "sandbox.sqlite")
    yield from _internal(ground)
    yield from tracebacks(logs)
    status, body = ground.ready()
    if status != 200 or json.loads(body)["status"] != "ok":
        yield f"/ready answers {status}: {body}"


def _ends(ground: Ground) -> Iterator[str]:
    for row in ground.rows("SELECT id, status, current_step FROM tasks"):
        if row["status"] not in _TERMINAL:
            yield f"{row['id']} has not ended: {row['status']} in {row['current_step']}"
    for row in open_jobs(ground):
        yield f"{row['id']} has not ended: {row['state']}"
    for row in ground.rows(_NOTHING_MISSING):
        yield f"{row['id']} was tried again and is {row['status']}, though nothing of it is missing: {row['error']}"


def bought_twice(sold: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Requests that were paid for again although the first neither failed nor was given up after its deadline."""
    same = defaultdict(list)
    for line in sold:
        if line["state"] not in _VOID:
            same[line["provider"], line["fingerprint"]].append(line)
    for (provider, _), lines in same.items():
        for earlier, later in pairwise(lines):
            given_up = earlier["state"] != "done" and later["at"] >= earlier["at"] + _DEADLINE[provider]
            if not given_up:
                yield (f"{provider} was paid twice for one request: {earlier['id']} ({earlier['state']}) and "
                       f"{later['at'] - earlier['at']:.1f} s later {later['id']} ({later['state']})")


def _known(ground: Ground) -> dict[str, dict[str, Any]]:
    """Every provider id our rows name, with its job."""
    rows = ground.rows(
        "SELECT j.*, t.status AS task_status, t.cancel_asked_at FROM jobs j JOIN tasks t ON t.id = j.task_id")
    return {number: row for row in rows for number in (*row["former_ids"], row["provider_id"]) if number}


def _lost_results(ground: Ground, sold: Iterable[dict[str, Any]]) -> Iterator[str]:
    known = _known(ground)
    kept = defaultdict(list)
    for asset in ground.rows("SELECT * FROM assets WHERE job_id IS NOT NULL"):
        kept[asset["job_id"]].append(asset)
        file = ground.service.media / asset["key"]
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != asset["sha256"]:
            yield f"the file of {asset['key']} is missing or is not what was stored"
    for line in sold:
        job = known.get(line["id"])
        if line["state"] != "done" or not line["delivered"] or job is None or job["cancel_asked_at"] is not None:
            continue
        if not kept[job["id"]]:
            yield (f"{line['provider']} delivered {line['id']}, and no file of {job['id']} is kept "
                   f"({job['state']} {job['outcome']}, {job['error']}, task {job['task_id']} {job['task_status']})")


def _charges(ground: Ground, sold: Iterable[dict[str, Any]]) -> Iterator[str]:
    known, booked = _known(ground), Counter(row["provider"] for row in ground.rows("SELECT provider FROM charges"))
    lost = Counter(row["provider"] for row in ground.rows(
        "SELECT provider FROM jobs WHERE outcome = 'lost' AND provider_id IS NULL"))
    for provider in _DEADLINE:
        ids = {line["id"] for line in sold if line["provider"] == provider}
        ours, orphans = ids & known.keys(), ids - known.keys()
        if booked[provider] != len(ours):
            yield f"{provider}: {booked[provider]} charges for {len(ours)} accepted jobs that we know of"
        if len(orphans) > lost[provider]:
            yield f"{provider} sold {len(orphans)} that no row knows ({sorted(orphans)}); {lost[provider]} rows say so"


def _told_in_vain(ground: Ground, sold: Iterable[dict[str, Any]], books: Path) -> Iterator[str]:
    """A callback that was taken with 200 is not sent again, so its job must be known by then."""
    forged = {rule["provider"] for _, rule in ground.plan.rules if rule["fault"] == "forge"}
    known = _known(ground)
    with closing(sqlite3.connect(books)) as connection:
        told = {json.loads(request)["job"] for request, in connection.execute(
            "SELECT request FROM requests WHERE operation = 'callback' AND status BETWEEN 200 AND 299")}
    for line in sold:
        if line["id"] in told and line["id"] not in known and line["provider"] not in forged:
            yield f"{line['provider']} told us of {line['id']}, we took the callback, and no row knows it"


def _internal(ground: Ground) -> Iterator[str]:
    looked = {"tasks": "SELECT id, error::text || degraded::text AS said FROM tasks",
              "jobs": "SELECT id, error::text AS said FROM jobs",
              "events": "SELECT task_id AS id, data::text AS said FROM events"}
    for table, statement in looked.items():
        for row in ground.rows(statement):
            if '"internal"' in (row["said"] or ""):
                yield f"an internal error in {table} of {row['id']}: {row['said'][:400]}"


def tracebacks(logs: Path) -> Iterator[str]:
    """Tracebacks in the logs of our processes, apart from those of a database or a broker that was away."""
    found: Counter[str] = Counter()
    for log in sorted([*logs.glob("web*.log"), *logs.glob("worker*.log"), *logs.glob("beat.log")]):
        for last, where in _ended_by(log.read_text(errors="replace").splitlines()):
            if not _OUTAGES.match(last):
                found[f"a traceback in {log.name}:{where}: {last[:200]}"] += 1
    yield from found


def _ended_by(lines: list[str]) -> Iterator[tuple[str, int]]:
    """The last line of each traceback and where it stands."""
    inside = False
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            inside = False
            try:
                told = json.loads(line).get("traceback")
            except ValueError:
                continue
            if told:
                yield next((text for text in reversed(told.splitlines()) if _LAST_LINE.match(text)), told[-200:]), number
        elif line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and line and not line[0].isspace():
            inside = False
            if not line.startswith(("During handling", "The above exception")):
                yield line, number

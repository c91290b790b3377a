"""`aida doctor` on broken set-ups: the command itself, against real servers, and whatever is broken is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.local.processes import free_port
from aida_orchestrator.store import budgets, holds, spending
from aida_orchestrator.store.budgets import Ceiling
from aida_orchestrator.store.db import Database
from tests.builders import NOON
from tests.harness import ROOT

KEY = "sk-a-key-that-must-not-be-seen"
ANSWERS = {"/v1/models": {"data": []}, "/models": {"data": []}, "/api/v1/chat/credit": {"code": 200, "data": 60.5},
           "/v1/models/requests/by-endpoint": {"items": []}}

PRICELESS = """provider = "kie"
[[price]]
thing = "midjourney"
unit = "task"
unknown = true
from = 2025-01-01
source = "nobody knows"
read = 2026-11-30
"""

Diagnosis = Mapping[str, Any]
Doctor = Callable[..., Diagnosis]


class Providers(ThreadingHTTPServer):
    """All four at one address; a test says who refuses its key, and how wrong their clock is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.refused: set[str] = set()
        self.credits: float = 60.5
        self.behind = 0.0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.methods: set[str] = set()


class Answering(BaseHTTPRequestHandler):
    """Knows the four questions and nothing else."""

    server: Providers

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.methods.add(self.command)
        key = self.headers.get("Authorization", "")
        refused = path in self.server.refused or KEY not in key
        body = dict(ANSWERS.get(path, {"error": "no such route"}))
        if "credit" in path:
            body["data"] = self.server.credits
        self.reply(401 if refused else 200 if path in ANSWERS else 404, {"error": f"bad key {key}"} if refused else body)

    def reply(self, status: int, body: Mapping[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() - self.server.behind, usegmt=True))
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def providers() -> Iterator[Providers]:
    running = Providers()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    assert running.methods <= {"GET"}, "nothing may be spent"


@pytest.fixture
def doctor(dsn: str, redis_url: str, providers: Providers, tmp_path: Path) -> Doctor:
    """`doctor(NAME=value)`: the diagnosis of a set-up that is whole but for these variables (None: not set)."""

    def ask(**changes: str | None) -> Diagnosis:
        names = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "KIE_API_KEY", "FAL_KEY")
        addresses = {"ANTHROPIC_BASE_URL": providers.url, "OPENAI_BASE_URL": providers.url, "KIE_BASE_URL": providers.url,
                     "FAL_QUEUE_URL": providers.url, "FAL_API_URL": providers.url, "PUBLIC_URL": "http://127.0.0.1:3003"}
        given = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": dsn, "REDIS_URL": redis_url,
            "AIDA_HOME": str(tmp_path / "home"), "MEDIA_DIR": str(tmp_path / "media"), "LOG_FILE": str(tmp_path / "log"),
            "C_FORCE_ROOT": "1", "FLOWER_BASIC_AUTH": "operator:a-password-of-the-test", **dict.fromkeys(names, KEY),
            **addresses, **changes}
        env = {name: value for name, value in given.items() if value is not None}
        done = subprocess.run([sys.executable, "-m", "aida_orchestrator.cli", "doctor", "--json"], cwd=tmp_path, env=env,
                              capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        secrets = [KEY, "a-password-of-the-test", "hunter2", redis_url.partition("@")[0].rpartition(":")[2]]
        assert not [secret for secret in secrets if secret in done.stdout + done.stderr]
        told = dict(json.loads(done.stdout))
        assert done.returncode == int(told["wrong"]), done.stderr
        return told

    return ask


def wrong(told: Diagnosis) -> dict[str, str]:
    """What is wrong, without the workers and the sweep: most of these tests start none."""
    return {line["check"]: f"{line['says']} -> {line['mend']}" for line in told["findings"]
            if line["verdict"] == "wrong" and line["check"] not in ("workers", "sweep")}


def line(told: Diagnosis, check: str) -> Mapping[str, str]:
    """The one line of a check."""
    found = [one for one in told["findings"] if one["check"] == check]
    assert len(found) == 1, told
    return dict(found[0])


def test_nothing_but_the_missing_workers_is_wrong_with_a_whole_set_up(doctor: Doctor) -> None:
    told = doctor()
    assert wrong(told) == {}
    assert line(told, "provider.kie")["says"].endswith("60.5 credits left")
    for check in ("provider.anthropic", "provider.openai", "provider.fal", "database.schema", "broker", "media.complete",
                  "clock"):
        assert line(told, check)["verdict"] == "ok", check
    assert line(told, "workers")["verdict"] == "wrong"
    assert line(told, "sweep")["verdict"] == "wrong"


@pytest.mark.parametrize(("path", "name"), [
    ("/v1/models", "anthropic"), ("/models", "openai"), ("/api/v1/chat/credit", "kie"),
    ("/v1/models/requests/by-endpoint", "fal")])
def test_a_key_that_is_refused_is_named(doctor: Doctor, providers: Providers, path: str, name: str) -> None:
    providers.refused.add(path)
    told = wrong(doctor())
    assert set(told) == {f"provider.{name}"}
    assert "_KEY" in told[f"provider.{name}"]


def test_an_empty_account_is_wrong_and_a_stand_in_that_knows_no_question_is_not(
    doctor: Doctor, providers: Providers,
) -> None:
    providers.credits = 0
    told = doctor(ANTHROPIC_BASE_URL=f"{providers.url}/elsewhere")
    assert set(wrong(told)) == {"provider.kie"}
    assert "go on by themselves" in line(told, "provider.kie")["mend"]
    assert line(told, "provider.anthropic")["verdict"] == "unknown"


def test_a_database_that_is_down_is_named_and_all_else_is_told(doctor: Doctor) -> None:
    told = doctor(DATABASE_URL=f"postgresql://aida:hunter2@127.0.0.1:{free_port()}/aida")
    assert set(wrong(told)) == {"database"}
    assert line(told, "broker")["verdict"] == "ok"
    assert line(told, "media.complete")["verdict"] == "unknown"


def test_missing_tables_and_a_missing_pgvector_are_two_things(doctor: Doctor, empty_dsn: str) -> None:
    told = wrong(doctor(DATABASE_URL=empty_dsn))
    assert set(told) == {"database.schema", "database.pgvector"}
    assert "0001_projects_and_tasks.sql" in told["database.schema"]
    assert "aida migrate" in told["database.schema"]


def test_a_broker_that_is_down_or_refuses_the_password_is_named(doctor: Doctor, redis_url: str) -> None:
    down = doctor(REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert set(wrong(down)) == {"broker"}
    assert line(down, "workers")["verdict"] == "unknown"
    assert "password" in wrong(doctor(REDIS_URL=f"redis://:hunter2@{redis_url.partition('@')[2]}"))["broker"]


def test_a_folder_of_media_that_cannot_be_written_is_named(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    assert set(wrong(doctor(MEDIA_DIR=str(tmp_path / "file" / "media")))) == {"media.writable"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_of_media_is_named(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir(mode=0o500)
    assert set(wrong(doctor())) == {"media.writable"}


def test_a_clock_that_is_minutes_off_is_named_with_how_much(doctor: Doctor, providers: Providers) -> None:
    providers.behind = 300
    told = [one for one in doctor()["findings"] if one["check"] == "clock"]
    assert {one["verdict"] for one in told if "KIE" in one["says"]} == {"wrong"}
    assert any("300" in one["says"] or "299" in one["says"] for one in told)
    assert [one["says"] for one in told if one["verdict"] == "ok"] == ["agrees with the database, the broker"]


def test_settings_that_are_no_values_are_named_and_the_others_are_still_looked_at(doctor: Doctor) -> None:
    told = doctor(ORCHESTRATOR_PORT="many", KIE_TASK_DOLLARS="-1", PUBLIC_URL="films.example.org")
    assert set(wrong(told)) == {"settings.value", "settings.public_url"}
    assert sum(one["check"] == "settings.value" for one in told["findings"]) == 2
    assert line(told, "database.schema")["verdict"] == "ok"


def test_dangerous_doors_are_named(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KIE_API_KYE=hunter2\nLOG_LEVEL=info\n")
    told = doctor(ORCHESTRATOR_HOST="0.0.0.0", FLASK_DEBUG="1", FLOWER_BASIC_AUTH="admin:admin", LOG_LEVEL="debug",
                  ORCHESTRATOR_ENV="production")
    assert set(wrong(told)) == {"exposure.debug", "exposure.flower"}
    warned = {one["check"]: one["says"] for one in told["findings"] if one["verdict"] == "warning"}
    assert "0.0.0.0:3003" in warned["exposure.api"]
    assert "KIE_API_KYE" in warned["settings.name"]
    assert "LOG_LEVEL" in warned["settings.twice"]


def test_a_queue_without_a_worker_is_named_with_the_command_that_serves_it(
    doctor: Doctor, dsn: str, redis_url: str, tmp_path: Path,
) -> None:
    with worker(dsn, redis_url, tmp_path, "context,script,storyboard,visual,sweep"):
        told = {one["says"]: one["mend"] for one in doctor()["findings"] if one["check"] == "workers.queue"}
    assert list(told) == ["no worker serves the queue `video`: films stop there"]
    assert "-Q video" in next(iter(told.values()))


def test_what_keeps_films_from_buying_is_named_and_is_nothing_that_is_wrong(
    doctor: Doctor, own_database: Database,
) -> None:
    assert line(doctor(), "spending")["verdict"] == "ok"
    with own_database.transaction() as tx:
        spending.stop(tx, "the bill is being looked at", NOON)
        holds.pause(tx, "kie", "the account has no credit", NOON)
    told = doctor()
    assert wrong(told) == {}
    stopped, account = line(told, "spending.stopped"), line(told, "spending.account")
    assert stopped["verdict"] == account["verdict"] == "warning"
    assert "2026-12-01 12:00 UTC (the bill is being looked at)" in stopped["says"]
    assert "aida spending start" in stopped["mend"]
    assert "kie" in account["says"]
    assert "the account has no credit" in account["says"]


def test_a_price_that_nobody_knows_is_named_once_there_are_ceilings_and_no_sooner(
    doctor: Doctor, own_database: Database, tmp_path: Path,
) -> None:
    changed = {"FAL_KLING_ENDPOINT": "fal-ai/a-new-one", "ANTHROPIC_MODEL": "claude-of-tomorrow", "KIE_TASK_DOLLARS": None,
               "PRICES_DIR": str(tmp_path / "prices")}
    (tmp_path / "prices").mkdir()
    sheet = tmp_path / "prices" / "kie.toml"
    sheet.write_text(PRICELESS)
    assert line(doctor(**changed), "spending")["verdict"] == "ok"
    with own_database.transaction() as tx:
        budgets.put_budget(tx, Ceiling("default", "tenant", "", "day"), Decimal(100), NOON)
    assert line(doctor(), "spending")["verdict"] == "ok", "the packaged sheet says what a ceiling takes a picture for"
    told = [one for one in doctor(**changed)["findings"] if one["check"] == "spending.price"]
    assert {one["verdict"] for one in told} == {"warning"}
    assert [name for name in ("fal-ai/a-new-one", "midjourney", "claude-of-tomorrow")
            if not any(name in one["says"] for one in told)] == []
    assert any("KIE_TASK_DOLLARS" in one["mend"] for one in told)
    changed["KIE_TASK_DOLLARS"] = "0.1"
    told = [one for one in doctor(**changed)["findings"] if one["check"] == "spending.price"]
    assert not [one for one in told if "midjourney" in one["says"]]
    sheet.write_text("provider = 'kie'\nprices = 1\n")
    assert "kie.toml:2" in wrong(doctor(**changed))["spending.prices"]


@contextmanager
def worker(dsn: str, redis_url: str, folder: Path, queues: str) -> Iterator[None]:
    """A worker of these queues, once it answers."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": dsn, "REDIS_URL": redis_url,
           "C_FORCE_ROOT": "1",
           "AIDA_HOME": str(folder / "home"), "LOG_FILE": str(folder / "log"), "MEDIA_DIR": str(folder / "media")}
    celery = [sys.executable, "-m", "celery", "-A", "celery_app"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen([*celery, "worker", "-Q", queues, "-c", "1", "-n", "lone@%h"], env=env, cwd=folder,
                                   stdout=log, stderr=log)
    try:
        for _ in range(30):
            if subprocess.run([*celery, "inspect", "ping", "--timeout", "1"], env=env, cwd=folder, capture_output=True,
                              check=False).returncode == 0:
                break
        yield
    finally:
        process.terminate()
        process.wait(30)

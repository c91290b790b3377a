"""`aida` against the running service: what a person types, and what the shell gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..harness import ROOT, Sandbox, Service
from .looking import no_pictures, watch

MESSAGE = "Voglio un video di 5 secondi sulle arance di Sicilia"


def aida(folder: Path, address: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One command in a folder of its own, knowing nothing but the service's address."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "AIDA_URL": address,
           "AIDA_USER": "otto"}
    return subprocess.run([sys.executable, "-m", "aida_orchestrator.cli", *words], cwd=folder, env=env, text=True,
                          capture_output=True, timeout=120, check=False)


def test_create_follows_the_film_and_prints_its_address_then_status_and_refine_go_on(
    shared: Service, sandbox: Sandbox, tmp_path: Path,
) -> None:
    made = aida(tmp_path, shared.url, "create", MESSAGE)
    assert made.returncode == 0, made.stderr
    address = made.stdout.strip()
    assert re.fullmatch(rf"{re.escape(shared.url)}/media/\S+\.mp4", address), "stdout holds the address alone"
    assert watch(shared.get(address)[2]).seconds == pytest.approx(5, rel=0.02)
    for stage in ("context", "script", "storyboard", "visual", "video"):
        assert stage in made.stderr
    task = re.search(r"task_\w+", made.stderr)
    assert task

    told = aida(tmp_path, shared.url, "status", task[0])
    assert told.returncode == 0, told.stderr
    assert "completed" in told.stdout
    assert "100 %" in told.stdout
    assert address in told.stdout

    project = str(shared.status(task[0])["projectId"])
    refined = aida(tmp_path, shared.url, "refine", project, "--aspect", "style", "più luminoso", "--save", "films")
    assert refined.returncode == 0, refined.stderr
    saved = Path(refined.stdout.strip())
    assert saved.parent == tmp_path / "films"
    assert watch(saved.read_bytes()).seconds == pytest.approx(5, rel=0.02)
    assert len(sandbox.sold("fal")) == 2


def test_a_film_can_be_begun_without_waiting_and_cancelled(shared: Service, sandbox: Sandbox, tmp_path: Path) -> None:
    no_pictures(sandbox)
    begun = aida(tmp_path, shared.url, "create", MESSAGE, "--no-wait")
    task = begun.stdout.strip()
    assert (begun.returncode, task.startswith("task_")) == (0, True)
    assert shared.status(task)["userId"] == "otto"
    assert "cancelled" in aida(tmp_path, shared.url, "cancel", task).stdout
    assert shared.status(task)["status"] == "cancelled"


def test_a_film_that_fails_says_why_and_ends_with_an_error(shared: Service, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "status", "status": 401, "times": None})
    failed = aida(tmp_path, shared.url, "create", MESSAGE)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "provider_auth" in failed.stderr


def test_refusals_and_a_service_that_is_away_are_told_in_words(shared: Service, tmp_path: Path) -> None:
    unknown = aida(tmp_path, shared.url, "status", "task_none")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "404" in unknown.stderr
    away = aida(tmp_path, "http://127.0.0.1:9", "create", MESSAGE)
    assert away.returncode == 1
    assert "aida up" in away.stderr
    assert "Traceback" not in unknown.stderr + away.stderr

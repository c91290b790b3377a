"""The drill: films are being made, a backup is taken, the machine is lost, and the films go on from the backup.

What is hard about it is money: between the backup and the loss the films went on buying, and the restored rows do not know.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Sandbox, Servers, Service, ServiceWishes

MESSAGE = "Uno spot di 10 secondi per una gelateria"
PATIENCE = 900


def aida(service: Service, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command line in the shell of the service."""
    return subprocess.run([sys.executable, "-m", "aida_orchestrator.cli", *arguments], cwd=service.folder,
                          env={**service.env, "AIDA_URL": service.url, **env}, capture_output=True, text=True, check=False,
                          timeout=180)


def back_up(service: Service, folder: Path) -> Path:
    """The dated folder of one more backup."""
    done = aida(service, "backup", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(done.stdout.splitlines()[0])


class Machine:
    """An empty machine on which a backup is restored: another database, another broker, no media."""

    def __init__(self, folder: Path, servers: Servers, sandbox: Sandbox, old: Service) -> None:
        folder.mkdir()
        keys = {name: old.env[name] for name in ("KIE_API_KEY", "FAL_KEY")}
        self.service = Service(folder, servers.empty_database(), servers.redis_url(), sandbox, ServiceWishes(keys))

    def restore(self, backup: Path, *how: str) -> str:
        done = aida(self.service, "restore-backup", *how, str(backup))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def lose(servers: Servers) -> Callable[[Service], None]:
    """The machine is gone: its processes at once, its database, its files."""

    def destroy(service: Service) -> None:
        for name, kill in (("beat", service.kill_beat), ("worker", service.kill_worker), ("web", service.kill_web)):
            if service.is_alive(name):
                kill()
        servers.drop(service.dsn)
        shutil.rmtree(service.media, ignore_errors=True)
        shutil.rmtree(service.folder / "home", ignore_errors=True)

    return destroy


def sold(sandbox: Sandbox) -> dict[str, set[str]]:
    """Ids of all that was sold, by provider."""
    lines = sandbox.ledger()["sold"]
    return {provider: {line["id"] for line in lines if line["provider"] == provider} for provider in ("kie", "fal")}


def test_after_the_loss_of_everything_films_go_on_and_nothing_is_bought_twice(
    start_service: Callable[..., Service], servers: Servers, sandbox: Sandbox, tmp_path: Path,
    lose: Callable[[Service], None],
) -> None:
    old = start_service(callbacks=False, env={"PICTURES_PER_FILM": "1"})
    finished = old.create("Un video di 5 secondi sul lago")["taskId"]
    assert old.wait(finished, PATIENCE)["status"] == "completed"
    sandbox.latency(kie=2.0)
    film = old.create("A 10 second film about a lighthouse", user="u2")["taskId"]
    old.wait_until(film, lambda status: len(pictures_sold(sandbox, "lighthouse")) == 1, PATIENCE)
    backup = back_up(old, tmp_path / "backups")
    sandbox.latency(kie=0.3)
    assert old.wait(film, PATIENCE)["status"] == "completed", "it went on after the backup, and bought all the rest"
    bought = sold(sandbox)
    lose(old)

    machine = Machine(tmp_path / "new", servers, sandbox, old)
    assert film in machine.restore(backup)
    new = machine.service
    new.start()
    try:
        assert new.get(new.status(finished)["videoUrl"])[0] == 200
        status = new.wait(film, PATIENCE)
        assert status["status"] in ("partial", "failed")
        assert sold(sandbox) == bought, "what may have been bought since is not bought again by itself"
        for _ in range(4):
            if status["status"] == "completed":
                break
            settle_by_what_the_providers_list(new, sandbox, film)
            status = new.wait(film, PATIENCE)
        assert status["status"] == "completed", status
        assert sold(sandbox) == bought
        assert new.get(status["videoUrl"])[0] == 200
    finally:
        new.stop()
        servers.drop(new.dsn)


def settle_by_what_the_providers_list(service: Service, sandbox: Sandbox, film: str) -> None:
    """What a person does: look for each request in doubt in the provider's list, and say what is there."""
    doubtful = json.loads(aida(service, "jobs", "--unknown", "--json", "--task", film).stdout)["jobs"]
    assert doubtful
    for job in doubtful:
        prompt = json.dumps(job["prompt"]).rstrip('"')
        there = [line["id"] for line in sandbox.sold(job["provider"]) if prompt in json.dumps(line["request"])]
        assert len(there) == 1, job
        said = aida(service, "jobs", "resolve", job["jobId"], "--bought", there[0])
        assert said.returncode == 0, said.stdout + said.stderr


def pictures_sold(sandbox: Sandbox, word: str) -> list[dict[str, Any]]:
    """Pictures whose prompt has a word."""
    return [line for line in sandbox.sold("kie") if word in json.dumps(line["request"])]


def test_a_move_to_another_machine_needs_nobodys_word(
    start_service: Callable[..., Service], servers: Servers, sandbox: Sandbox, tmp_path: Path,
    lose: Callable[[Service], None],
) -> None:
    old = start_service(callbacks=False, env={"PICTURES_PER_FILM": "1"})
    sandbox.latency(kie=2.0)
    film = old.create(MESSAGE)["taskId"]
    old.wait_until(film, lambda status: len(sandbox.sold("kie")) == 1, PATIENCE)
    old.kill_beat()
    assert old.end_worker() < 60
    backup = back_up(old, tmp_path / "backups")
    lose(old)
    assert aida(old, "restore-backup", "--check", str(backup)).returncode == 0

    machine = Machine(tmp_path / "new", servers, sandbox, old)
    machine.restore(backup, "--nothing-ran-since")
    new = machine.service
    new.start()
    try:
        assert new.wait(film, PATIENCE)["status"] == "completed"
        assert {total["duplicates"] for total in sandbox.ledger()["totals"].values()} == {0}
        assert len(sandbox.sold("kie")) == len(sandbox.sold("fal")) == 2
    finally:
        new.stop()
        servers.drop(new.dsn)

"""Units, image and compose file start what the Procfile starts, with settings that exist, and let it end in peace."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from aida_orchestrator.pipeline import chain
from aida_orchestrator.settings import Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "ops" / "systemd").glob("aida-*.service"))
SERVING = ("web", "worker", "beat", "flower")
# Beside Settings: of the interpreter, of Flower, and of the two servers' own images.
OTHERS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PATH", "QUEUES", "SLOTS", "FLOWER_BASIC_AUTH", "FLOWER_ADDRESS",
          "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "REDISCLI_AUTH"}


def procfile(name: str) -> list[str]:
    """The words of one line, without the shell around it."""
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith(f"{name}: "))
    return shlex.split(re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", line.rpartition("exec ")[2]))


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """A unit's sections; systemd lets a key stand several times."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


def compose() -> dict[str, Any]:
    """The compose file."""
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text()))


def without(words: list[str], *flags: str) -> list[str]:
    """A command without these flags and their values."""
    kept, skip = [], False
    for word in words:
        if skip or word.partition("=")[0] in flags:
            skip = word in flags and not skip
            continue
        kept.append(word)
    return kept


@pytest.mark.parametrize("name", SERVING)
def test_a_unit_runs_the_line_of_the_procfile(name: str) -> None:
    path = next(path for path in UNITS if path.stem.rstrip("@") == f"aida-{name}")
    words = shlex.split(unit(path)["Service"]["ExecStart"][0])
    assert words[0].startswith("/opt/aida/.venv/bin/")
    words[0] = words[0].rpartition("/")[2]
    own = ("-Q", "-n", "-c") if name == "worker" else ()
    assert without(words, *own) == without(procfile(name), *own)


@pytest.mark.parametrize("name", SERVING)
def test_a_container_runs_the_line_of_the_procfile(name: str) -> None:
    words = compose()["services"][name]["command"]
    assert words == without(procfile(name), "--address"), "Flower's address is that of its own network there"


def test_the_dashboard_starts_nowhere_without_a_login() -> None:
    service = unit(ROOT / "ops" / "systemd" / "aida-flower.service")["Service"]
    guard = service["ExecStartPre"][0].replace("$$", "$")
    assert subprocess.run(["/bin/sh", "-c", f"exec {guard}"], env={}, capture_output=True, check=False).returncode != 0
    assert subprocess.run(["/bin/sh", "-c", f"exec {guard}"], env={"FLOWER_BASIC_AUTH": "a:b"}, check=False).returncode == 0
    assert compose()["services"]["flower"]["environment"]["FLOWER_BASIC_AUTH"].startswith("${FLOWER_BASIC_AUTH:?")


@pytest.mark.parametrize("path", [path for path in UNITS if path.stem.rstrip("@")[5:] in SERVING],
                         ids=lambda path: path.name)
def test_a_unit_comes_back_and_may_touch_its_own_folders_only(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["Restart"] == ["always"]
    assert unit(path)["Unit"]["StartLimitIntervalSec"] == ["0"], "a database that is away for an hour must not end it"
    assert service["User"] == ["aida"]
    for key, value in (("NoNewPrivileges", "true"), ("ProtectSystem", "strict"), ("PrivateTmp", "true")):
        assert service[key] == [value]


def test_a_worker_may_end_its_longest_call() -> None:
    fields = Settings.model_fields
    longest = max(float(fields[name].default) for name in fields if name.endswith("_timeout_seconds"))
    seconds = float(unit(ROOT / "ops" / "systemd" / "aida-worker@.service")["Service"]["TimeoutStopSec"][0])
    assert seconds > longest
    assert float(compose()["services"]["worker"]["stop_grace_period"].removesuffix("s")) > longest


def test_the_worker_for_all_serves_all() -> None:
    lines = dict(line.split("=") for line in (ROOT / "ops" / "systemd" / "worker-all.env").read_text().splitlines()
                 if "=" in line and not line.startswith("#"))
    assert lines["QUEUES"].split(",") == list(chain.QUEUES)


def test_every_variable_that_is_set_is_one_that_somebody_reads() -> None:
    named = {word for path in UNITS for line in unit(path)["Service"].get("Environment", [])
             for word in re.findall(r"(\w+)=", line)}
    for service in compose()["services"].values():
        named |= set(service.get("environment", {}))
    for line in re.findall(r"^(?:ENV|   ) (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        named |= set(re.findall(r"\b([A-Z][A-Z_]+)=", line))
    assert named - OTHERS <= {name.upper() for name in Settings.model_fields}
    assert {"DATABASE_URL", "REDIS_URL", "MEDIA_DIR", "AIDA_HOME"} <= named


def test_ports_agree_and_are_published_on_this_machine_only() -> None:
    services, usual = compose()["services"], Settings.model_fields["orchestrator_port"].default
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": [f"127.0.0.1:{usual}:{usual}"], "flower": ["127.0.0.1:5555:5555"]}
    assert services["web"]["environment"]["ORCHESTRATOR_PORT"] == str(usual)
    assert f"EXPOSE {usual} 5555" in (ROOT / "Dockerfile").read_text()
    assert "--port=5555" in services["flower"]["command"]


def test_containers_are_no_root_write_their_volumes_only_and_wait_for_the_tables() -> None:
    assert re.search(r"^USER aida$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    services = compose()["services"]
    for name in SERVING:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert any(volume.endswith(":/home/aida-state") for volume in service["volumes"])
    assert {name for name, service in services.items() if "healthcheck" in service} == {
        "postgres", "broker", "web", "worker", "flower"}
    volumes = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert volumes == set(compose()["volumes"])


def test_the_image_gets_every_file_that_is_copied_into_it() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert name in let_in, name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_finds_no_fault_with_the_units() -> None:
    files = [str(path) for path in sorted((ROOT / "ops" / "systemd").glob("aida*.*"))]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    faults = [line for line in done.stderr.splitlines() if "is not executable" not in line and "aida" in line]
    assert faults == [], "only the programs may be missing on a machine where nothing is installed"


def test_the_timer_backs_up_by_the_service_of_its_name() -> None:
    timer = configparser.ConfigParser(strict=False)
    timer.read(ROOT / "ops" / "systemd" / "aida-backup.timer")
    assert timer["Timer"]["OnCalendar"]
    assert unit(ROOT / "ops" / "systemd" / "aida-backup.service")["Service"]["ExecStart"][0].split()[1] == "backup"

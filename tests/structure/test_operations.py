"""docs/operations.md names commands, units and tests that exist."""

from __future__ import annotations

import re

from aida_orchestrator.cli import _parser
from tests.structure.test_queues import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()


def test_every_command_of_aida_exists() -> None:
    known = set(next(action.choices for action in _parser()._actions if action.choices))
    named = set(re.findall(r"(?<![/-])\baida ([a-z][a-z-]+)", re.sub(r"-[gou] aida", "", TEXT)))
    assert named <= known
    assert {"doctor", "backup", "restore-backup", "migrate", "jobs", "retry"} <= named


def test_every_unit_and_file_exists() -> None:
    units = {path.stem.rstrip("@") for path in (ROOT / "ops" / "systemd").glob("aida*")}
    named = set(re.findall(r"\baida-(?:web|worker|beat|flower|migrate|backup)\b", TEXT))
    assert named <= units
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXT):
        assert (ROOT / "docs" / link).exists(), link
    for test in re.findall(r"tests/\w+/test_\w+\.py", TEXT):
        assert (ROOT / test).exists(), test


def test_every_alarm_has_a_heading() -> None:
    rules = ROOT / "ops" / "prometheus" / "alerts.yml"
    headings = set(re.findall(r"^### (.+)$", TEXT, re.MULTILINE))
    named = set(re.findall(r"alert: (\w+)", rules.read_text())) if rules.exists() else set()
    assert named - headings == set()

"""Names that other people hold on to: error codes with their next steps, and the variables of the environment."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from aida_orchestrator import errors
from aida_orchestrator.model import Stage
from aida_orchestrator.pipeline.next_step import error_body
from aida_orchestrator.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "aida_orchestrator"
ROOMS_OF_TASKS = ("pipeline", "jobs", "providers", "media", "agents", "memory")
NOT_OF_TASKS = {
    "provider_error",  # the base, never raised itself
    "unknown_word",    # stands in a running job until its next poll
}
FIXED = (
    "DATABASE_URL", "REDIS_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL", "OPENAI_API_KEY",
    "OPENAI_BASE_URL", "FAL_KEY", "FAL_QUEUE_URL", "FAL_JWKS_URL", "FAL_KLING_ENDPOINT", "KIE_API_KEY", "KIE_BASE_URL",
    "KIE_WEBHOOK_KEY", "PUBLIC_URL", "KIE_POLL_SECONDS", "FAL_POLL_SECONDS", "MEDIA_DIR", "MEDIA_TRUSTED_ORIGINS",
    "ORCHESTRATOR_PORT", "ORCHESTRATOR_ENV", "LOG_LEVEL",
)
GENERAL = error_body("internal", "", Stage.VISUAL)["nextStep"]


def codes() -> set[str]:
    """Codes that can come to stand in a task: of the errors, and those written where tasks are worked on."""
    families = (errors.ProviderError, errors.MediaError, errors.NotFoundError)
    found = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, families)}
    for path in (path for room in ROOMS_OF_TASKS for path in (PACKAGE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            found |= written(node)
    return found - NOT_OF_TASKS


def written(node: ast.AST) -> set[str]:
    """Codes written out in `code="…"`, `{"code": "…"}` and `error_body("…")`."""
    values: list[ast.expr] = []
    if isinstance(node, ast.Call):
        values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if isinstance(node.func, ast.Name) and node.func.id == "error_body":
            values += node.args[:1]
    elif isinstance(node, ast.Dict):
        values = [value for key, value in zip(node.keys, node.values, strict=True)
                  if isinstance(key, ast.Constant) and key.value == "code"]
    return {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_that_a_task_can_end_with_has_a_next_step_of_its_own(code: str) -> None:
    step = error_body(code, "", Stage.VISUAL)["nextStep"]
    assert step
    assert code == "internal" or step != GENERAL


def test_the_codes_were_found() -> None:
    assert {"provider_auth", "provider_too_long", "outcome_unknown", "clips_missing", "media_gone", "internal"} <= codes()


@pytest.mark.parametrize("variable", FIXED)
def test_readme_and_settings_know_every_promised_variable(variable: str) -> None:
    assert variable in table_of_the_readme()
    assert variable.lower() in Settings.model_fields


def test_readme_names_no_variable_that_does_not_exist() -> None:
    assert {name for name in table_of_the_readme() if name.lower() not in Settings.model_fields} == set()


@pytest.mark.parametrize(("variable", "value"), [
    ("ANTHROPIC_MODEL", "claude-sonnet-5-5"), ("FAL_QUEUE_URL", "https://queue.fal.run"),
    ("KIE_BASE_URL", "https://api.kie.ai"), ("ORCHESTRATOR_PORT", 3003), ("PUBLIC_URL", None)])
def test_promised_defaults_hold(variable: str, value: object) -> None:
    assert Settings.model_fields[variable.lower()].default == value


def table_of_the_readme() -> set[str]:
    """The variables in the first column of the table under "Configuration"."""
    section = (ROOT / "README.md").read_text().split("## Configuration", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}

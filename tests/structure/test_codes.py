"""The catalogue of codes is closed: nothing writes another, each of its own is written, and the page is made of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aida_orchestrator.codes import DEGRADED, FILMS, REQUESTS, Code, Who, component_of, http_code, of_film
from aida_orchestrator.errors import MediaError, NotFoundError, ProviderError, RequestError, SettingsError
from aida_orchestrator.model import Component

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "aida_orchestrator"
OURS = [path for path in PACKAGE.rglob("*.py") if not {"sandbox", "codes"} & set(path.relative_to(PACKAGE).parts)]
# Words that are called `code` and are none of ours.
FINDINGS = {"leak"}
NEVER_TOLD = {
    "provider_error",  # the base, never raised itself
    "lost_lease",      # another worker goes on; the film hears nothing of it
}
ALL = [*FILMS.values(), *DEGRADED.values(), *REQUESTS.values()]


def constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module gives a name."""
    return {target.id: node.value.value for node in tree.body if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for target in node.targets if isinstance(target, ast.Name)}


def places(node: ast.AST) -> Iterator[ast.expr | None]:
    """The expressions that a node makes a code of."""
    if isinstance(node, ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "error_body":
            yield node.args[0]
        if name == "problem":
            yield node.args[1]
    elif isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and key.value == "code")
    elif isinstance(node, ast.Assign):
        yield from (node.value for target in node.targets if isinstance(target, ast.Attribute) and target.attr == "code")
    elif isinstance(node, ast.ClassDef):
        yield from (line.value for line in node.body if isinstance(line, ast.Assign)
                    and any(isinstance(target, ast.Name) and target.id == "code" for target in line.targets))
    elif isinstance(node, ast.FunctionDef) and node.name.endswith("_code"):
        yield from (line.value for line in ast.walk(node) if isinstance(line, ast.Return))
    elif isinstance(node, ast.Compare) and any(ends_in_code(side) for side in (node.left, *node.comparators)):
        yield from (side for side in (node.left, *node.comparators) if isinstance(side, ast.Constant | ast.Name))


def ends_in_code(side: ast.expr) -> bool:
    """Whether an expression reads somebody's code: `error.code`, `told["code"]`, `told.get("code")`."""
    if isinstance(side, ast.Attribute):
        return side.attr == "code"
    if isinstance(side, ast.Subscript):
        return isinstance(side.slice, ast.Constant) and side.slice.value == "code"
    return (isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute) and side.func.attr == "get"
            and bool(side.args) and isinstance(side.args[0], ast.Constant) and side.args[0].value == "code")


def written() -> dict[str, set[str]]:
    """Every code that is written out anywhere, with the files that do."""
    trees = {path: ast.parse(path.read_text()) for path in OURS}
    named = {name: text for tree in trees.values() for name, text in constants(tree).items()}
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        for place in (place for node in ast.walk(tree) for place in places(node)):
            for part in [place.body, place.orelse] if isinstance(place, ast.IfExp) else [place]:
                text = named.get(part.id) if isinstance(part, ast.Name) else getattr(part, "value", None)
                if isinstance(text, str) and text:
                    found.setdefault(text, set()).add(str(path.relative_to(PACKAGE)))
    return {code: files for code, files in found.items() if code not in FINDINGS and not code.isupper()}


WRITTEN = written()


@pytest.mark.parametrize("code", sorted(set(WRITTEN) - NEVER_TOLD))
def test_every_code_that_is_written_stands_in_the_catalogue(code: str) -> None:
    assert code in {known.name for known in ALL}, WRITTEN[code]


def test_the_catalogue_has_no_code_that_nobody_writes() -> None:
    made_of_a_status = {http_code(status) for status in range(400, 600)}
    assert {code.name for code in ALL} - set(WRITTEN) - made_of_a_status == set()


def families(*kinds: type) -> set[str]:
    """The codes of these errors and of all that are below them, wherever they stand."""
    found: set[str] = set()
    for kind in kinds:
        found |= {kind.code} | families(*kind.__subclasses__())  # type: ignore[attr-defined]
    return found - NEVER_TOLD


def test_what_a_film_can_end_with_and_what_answers_a_request_are_each_in_their_own_part() -> None:
    import aida_orchestrator.api.problems
    import aida_orchestrator.local.home
    import aida_orchestrator.media.assembly  # noqa: F401  # their errors too

    assert families(ProviderError, MediaError, NotFoundError) <= set(FILMS)
    assert families(RequestError, SettingsError) <= set(REQUESTS)
    assert {"provider_too_long", "outcome_unknown", "not_bought", "unknown_word", "clips_missing", "internal"} <= set(FILMS)


@pytest.mark.parametrize("code", ALL, ids=lambda code: code.name)
def test_a_code_says_all_that_can_be_asked_of_it(code: Code) -> None:
    assert isinstance(code.who, Who)
    assert code.meaning.endswith(".")
    assert code.next_step.strip()
    assert set(code.components) <= {*Component, "api", "service"}
    assert set(code.providers) <= {"anthropic", "openai", "kie", "fal"}
    answers = code is REQUESTS.get(code.name) and code.name != "already_running"
    assert (code.status is not None) is answers


def test_what_failed_is_named_by_the_provider_first_then_by_the_stage() -> None:
    auth = of_film("provider_auth")
    assert [component_of(auth, provider, stage) for provider, stage in (
        ("kie", "visual"), ("fal", "video"), ("openai", "context"), ("anthropic", "script"), ("anthropic", "storyboard"),
        (None, "context"))] == ["midjourney", "kling", "memory", "writer", "director", "orchestrator"]
    assert component_of(of_film("internal"), None, "video") == "service"
    assert component_of(of_film("clips_missing"), None, None) == "kling"


def test_the_page_is_what_the_command_prints() -> None:
    printed = subprocess.run([sys.executable, "-m", "aida_orchestrator.codes"], capture_output=True, text=True, check=True,
                             cwd=ROOT).stdout
    assert (ROOT / "docs" / "errors.md").read_text() == printed

"""docs/errors.md, made from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from .catalogue import Code
from .degraded import DEGRADED
from .films import FILMS
from .requests import REQUESTS

_HEAD = """# Errors

Made from `aida_orchestrator/codes` by `python -m aida_orchestrator.codes > docs/errors.md`; a test holds this page against
the catalogue, and the catalogue against the code. No other code can be met.

Beside a code stand, in the status of a film (`error`, `shots[].picture.error`, `shots[].clip.error`, `degraded[]`), in its
story (`aida logs <taskId>`) and in every problem+json:

| field | says |
| --- | --- |
| `message`, `detail` | what happened, in our words; what a provider said stays in our rows, for operators |
| `retryable` | whether the same can succeed when it is asked for again, once whoever must act has acted |
| `whoMustAct` | `you` (who asked for it), `operator` (who runs the service), `provider` (wait for it) |
| `component` | what failed: orchestrator, writer, director, midjourney, kling, memory; `api` or `service` for our own |
| `provider` | anthropic, openai, kie or fal, where it is known |
| `nextStep` | what to do |

What a film has cost, also one that failed, is in `cost` of its status.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([
        _HEAD,
        *_section("Films and shots", "How a film, a picture or a clip can end.", FILMS),
        *_section("Simplifications", "In `degraded[].code`, beside the codes above: something was made simpler than asked, "
                  "and the film went on.", DEGRADED),
        *_section("Requests", "In problem+json. Codes with the name of one above mean the same of a request.", REQUESTS),
    ]).rstrip() + "\n"


def _section(title: str, words: str, codes: Mapping[str, Code]) -> list[str]:
    has_status = any(code.status for code in codes.values())
    head = ["code", *(["status"] if has_status else []), "meaning", "who must act", "retry helps", "from", "what to do next"]
    lines = [f"## {title}", "", words, "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for code in codes.values():
        came = ", ".join(code.components) + (f" ({', '.join(code.providers)})" if code.providers else "")
        cells = [f"`{code.name}`", *([str(code.status or "")] if has_status else []), code.meaning, code.who.value,
                 "yes" if code.retryable else "no", came, code.next_step]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]

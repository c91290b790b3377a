"""The sandbox's Claude: by rule instead of by model, the same answer to the same request every time.

It knows the three roles of a film crew by the properties of the answer's schema, and fills any other schema as well
as it can.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from . import bank, director, errands, generic, orchestrator, wishes, writer
from .reading import read

_TASK = re.compile(r"<(?:message|brief|script)>")


@dataclass(frozen=True)
class Reply:
    """What the model says: a text, or the one tool it wants to use first."""

    text: str = ""
    tool: str = ""
    tool_input: dict[str, Any] | None = None


def answer(request: dict[str, Any]) -> Reply:
    """Answer a Messages request whose form has been checked already."""
    system, user, results = _texts(request)
    schema = ((request.get("output_config") or {}).get("format") or {}).get("schema")
    offered = {str(tool.get("name")) for tool in request.get("tools") or []}
    refused = (request.get("tool_choice") or {}).get("type") == "none"
    wanted = () if refused else errands.of(user)
    for name, given in wanted:
        if name in offered and name not in _tools_used(request):
            return Reply(tool=name, tool_input=given)
    if not isinstance(schema, dict):
        return Reply(text=_plain(user))
    return Reply(text=json.dumps(_structured(schema, system, user, results), ensure_ascii=False))


def _structured(schema: dict[str, Any], system: str, user: str, results: list[str]) -> Any:
    properties = schema.get("properties") or {}
    if {"intent", "style_reference", "recalled_project_id"} <= set(properties):
        made: dict[str, Any] = orchestrator.brief(user, system, orchestrator.projects_in(results), properties)
        errands.bring(made, user, results)
    elif {"logline", "beats"} <= set(properties):
        made = writer.script(user)
    elif {"shots", "style_words"} <= set(properties):
        made = director.storyboard(user)
    elif set(properties) == {"style_words", "style_reference"}:
        made = orchestrator.other_style(user, system)
    else:
        return generic.filled(schema, wishes.message_of(user))
    rest = {key: part for key, part in properties.items() if key not in made}
    if rest:
        made |= generic.filled({**schema, "properties": rest}, wishes.message_of(user))
    return {key: made[key] for key in properties}


def _plain(user: str) -> str:
    message = wishes.message_of(user)
    reading = read(message)
    say = bank.sections(reading.language)
    subject = reading.subject or bank.choose(say["say.default_subject"], message)
    return bank.fill(say["say.answer"][0], s=subject)


def _texts(request: dict[str, Any]) -> tuple[str, str, list[str]]:
    """System text, the last user turn that holds text, and the tool results so far."""
    user = ""
    results: list[str] = []
    for message in request["messages"]:
        if message["role"] != "user":
            continue
        said = _text(message["content"])
        # A reminder sent after a bad answer does not repeat the task: the last turn that holds one counts.
        if said and (_TASK.search(said) or not _TASK.search(user)):
            user = said
        if isinstance(message["content"], list):
            results.extend(_text(block.get("content") or "") for block in message["content"]
                           if block.get("type") == "tool_result")
    return _text(request.get("system") or ""), user, results


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", "")) for block in content if block.get("type") == "text")


def _tools_used(request: dict[str, Any]) -> set[str]:
    return {
        str(block.get("name")) for message in request["messages"] if isinstance(message["content"], list)
        for block in message["content"] if block.get("type") == "tool_use"
    }

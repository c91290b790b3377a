"""How the tests speak to the sandbox's Claude: the real client library, and the schemas of the three roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anthropic

from aida_orchestrator.sandbox.server import Server

STYLES = "warm-kitchen | warm rustic kitchen, golden light, food\nneon-night | neon city at night, energetic\n" \
         "noir | black and white noir, mystery"
STRING, WHOLE = {"type": "string"}, {"type": "integer"}
TOOL = {
    "name": "search_similar_projects", "description": "Projects like this one.",
    "input_schema": {"type": "object", "properties": {"query": STRING, "limit": WHOLE}, "required": ["query"]},
}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


BRIEF = closed(
    title=STRING, language=STRING, intent=STRING, tone=STRING, style_words=STRING, style_reference=STRING,
    duration_seconds={"type": "integer", "enum": [5, 10, 15, 20, 30, 45, 60]},
    aspect_ratio={"type": "string", "enum": ["16:9", "9:16", "1:1"]},
    constraints={"type": "array", "items": STRING}, recalled_project_id=STRING, recall_reason=STRING,
)
SCRIPT = closed(title=STRING, logline=STRING,
                beats={"type": "array", "items": closed(words=STRING, picture=STRING, seconds=WHOLE)})
BOARD = closed(style_words=STRING, shots={"type": "array", "items": closed(
    beat=WHOLE, picture_prompt=STRING, motion_prompt=STRING, seconds=WHOLE)})


@contextmanager
def client_of(server: Server) -> Iterator[anthropic.Anthropic]:
    """A client without retries; the rules of misbehaviour are forgotten when it closes."""
    with anthropic.Anthropic(
        api_key="sk-test", base_url=f"{server.url}/anthropic", max_retries=0, timeout=10
    ) as client:
        yield client
    server.sandbox.faults.clear()


def say(
    claude: anthropic.Anthropic, text: str, schema: dict[str, Any] | None = None, **more: Any
) -> anthropic.types.Message:
    asked: dict[str, Any] = {
        "model": "claude-sonnet-5-5", "max_tokens": 8000, "messages": [{"role": "user", "content": text}], **more}
    if schema:
        asked["output_config"] = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    return claude.messages.create(**asked)


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def read(message: anthropic.types.Message) -> dict[str, Any]:
    return dict(json.loads(text_of(message)))

"""Everything the Messages API refuses with a 400 on current models, as the documents state it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .schemas import schema_faults

_FIELDS = {
    "model", "max_tokens", "messages", "system", "tools", "tool_choice", "output_config", "thinking", "cache_control",
    "stop_sequences", "metadata", "service_tier", "speed", "inference_geo", "container", "diagnostics", "stream",
}
_BLOCKS = {
    "user": {"text", "image", "document", "search_result", "tool_result"},
    "assistant": {"text", "tool_use", "thinking", "redacted_thinking"},
}
_BLOCK_FIELDS = {
    "text": {"type", "text", "cache_control", "citations"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"},
}
Turns = Sequence[Sequence[Any]]


def faults(body: Any, answered: Turns, paused: Turns) -> Iterator[str]:
    """What is wrong with a request. `answered`: the contents of our own turns; `paused`: those that ended in a pause."""
    if not isinstance(body, dict):
        yield "the body is no object"
        return
    for name in sorted(set(body) - _FIELDS):
        yield f"{name}: no such field (sampling parameters are gone)"
    tokens = body.get("max_tokens")
    if not isinstance(tokens, int) or isinstance(tokens, bool) or not 1 <= tokens <= 128_000:
        yield "max_tokens is missing or out of bounds"
    yield from _system(body.get("system"))
    yield from _tools(body.get("tools"), body.get("tool_choice"))
    yield from _output(body.get("output_config"), body.get("thinking"))
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages is empty"
        return
    yield from _messages(messages, answered, paused)
    yield from _caching(body)


def _system(system: Any) -> Iterator[str]:
    if system is None or isinstance(system, str):
        return
    for block in system if isinstance(system, list) else [None]:
        if not isinstance(block, dict) or block.get("type") != "text" or not block.get("text"):
            yield "system: only text blocks that are not empty"


def _tools(tools: Any, choice: Any) -> Iterator[str]:
    strict = 0
    for tool in tools or []:
        if set(tool) - {"name", "description", "input_schema", "strict", "cache_control", "type"}:
            yield f"tool: fields {sorted(tool)}"
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", str(tool.get("name"))):
            yield "tool: name"
        if (tool.get("input_schema") or {}).get("type") != "object":
            yield "tool: input_schema.type must be object"
        if tool.get("strict"):
            strict += 1
            yield from schema_faults(tool.get("input_schema"))
    if strict > 20:
        yield "more than 20 strict tools"
    if choice is not None:
        if not tools:
            yield "tool_choice without tools"
        if choice.get("type") not in ("auto", "none"):
            yield 'tool_choice: type "tool" and "any" are not supported for this model.'


def _output(output: Any, thinking: Any) -> Iterator[str]:
    output = output or {}
    if set(output) - {"format", "effort"}:
        yield f"output_config: {sorted(output)}"
    if output.get("effort", "low") not in ("low", "medium", "high", "xhigh", "max"):
        yield f"effort {output['effort']}"
    wanted = output.get("format")
    if wanted is not None:
        if wanted.get("type") != "json_schema" or set(wanted) != {"type", "schema"}:
            yield "output_config.format"
        yield from schema_faults(wanted.get("schema"))
    if thinking is not None and thinking.get("type") not in ("adaptive", "between_tools"):
        yield f"thinking.type {thinking.get('type')} is not supported for this model"


def _messages(messages: list[Any], answered: Turns, paused: Turns) -> Iterator[str]:
    if messages[0].get("role") != "user":
        yield "the first message must be the user's"
    if messages[-1].get("role") == "assistant" and messages[-1].get("content") not in paused:
        yield "assistant prefill is not supported for this model"
    open_calls: list[str] = []
    for turn in messages:
        role, content = turn.get("role"), turn.get("content")
        if role not in _BLOCKS or set(turn) != {"role", "content"}:
            yield f"a message with {sorted(turn)} and role {role}"
            continue
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not blocks:
            yield "a message without content"
        for block in blocks:
            yield from _block(block, role)
        if role == "assistant":
            if blocks not in answered:
                yield "an assistant turn did not come back as it was (thinking blocks must stay byte for byte)"
            open_calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
            continue
        results = [block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"]
        if any(block["type"] != "tool_result" for block in blocks[: len(results)]):
            yield "tool_result blocks must come before anything else"
        if sorted(map(str, results)) != sorted(open_calls):
            yield "each tool_use needs exactly one tool_result, straight after it"
        open_calls = []
    if open_calls:
        yield "tool_use without tool_result"


def _block(block: Any, role: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS[role]:
        yield f"a {kind} block in a turn of the {role}"
        return
    if kind == "text" and not str(block.get("text", "")).strip():
        yield "text blocks must not be empty"
    if role == "user" and set(block) - _BLOCK_FIELDS.get(kind, set(block)):
        yield f"{kind} block with {sorted(block)}"


def _caching(body: dict[str, Any]) -> Iterator[str]:
    blocks: list[Any] = [*(body.get("tools") or [])]
    blocks += body["system"] if isinstance(body.get("system"), list) else []
    for turn in body["messages"]:
        blocks += turn["content"] if isinstance(turn.get("content"), list) else []
    marked = [block for block in blocks if isinstance(block, dict) and block.get("cache_control") is not None]
    lives = [block["cache_control"].get("ttl", "5m") for block in marked]
    if body.get("cache_control") is not None:
        lives.append(body["cache_control"].get("ttl", "5m"))
    if len(lives) > 4:
        yield f"{len(lives)} cache breakpoints, 4 at most"
    if any(life not in ("5m", "1h") for life in lives):
        yield f"cache_control.ttl {lives}"
    if lives != sorted(lives):
        yield "a 1h breakpoint must not come after a 5m one"
    for block in marked:
        if block["cache_control"].get("type") != "ephemeral" or set(block["cache_control"]) - {"type", "ttl"}:
            yield f"cache_control {block['cache_control']}"
        if block.get("type") in ("thinking", "redacted_thinking") or block.get("text") == "":
            yield "cache_control where nothing can be cached"

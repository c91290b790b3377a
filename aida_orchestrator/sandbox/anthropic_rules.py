"""The rules of the Messages API: what it refuses with a 400, and which models it knows.

Sources: the API's documentation on errors, tool use, structured outputs and prompt caching, and the Sonnet 5.5
migration guide.
"""

from collections.abc import Iterator
from typing import Any

MODELS = frozenset({
    "claude-fable-5-2", "claude-mythos-5-2", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-fable-5-1",
    "claude-opus-5-5", "claude-mythos-5-1", "claude-sonnet-5", "claude-fable-5", "claude-mythos-5", "claude-opus-5",
    "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5",
    "claude-haiku-4-5-20251001", "claude-opus-4-5", "claude-opus-4-5-20251101", "claude-sonnet-4-5",
    "claude-sonnet-4-5-20250929",
})
NO_FORCED_TOOL = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-1",
                  "claude-mythos-5-2")
PREFILL_STILL_WORKS = ("claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5")
FIELDS = frozenset({
    "model", "max_tokens", "messages", "system", "tools", "tool_choice", "output_config", "thinking", "cache_control",
    "stop_sequences", "metadata", "service_tier", "speed", "inference_geo", "container", "diagnostics", "stream",
})
SAMPLING = ("temperature", "top_p", "top_k")
EFFORTS = ("low", "medium", "high", "xhigh", "max")
FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
BANNED_KEYWORDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
                   "maxItems", "uniqueItems", "minProperties", "maxProperties", "patternProperties")


class Refused(Exception):
    """The request breaks a rule; `status` is the answer's and the text its message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def check(request: Any) -> None:
    """Raise Refused with the API's own status and wording for the first rule a request breaks."""
    _demand(isinstance(request, dict), "The request body is not valid JSON: an object is expected.")
    for name in SAMPLING:
        _demand(name not in request, f"{name}: Extra inputs are not permitted")
    for name in request:
        _demand(name in FIELDS, f"{name}: Extra inputs are not permitted")
    for name in ("model", "max_tokens", "messages"):
        _demand(name in request, f"{name}: Field required")
    model = request["model"]
    _demand(isinstance(model, str) and bool(model), "model: Input should be a valid string")
    if model not in MODELS:
        raise Refused(f"model: {model}", 404)
    _demand(not request.get("stream"), "stream: this sandbox does not stream; send the request without `stream`.")
    limit = request["max_tokens"]
    _demand(isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0,
            "max_tokens: Input should be greater than or equal to 1")
    _check_output(request)
    _check_thinking(request, model)
    _check_tools(request, model)
    _check_messages(request, model)
    _check_cache(request)


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise Refused(message)


def _check_output(request: dict[str, Any]) -> None:
    config = request.get("output_config")
    if config is None:
        return
    _demand(isinstance(config, dict), "output_config: Input should be a valid dictionary")
    for name in config:
        _demand(name in ("effort", "format"), f"output_config.{name}: Extra inputs are not permitted")
    effort = config.get("effort")
    _demand(effort in (None, *EFFORTS), f"output_config.effort: Input should be one of {', '.join(EFFORTS)}")
    wanted = config.get("format")
    if wanted is not None:
        _demand(isinstance(wanted, dict) and wanted.get("type") == "json_schema"
                and isinstance(wanted.get("schema"), dict),
                "output_config.format: expected {\"type\": \"json_schema\", \"schema\": {…}}")
        check_schema(wanted["schema"], "output_config.format.schema")


def check_schema(schema: dict[str, Any], where: str) -> None:
    """The limits of structured outputs: closed objects, no ranges or lengths, known formats, bounded options."""
    optional = unions = 0
    for path, part in _walk(schema, where):
        for word in BANNED_KEYWORDS:
            _demand(word not in part,
                    f"{path}: For '{part.get('type', 'object')}' type, property '{word}' is not supported")
        _demand(part.get("minItems", 0) in (0, 1), f"{path}: 'minItems' may only be 0 or 1")
        reference = part.get("$ref", "#")
        _demand(isinstance(reference, str) and reference.startswith("#"), f"{path}: External '$ref' is not supported")
        if part.get("type") == "string" and "format" in part:
            _demand(part["format"] in FORMATS, f"{path}: format '{part['format']}' is not supported")
        if part.get("type") == "object" or "properties" in part:
            _demand(part.get("additionalProperties") is False,
                    f"{path}: For 'object' type, 'additionalProperties' must be explicitly set to false")
            optional += len(set(part.get("properties") or {}) - set(part.get("required") or []))
        unions += isinstance(part.get("type"), list) or "anyOf" in part
    _demand(not _recursive(schema), f"{where}: Recursive schemas are not supported")
    _demand(optional <= 24, f"{where}: too many optional parameters ({optional}); at most 24")
    _demand(unions <= 16, f"{where}: too many union-typed parameters ({unions}); at most 16")


def _walk(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield where, schema
    for group in ("properties", "$defs", "definitions"):
        for name, part in (schema.get(group) or {}).items():
            yield from _walk(part, f"{where}.{name}")
    yield from _walk(schema.get("items"), f"{where}.items")
    for union in ("anyOf", "oneOf", "allOf"):
        for number, part in enumerate(schema.get(union) or []):
            yield from _walk(part, f"{where}.{union}.{number}")


def _recursive(schema: dict[str, Any]) -> bool:
    definitions = {**(schema.get("$defs") or {}), **(schema.get("definitions") or {})}
    uses = {
        name: {str(part["$ref"]).rsplit("/", 1)[-1] for _, part in _walk(body, name) if "$ref" in part}
        for name, body in definitions.items()
    }
    if any(part.get("$ref") == "#" for _, part in _walk(schema, "")):
        return True
    for start in uses:
        seen, ahead = set(), set(uses[start])
        while ahead:
            step = ahead.pop()
            if step == start:
                return True
            if step not in seen:
                seen.add(step)
                ahead |= uses.get(step, set())
    return False


def _check_thinking(request: dict[str, Any], model: str) -> None:
    thinking = request.get("thinking")
    if thinking is None:
        return
    _demand(isinstance(thinking, dict), "thinking: Input should be a valid dictionary")
    kind = thinking.get("type")
    if model == "claude-sonnet-5-5":
        _demand(kind not in ("disabled", "enabled"),
                f"thinking.type: \"{kind}\" is not supported for this model. Use \"adaptive\" or \"between_tools\".")
    _demand(kind in ("adaptive", "between_tools", "disabled", "enabled"), "thinking.type: Input should be 'adaptive'")


def _check_tools(request: dict[str, Any], model: str) -> None:
    tools = request.get("tools") or []
    _demand(isinstance(tools, list), "tools: Input should be a valid list")
    _demand(sum(1 for tool in tools if isinstance(tool, dict) and tool.get("strict")) <= 20,
            "tools: at most 20 strict tools are supported")
    names = set()
    for number, tool in enumerate(tools):
        where = f"tools.{number}"
        _demand(isinstance(tool, dict) and isinstance(tool.get("name"), str), f"{where}.name: Field required")
        _demand(tool["name"] not in names, "tools: Tool names must be unique.")
        names.add(tool["name"])
        schema = tool.get("input_schema")
        _demand(isinstance(schema, dict) and schema.get("type") == "object",
                f"{where}.custom.input_schema: Field required, with type \"object\"")
        if tool.get("strict"):
            check_schema(schema, f"{where}.custom.input_schema")
    choice = request.get("tool_choice")
    if choice is None:
        return
    kind = choice.get("type") if isinstance(choice, dict) else None
    _demand(kind in ("auto", "any", "tool", "none"),
            "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")
    _demand(bool(tools) or kind == "none", "tool_choice: may only be specified while providing tools")
    if kind in ("tool", "any"):
        _demand(model not in NO_FORCED_TOOL, 'tool_choice: type "tool" and "any" are not supported for this model.')
    if kind == "tool":
        _demand(choice.get("name") in names,
                f"tool_choice.name: Tool '{choice.get('name')}' not found in provided tools")


def _check_messages(request: dict[str, Any], model: str) -> None:
    messages = request["messages"]
    _demand(isinstance(messages, list) and bool(messages), "messages: at least one message is required")
    asked: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        _demand(isinstance(message, dict), f"{where}: Input should be a valid dictionary")
        role, content = message.get("role"), message.get("content")
        _demand(role in ("user", "assistant"), f"{where}.role: Input should be 'user' or 'assistant'")
        _demand(isinstance(content, (str, list)), f"{where}.content: Field required")
        _demand(bool(content) or (role == "assistant" and number == len(messages) - 1),
                f"{where}: user messages must have non-empty content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        _check_blocks(blocks, role, where)
        _check_results(blocks, role, asked, where)
        asked = {block["id"] for block in blocks if block["type"] == "tool_use"} if role == "assistant" else set()
    _demand(messages[0]["role"] == "user", "messages: first message must use the \"user\" role")
    _demand(not asked, _unanswered(f"messages.{len(messages) - 1}", asked))
    _demand(messages[-1]["role"] == "user" or model.startswith(PREFILL_STILL_WORKS),
            "This model does not support assistant message prefill. The conversation must end with a user message.")


def _check_blocks(blocks: list[Any], role: str, where: str) -> None:
    known = {"text", "image", "document", "search_result", "tool_result"} if role == "user" else {
        "text", "tool_use", "thinking", "redacted_thinking"}
    for place, block in enumerate(blocks):
        _demand(isinstance(block, dict) and block.get("type") in known,
                f"{where}.content.{place}.type: Input tag is not one of {', '.join(sorted(known))}")
        kind = block["type"]
        if kind == "text":
            _demand(isinstance(block.get("text"), str), f"{where}.content.{place}.text.text: Field required")
            _demand(not (role == "user" and block.get("citations")),
                    f"{where}.content.{place}.text.citations: Extra inputs are not permitted")
            _demand(bool(block["text"]) or "cache_control" in block,
                    "messages: text content blocks must be non-empty")
        if kind == "tool_use":
            _demand(all(name in block for name in ("id", "name", "input")),
                    f"{where}.content.{place}.tool_use: id, name and input are required")
        if kind == "thinking":
            _demand(isinstance(block.get("signature"), str) and block["signature"].startswith("sandbox-"),
                    f"{where}.content.{place}: Invalid `signature` in `thinking` block")


def _check_results(blocks: list[dict[str, Any]], role: str, asked: set[str], where: str) -> None:
    """Each tool_use of the turn before is answered here, once, and before any other block."""
    results = [block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"]
    strange = [each for each in results if each not in asked]
    _demand(not strange, f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: "
            f"{', '.join(map(str, strange))}. "
            "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.")
    _demand(asked <= set(results), _unanswered(where, asked - set(results)))
    _demand(len(results) == len(set(results)), f"{where}: each tool_use must have a single result")
    first = next((place for place, block in enumerate(blocks) if block["type"] != "tool_result"), len(blocks))
    _demand(not results or role != "user" or first >= len(results),
            f"{where}: `tool_result` blocks must come before any other content in the user message")


def _unanswered(where: str, missing: set[str]) -> str:
    return (f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(sorted(missing))}. Each `tool_use` block must have a corresponding `tool_result` block in the "
            "next message.")


def _check_cache(request: dict[str, Any]) -> None:
    """At most four breakpoints, the long-lived ones first, none on an empty text or a thinking block."""
    lives = []
    for where, block in marked_blocks(request):
        control = block["cache_control"]
        _demand(isinstance(control, dict) and control.get("type") == "ephemeral"
                and control.get("ttl", "5m") in ("5m", "1h"),
                f"{where}.cache_control: expected {{\"type\": \"ephemeral\", \"ttl\": \"5m\" or \"1h\"}}")
        _demand(not (block.get("type") == "text" and not block.get("text")),
                f"{where}.cache_control: cache_control cannot be set for empty text blocks")
        _demand(block.get("type") not in ("thinking", "redacted_thinking"),
                f"{where}.cache_control: Extra inputs are not permitted")
        lives.append(control.get("ttl", "5m"))
    if request.get("cache_control"):
        lives.append(request["cache_control"].get("ttl", "5m"))
    _demand(len(lives) <= 4, f"A maximum of 4 blocks with cache_control may be provided. Found {len(lives)}.")
    _demand(lives == sorted(lives), "cache_control: a ttl='1h' cache_control block must not come after a ttl='5m' "
            "cache_control block. Blocks are processed in the order `tools`, `system`, `messages`.")


def marked_blocks(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with a cache breakpoint, in the order the cache reads them."""
    for number, tool in enumerate(request.get("tools") or []):
        if tool.get("cache_control"):
            yield f"tools.{number}", tool
    system = request.get("system")
    for number, block in enumerate(system if isinstance(system, list) else []):
        if isinstance(block, dict) and block.get("cache_control"):
            yield f"system.{number}", block
    for number, message in enumerate(request["messages"]):
        for place, block in enumerate(message["content"] if isinstance(message["content"], list) else []):
            if block.get("cache_control"):
                yield f"messages.{number}.content.{place}", block

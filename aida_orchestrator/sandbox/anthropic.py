"""The Messages API on loopback: its rules, its bill and its failures; what it says comes from the `brain`."""

import hashlib
import json
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from . import brain, wording
from .anthropic_rules import Refused, check
from .faults import Fault, Faults
from .prompt_cache import PromptCache, estimate_tokens
from .state import State

THINKS_FIRST = "claude-sonnet-5-5"
MOST_BYTES = 32 * 1024 * 1024


def blueprint(state: State, faults: Faults, latency: MutableMapping[str, float]) -> Blueprint:
    """POST /anthropic/v1/messages; `latency["anthropic"]` seconds are slept before each answer."""
    routes = Blueprint("anthropic", __name__, url_prefix="/anthropic")
    cache = PromptCache(time.time)

    @routes.post("/v1/messages")
    def messages() -> Response:
        body = _body()
        response = _handle(body, state, faults, cache, latency)
        state.record("anthropic", "messages", body, 0 if response.status_code == 499 else response.status_code)
        return response

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        state.record("anthropic", "messages", None, error.status)
        return wording.render("anthropic", error.status, message=str(error))

    return routes


def _body() -> Any:
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise Refused("Request exceeds the maximum size", 413) from error
    if len(raw) > MOST_BYTES:
        raise Refused("Request exceeds the maximum size", 413)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("The request body is not valid JSON") from error


def _handle(
    body: Any, state: State, faults: Faults, cache: PromptCache, latency: MutableMapping[str, float]
) -> Response:
    if not _has_key():
        return wording.render("anthropic", 401, message="invalid x-api-key: send a key as Authorization: Bearer")
    try:
        check(body)
    except Refused as error:
        return wording.render("anthropic", error.status, message=str(error))
    fault = faults.take("anthropic", "messages", json.dumps(body, ensure_ascii=False))
    early = fault.before() if fault else None
    if early is not None:
        return early
    counted, keys = cache.count(body)
    time.sleep(max(0.0, float(latency.get("anthropic", 0.0))))
    message = _message(body, fault)
    message["usage"] = {
        **counted.usage(), **message["usage"], "service_tier": "standard", "inference_geo": "global",
    }
    state.sell("anthropic", "message", body, usage=message["usage"], stop_reason=message["stop_reason"])
    cache.open(keys)
    response = wording.answer(message, 200, {"request-id": f"req_{uuid.uuid4().hex[:24]}"})
    # A malformed answer is JSON that breaks the schema, unless the rule brings a body of its own; what Claude `says`
    # instead of its own answer is the rule's body too, but inside a message that is billed like any other.
    if fault and fault.kind != "says" and not (fault.kind == "malformed" and fault.body is None):
        return fault.after(response)
    return response


def _has_key() -> bool:
    bearer = request.headers.get("Authorization", "")
    given = bearer[7:] if bearer.lower().startswith("bearer ") else ""
    return bool(given.strip() or request.headers.get("x-api-key", "").strip())


def _message(body: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    """The answer without the input side of its bill."""
    kind = fault.kind if fault else ""
    reply = brain.answer(body)
    stop, details, thinking = "tool_use" if reply.tool else "end_turn", None, 0
    text = reply.text
    if kind == "refusal":
        stop, text = "refusal", ""
        details = {"type": "refusal", "category": "general_harms", "explanation": "Refused on request of the sandbox."}
    elif kind == "malformed":
        stop, text = "end_turn", json.dumps({"unexpected": text[:80]}, ensure_ascii=False)
    elif kind == "says" and fault:
        stop, text = "end_turn", fault.body if isinstance(fault.body, str) else json.dumps(fault.body, ensure_ascii=False)
    elif kind == "max_tokens":
        stop, text = "max_tokens", text[: len(text) // 2]
    content = [{"type": "text", "text": text}] if text else []
    if stop == "tool_use":
        content = [_tool_use(reply)]
    if body["model"] == THINKS_FIRST and stop != "refusal" and body["max_tokens"]:
        thinking = 24
        content.insert(0, {"type": "thinking", "thinking": "", "signature": _signature(body)})
    spoken = estimate_tokens(json.dumps(content, ensure_ascii=False)) if content else 0
    if stop != "max_tokens" and spoken + thinking > body["max_tokens"]:
        stop, content = "max_tokens", _cut(content, body["max_tokens"] - thinking)
        spoken = max(0, body["max_tokens"] - thinking)
    usage: dict[str, Any] = {"output_tokens": spoken + thinking}
    if thinking:
        usage["output_tokens_details"] = {"thinking_tokens": thinking}
    return {
        "id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant", "model": body["model"],
        "content": content, "stop_reason": stop, "stop_sequence": None, "stop_details": details, "usage": usage,
    }


def _tool_use(reply: brain.Reply) -> dict[str, Any]:
    identity = f"toolu_{uuid.uuid4().hex[:24]}"
    return {"type": "tool_use", "id": identity, "name": reply.tool, "input": reply.tool_input or {}}


def _signature(body: dict[str, Any]) -> str:
    """The answer's seal on its hidden thought; the API wants it back unchanged."""
    text = json.dumps(body["messages"], ensure_ascii=False, sort_keys=True)
    return "sandbox-" + hashlib.sha256(text.encode()).hexdigest()


def _cut(content: list[dict[str, Any]], tokens: int) -> list[dict[str, Any]]:
    """What fits into the tokens left: the beginning of the text, and no tool call."""
    kept = [block for block in content if block["type"] == "thinking"]
    for block in content:
        if block["type"] == "text" and tokens > 0:
            kept.append({**block, "text": block["text"][: 4 * tokens]})
    return kept

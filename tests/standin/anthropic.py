"""Claude's Messages API: judges every request, and answers any schema without knowing what it is for."""

from __future__ import annotations

import json
import secrets
import zlib
from typing import Any

from flask import Blueprint, Response, request

from .anthropic_rules import faults
from .habits import Fault
from .schemas import Answerer
from .wire import Hub, broken, reply

KEY = "sk-ant-standin-0123456789"
MODEL = "claude-sonnet-5-5"


def blueprint(hub: Hub) -> Blueprint:
    """The API under `/claude`."""
    room, claude = Blueprint("claude", __name__, url_prefix="/claude"), _Claude(hub)
    room.post("/v1/messages")(claude.messages)
    return room


class _Claude:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._answered: list[list[Any]] = []
        self._paused: list[list[Any]] = []

    def messages(self) -> Response:
        """POST /v1/messages."""
        body = request.get_json(silent=True)
        record = self._hub.record
        record.request("anthropic.messages", body)
        fault = record.next_fault("anthropic.messages")
        if fault is not None and not fault.stop:
            return broken(fault)
        if KEY not in (request.headers.get("authorization", "").removeprefix("Bearer "), request.headers.get("x-api-key")):
            return _error(401, "authentication_error", "invalid x-api-key")
        wrong = [name for name in ("anthropic-version", "content-type", "user-agent") if not request.headers.get(name)]
        found = [f"header {name} is missing" for name in wrong]
        found += list(faults(body, self._answered, self._paused))
        if found:
            for rule in found:
                record.violation("anthropic", rule)
            return _error(400, "invalid_request_error", "; ".join(found))
        if body["model"] != MODEL:
            return _error(404, "not_found_error", f"model: {body['model']}")
        return self._answer(body, fault)

    def _answer(self, body: dict[str, Any], fault: Fault | None) -> Response:
        habits = self._hub.habits
        ours = [turn["content"] for turn in body["messages"] if turn["role"] == "assistant"]
        rounds = sum(any(block["type"] == "tool_use" for block in content) for content in ours)
        pauses = sum(content in self._paused for content in ours)
        topic = f"topic{zlib.crc32(json.dumps(body['messages'][0]).encode()):08x}"
        answerer = Answerer(habits.schema, habits.seed, topic)
        calls = habits.tool_rounds[rounds] if body.get("tools") and rounds < len(habits.tool_rounds) else 0
        blocks: list[dict[str, Any]] = []
        if habits.thinking:
            blocks.append({"type": "thinking", "thinking": "", "signature": secrets.token_urlsafe(60) + "=="})
        stop = "end_turn"
        if fault is not None:
            stop = fault.stop
            blocks += [] if stop == "refusal" else [{"type": "text", "text": '{"title": "cut off in the mid'}]
        elif pauses < habits.pauses:
            stop = "pause_turn"
            blocks.append({"type": "text", "text": "One moment."})
        elif calls:
            stop = "tool_use"
            blocks += [self._call(body["tools"][number % len(body["tools"])], answerer) for number in range(calls)]
        else:
            blocks += self._document(body, answerer)
        self._answered.append(blocks)
        if stop == "pause_turn":
            self._paused.append(blocks)
        headers = {"request-id": "req_" + secrets.token_hex(8)}
        return reply(_message(blocks, stop, len(json.dumps(body)) // 4), headers=headers)

    def _call(self, tool: dict[str, Any], answerer: Answerer) -> dict[str, Any]:
        return {"type": "tool_use", "id": "toolu_" + secrets.token_hex(10), "name": tool["name"],
                "input": answerer.make(tool["input_schema"])}

    def _document(self, body: dict[str, Any], answerer: Answerer) -> list[dict[str, Any]]:
        wanted = (body.get("output_config") or {}).get("format")
        text = json.dumps(answerer.make(wanted["schema"])) if wanted else "As you wish."
        size = -(-len(text) // self._hub.habits.text_pieces)
        return [{"type": "text", "text": text[at : at + size]} for at in range(0, len(text), size)]


def _message(blocks: list[dict[str, Any]], stop: str, tokens: int) -> dict[str, Any]:
    return {
        "id": "msg_" + secrets.token_hex(10), "type": "message", "role": "assistant", "model": MODEL, "content": blocks,
        "stop_reason": stop, "stop_sequence": None, "container": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if stop == "refusal" else None,
        "usage": {
            "input_tokens": tokens, "output_tokens": 700, "cache_creation_input_tokens": None,
            "cache_read_input_tokens": None, "cache_creation": None, "service_tier": "standard", "inference_geo": "global",
            "output_tokens_details": {"thinking_tokens": 12}, "server_tool_use": None, "something_new": {"a": [1]},
        },
    }


def _error(status: int, kind: str, message: str) -> Response:
    return reply({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_x"}, status)

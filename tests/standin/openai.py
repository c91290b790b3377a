"""The embeddings API: like texts have like vectors, in the order and the form of the day."""

from __future__ import annotations

import base64
import math
import re
import struct
import zlib
from typing import Any

from flask import Blueprint, Response, request

from .wire import Hub, broken, reply

KEY = "sk-standin-0123456789"
_FIELDS = {"model", "input", "encoding_format", "dimensions", "user"}


def blueprint(hub: Hub) -> Blueprint:
    """The API under `/openai/v1`."""
    room = Blueprint("openai", __name__, url_prefix="/openai/v1")

    @room.post("/embeddings")
    def embeddings() -> Response:
        body = request.get_json(silent=True) or {}
        hub.record.request("openai.embeddings", body)
        fault = hub.record.next_fault("openai.embeddings")
        if fault is not None:
            return broken(fault)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")
        texts = [body["input"]] if isinstance(body.get("input"), str) else body.get("input")
        wrong = _faults(body, texts)
        if wrong:
            hub.record.violation("openai", wrong)
            return _error(400, wrong, "invalid_request_error", None)
        if body["model"] != "text-embedding-3-small":
            return _error(404, "no such model", "invalid_request_error", "model_not_found")
        return reply(_answer(hub, body, texts))

    return room


def _faults(body: dict[str, Any], texts: Any) -> str:
    if set(body) - _FIELDS:
        return f"unknown fields {sorted(set(body) - _FIELDS)}"
    if not isinstance(texts, list) or not 1 <= len(texts) <= 2048:
        return "input: 1 to 2048 texts"
    if any(not isinstance(text, str) or not text or len(text) / 4 > 8192 for text in texts):
        return "input: a text is empty or too long"
    if body.get("encoding_format", "float") not in ("float", "base64"):
        return "encoding_format"
    return ""


def _answer(hub: Hub, body: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    plain = hub.habits.floats or body.get("encoding_format") != "base64"
    data = []
    for index, text in enumerate(texts):
        vector = vector_of(text, body.get("dimensions") or 1536)
        form: Any = vector if plain else base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": form, "extra": None})
    if hub.habits.out_of_order:
        data.reverse()
    return {"object": "list", "model": body["model"], "data": data,
            "usage": {"prompt_tokens": sum(map(len, texts)) // 4 + 1, "total_tokens": sum(map(len, texts)) // 4 + 1}}


def vector_of(text: str, width: int = 1536) -> list[float]:
    """Unit length: what all texts have in common, and their words. Texts that share few words stay below 0.7."""
    words = [0.0] * width
    for word in re.findall(r"\w+", text.lower()):
        words[1 + zlib.crc32(word.encode()) % (width - 1)] = 1.0
    length = math.sqrt(sum(number * number for number in words)) or 1.0
    return [0.8, *(0.6 * number / length for number in words[1:])]


def _error(status: int, message: str, kind: str, code: str | None) -> Response:
    return reply({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)

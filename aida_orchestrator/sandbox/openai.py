"""The embeddings API on loopback: real meaning in the vectors, the API's own limits and errors."""

import base64
import json
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from flask import Blueprint, Response, request

from . import vectors, wording
from .faults import Faults
from .state import State

# Widths by model; the larger one is the small one's vector with zeros behind it, which keeps every cosine.
WIDTHS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
MOST_INPUTS, MOST_TOKENS, MOST_TOKENS_IN_ALL = 2048, 8192, 300_000


class Refused(Exception):
    """The request breaks a rule of the API."""

    def __init__(self, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def blueprint(state: State, faults: Faults, latency: MutableMapping[str, float]) -> Blueprint:
    """POST /openai/v1/embeddings; `latency["openai"]` seconds are slept before each answer."""
    routes = Blueprint("openai", __name__, url_prefix="/openai/v1")
    embedder = vectors.start()

    @routes.post("/embeddings")
    def embeddings() -> Response:
        body: Any = None
        try:
            body = _body()
            response = _handle(body, state, faults, embedder, latency)
        except Refused as error:
            response = wording.render("openai", error.status, message=str(error), code=error.code)
        state.record("openai", "embeddings", body, 0 if response.status_code == 499 else response.status_code)
        return response

    return routes


def _body() -> Any:
    try:
        return json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as error:
        raise Refused("We could not parse the JSON body of your request.") from error


def _handle(
    body: Any, state: State, faults: Faults, embedder: vectors.Embedder, latency: MutableMapping[str, float]
) -> Response:
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith("bearer ") or not header[7:].strip():
        raise Refused("You didn't provide an API key: send it as Authorization: Bearer YOUR_KEY.", 401)
    texts, width = _check(body)
    fault = faults.take("openai", "embeddings", json.dumps(body, ensure_ascii=False))
    early = fault.before() if fault else None
    if early is not None:
        return early
    made = [_vector(embedder, text, width) for text in texts]
    time.sleep(max(0.0, float(latency.get("openai", 0.0))))
    tokens = sum(_tokens(text) for text in texts)
    state.sell("openai", "embedding", body, tokens=tokens)
    coded = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": place,
         "embedding": base64.b64encode(vectors.packed(vector)).decode() if coded else vector}
        for place, vector in enumerate(made)
    ]
    if fault and fault.kind == "malformed" and fault.body is None:
        return wording.answer({"object": "list", "data": [{"object": "embedding"}], "model": body["model"]})
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer = wording.answer({"object": "list", "model": body["model"], "data": data, "usage": usage}, 200,
                            {"x-request-id": f"req_{uuid.uuid4().hex}"})
    return fault.after(answer) if fault else answer


def _check(body: Any) -> tuple[list[str], int]:
    """The texts and the width asked for; Refused with the API's own status and wording otherwise."""
    if not isinstance(body, dict):
        raise Refused("We could not parse the JSON body of your request.")
    for name in ("model", "input"):
        if name not in body:
            raise Refused(f"you must provide a {name} parameter")
    unknown = set(body) - {"model", "input", "encoding_format", "dimensions", "user"}
    if unknown:
        raise Refused(f"Unrecognized request argument supplied: {', '.join(sorted(unknown))}")
    full = WIDTHS.get(body["model"]) if isinstance(body["model"], str) else None
    if full is None:
        raise Refused(f"The model `{body['model']}` does not exist or you do not have access to it.", 404,
                      "model_not_found")
    if body.get("encoding_format", "float") not in ("float", "base64"):
        raise Refused("'encoding_format' must be 'float' or 'base64'.")
    width = body.get("dimensions") or full
    if not isinstance(width, int) or not 1 <= width <= full:
        raise Refused(f"'dimensions' must be a whole number from 1 to {full}.")
    if "dimensions" in body and body["model"] == "text-embedding-ada-002":
        raise Refused("This model does not support specifying dimensions.")
    return _texts(body["input"]), width


def _texts(given: Any) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refused("'$.input' is invalid. Please check the API reference: a string or a list of strings.")
    if len(texts) > MOST_INPUTS:
        raise Refused(f"'$.input' is too long: at most {MOST_INPUTS} inputs per request.")
    if any(not text for text in texts):
        raise Refused("'$.input' is invalid: input cannot be an empty string.")
    counts = [_tokens(text) for text in texts]
    if max(counts) > MOST_TOKENS:
        raise Refused(f"This model's maximum context length is {MOST_TOKENS} tokens, however you requested "
                      f"{max(counts)} tokens. Please reduce your prompt.", code="context_length_exceeded")
    if sum(counts) > MOST_TOKENS_IN_ALL:
        raise Refused(f"Requested {sum(counts)} tokens, max {MOST_TOKENS_IN_ALL} tokens per request.",
                      code="max_tokens_per_request")
    return texts


def _vector(embedder: vectors.Embedder, text: str, width: int) -> list[float]:
    vector = embedder.embed(text)
    return vectors.shorten(vector, width) if width < len(vector) else vector + [0.0] * (width - len(vector))


def _tokens(text: str) -> int:
    return (len(text) + 3) // 4

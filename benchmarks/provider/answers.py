"""What Claude and the embedder say: a brief at once, a script of 6 beats, a storyboard of 6 shots of 5 s each.

A message carries `bench-000123`; the answers repeat this mark, so that every film asks for pictures and clips of its own.
"""

from __future__ import annotations

import base64
import json
import random
import re
from array import array

from .wire import whole

SHOTS = 6
WIDTH = 1536
_MARK = re.compile(rb"bench-[0-9]{6}")
_NO_MARK = b"bench-000000"
_VECTORS = 64
_SEEN = ("the oven before dawn", "hands that fold the dough", "basil on a wooden board", "flames in the oven",
         "a slice lifted from the plate", "the empty street and the lit sign")
# No two neighbours alike, as Claude would have it: a board with faults is given back to the director, one call more a film.
_SHOWN = (("wide shot of", "slow push-in on"), ("close-up of", "static camera on"), ("medium shot of", "slow tilt up over"),
          ("low angle view of", "gentle pan to the right over"), ("overhead view of", "slow pull-back from"),
          ("wide shot of", "slow orbit around"))
_STYLE = "warm natural light, shallow depth of field, 35mm film grain"

# Which role asks is told by a field of its answer's schema; the same word within a document that is quoted in the
# request stands there with escaped quotes.
_ROLES = {b'"recalled_project_id"': "brief", b'"motion_prompt"': "storyboard", b'"logline"': "script"}


def _documents() -> dict[str, dict[str, object]]:
    mark = _NO_MARK.decode()
    return {
        "brief": {
            "title": f"Forno {mark}", "language": "it", "intent": f"Uno spot per una pizzeria di Napoli, {mark}",
            "tone": "caldo", "style_words": _STYLE, "style_reference": "", "duration_seconds": 5 * SHOTS,
            "aspect_ratio": "16:9", "constraints": [], "recalled_project_id": "", "recall_reason": "", "reference_files": [],
        },
        "script": {
            "title": f"Forno {mark}", "logline": "Una pizzeria si sveglia e la strada con lei.",
            "beats": [{"words": f"Battuta {number}.", "picture": seen, "seconds": 5}
                      for number, seen in enumerate(_SEEN, 1)],
        },
        "storyboard": {
            "style_words": _STYLE,
            "shots": [{"beat": number, "picture_prompt": f"{framed} {seen}, {mark} shot {number}",
                       "motion_prompt": f"{moved} {seen}, {mark} shot {number}", "seconds": 5}
                      for number, (seen, (framed, moved)) in enumerate(zip(_SEEN, _SHOWN, strict=True), 1)],
        },
    }


def _message(text: str) -> bytes:
    """The answer of POST /v1/messages around this text, as Sonnet 5.5 gives it: a thinking block first."""
    return whole(json.dumps({
        "id": "msg_000000000000000000000000", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
        "content": [{"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"}, {"type": "text", "text": text}],
        "stop_reason": "end_turn", "stop_sequence": None, "stop_details": None,
        "usage": {"input_tokens": 600, "output_tokens": 420, "cache_creation_input_tokens": 0,
                  "cache_read_input_tokens": 1800, "service_tier": "standard", "inference_geo": "global",
                  "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}},
    }).encode(), more=b"request-id: req_000000000000000000000000\r\n")


class Claude:
    """Tells the roles apart and answers for them."""

    def __init__(self) -> None:
        self._answers = {name: _message(json.dumps(document)) for name, document in _documents().items()}
        self._other = _message("ok")

    def answer(self, body: bytes) -> tuple[str, bytes]:
        """The role that asked, and its answer; `other` for a request without one of our schemas."""
        role = next((role for word, role in _ROLES.items() if word in body), "other")
        if role == "other":
            return role, self._other
        found = _MARK.search(body)
        answer = self._answers[role]
        return role, answer.replace(_NO_MARK, found[0]) if found else answer


class Embedder:
    """Random vectors, a few of them in turn; texts and vectors have nothing to do with each other."""

    def __init__(self) -> None:
        dice = random.Random(7)  # noqa: S311 - vectors, no secrets
        self._vectors = []
        for _ in range(_VECTORS):
            numbers = [dice.gauss(0, 1) for _ in range(WIDTH)]
            norm = sum(number * number for number in numbers) ** 0.5
            vector = array("f", [number / norm for number in numbers])
            plain = json.dumps([round(number, 6) for number in vector]).encode()
            self._vectors.append((b'"' + base64.b64encode(vector.tobytes()) + b'"', plain))
        self._turn = 0

    def answer(self, body: bytes) -> bytes:
        """One vector for each input, in base64 when asked for so."""
        asked = json.loads(body)
        count = len(asked["input"]) if isinstance(asked["input"], list) else 1
        form = 0 if asked.get("encoding_format") == "base64" else 1
        items = []
        for index in range(count):
            self._turn = (self._turn + 1) % _VECTORS
            items.append(b'{"object":"embedding","index":%d,"embedding":%s}' % (index, self._vectors[self._turn][form]))
        return whole(b'{"object":"list","model":"text-embedding-3-small","data":[%s],'
                     b'"usage":{"prompt_tokens":40,"total_tokens":40}}' % b",".join(items))

"""The prompt cache as the API bills it: exact prefixes, a minimum length, two lifetimes, a look-back of 20 blocks.

Source: the prompt-caching page of the API's documentation. A prefix is everything in the order tools, system,
messages up to a breakpoint, compared byte for byte and per model.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LOOK_BACK = 20
LIVES = {"5m": 300.0, "1h": 3600.0}
MINIMUM = (
    ("claude-sonnet-5-5", 512), ("claude-opus-5-5", 512), ("claude-haiku-5-5", 512), ("claude-fable-5", 512),
    ("claude-mythos-5", 512), ("claude-opus-5", 512), ("claude-opus-4-7", 2048), ("claude-opus-4-6", 4096),
    ("claude-opus-4-5", 4096), ("claude-haiku-4-5", 4096),
)


def estimate_tokens(text: str) -> int:
    """Tokens in a text, about one for each four characters."""
    return (len(text) + 3) // 4


def minimum(model: str) -> int:
    """The shortest prefix in tokens that a model caches; shorter ones are silently left out."""
    return next((tokens for name, tokens in MINIMUM if model.startswith(name)), 1024)


@dataclass
class _Entry:
    readable_at: float
    dies_at: float
    life: str


@dataclass(frozen=True)
class _Block:
    """One block of the prompt: the digest of all up to it, the tokens up to it, the breakpoint it carries."""

    digest: str
    tokens: int
    life: str | None


@dataclass(frozen=True)
class Counted:
    """Input tokens of one request by how they are billed."""

    fresh: int
    read: int
    written_5m: int
    written_1h: int

    def usage(self) -> dict[str, Any]:
        return {
            "input_tokens": self.fresh,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m, "ephemeral_1h_input_tokens": self.written_1h,
            },
        }


class PromptCache:
    """Thread-safe. An entry can be read only once the response that wrote it has begun: call `open` then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def count(self, request: dict[str, Any]) -> tuple[Counted, list[str]]:
        """Read and write the cache for a request; also gives the keys to `open` when its answer starts."""
        blocks = _blocks(request)
        total = blocks[-1].tokens
        least = minimum(request["model"])
        marks = [place for place, block in enumerate(blocks) if block.life and block.tokens >= least]
        now = self._clock()
        with self._lock:
            self._entries = {key: entry for key, entry in self._entries.items() if entry.dies_at > now}
            hit = self._longest(blocks, marks, now)
            read = blocks[hit].tokens if hit >= 0 else 0
            return self._write(blocks, marks, hit, read, total, now)

    def open(self, keys: list[str]) -> None:
        """The response to the request that wrote these entries has begun: from now on they can be read."""
        now = self._clock()
        with self._lock:
            for key in keys:
                if key in self._entries:
                    self._entries[key].readable_at = min(self._entries[key].readable_at, now)

    def _longest(self, blocks: list[_Block], marks: list[int], now: float) -> int:
        """The last block of the longest cached prefix any breakpoint reaches within its look-back; -1 for none."""
        for mark in reversed(marks):
            for place in range(mark, max(-1, mark - LOOK_BACK), -1):
                entry = self._entries.get(blocks[place].digest)
                if entry and entry.readable_at <= now:
                    return place
        return -1

    def _write(
        self, blocks: list[_Block], marks: list[int], hit: int, read: int, total: int, now: float
    ) -> tuple[Counted, list[str]]:
        written = {"5m": 0, "1h": 0}
        keys, reached = [], read
        for place in range(hit + 1):
            entry = self._entries.get(blocks[place].digest)
            if entry and entry.readable_at <= now:
                entry.dies_at = now + LIVES[entry.life]
        for mark in marks:
            if mark <= hit:
                continue
            block = blocks[mark]
            life = block.life or "5m"
            written[life] += block.tokens - reached
            reached = block.tokens
            old = self._entries.get(block.digest)
            self._entries[block.digest] = _Entry(old.readable_at if old else float("inf"), now + LIVES[life], life)
            keys.append(block.digest)
        return Counted(total - reached, read, written["5m"], written["1h"]), keys


def _blocks(request: dict[str, Any]) -> list[_Block]:
    """The prompt as the cache sees it; the answer's format and the tool choice are part of what must not change."""
    config = request.get("output_config") or {}
    digest = hashlib.sha256(_canonical([request["model"], config.get("format")]).encode())
    late = _canonical([request.get("tool_choice"), request.get("thinking"), config.get("effort")])
    made: list[_Block] = []
    tokens = 0
    pieces = _pieces(request)
    automatic = request.get("cache_control") or None
    for place, (kind, piece) in enumerate(pieces):
        if kind == "message" and (place == 0 or pieces[place - 1][0] != "message"):
            digest.update(late.encode())
        bare = {key: value for key, value in piece.items() if key != "cache_control"}
        control = piece.get("cache_control") or (automatic if place == len(pieces) - 1 else None)
        digest.update(_canonical(bare).encode())
        tokens += estimate_tokens(_weight(bare))
        made.append(_Block(digest.hexdigest(), tokens, (control or {}).get("ttl", "5m") if control else None))
    return made


def _pieces(request: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    pieces = [("tool", tool) for tool in request.get("tools") or []]
    pieces += [("system", block) for block in _as_blocks(request.get("system") or [])]
    for message in request["messages"]:
        pieces += [("message", {"role": message["role"], **block}) for block in _as_blocks(message["content"])]
    return pieces


def _as_blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _weight(block: dict[str, Any]) -> str:
    return str(block["text"]) if block.get("type") == "text" else _canonical(block)


def _canonical(value: Any) -> str:
    """Bytes as sent: the order of keys is kept, since the real cache compares what it was given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

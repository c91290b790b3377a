"""A Claude with a list of answers: it gives them in order and keeps what it was asked."""

from __future__ import annotations

import json
from typing import Any

from aida_orchestrator.model import ClaudeAnswer, ClaudeRequest, Usage


def answer(*blocks: dict[str, Any], stop: str = "end_turn", output_tokens: int = 100) -> ClaudeAnswer:
    """An answer of these blocks."""
    usage = Usage("anthropic", "claude-test", {"input_tokens": 10, "output_tokens": output_tokens})
    return ClaudeAnswer(tuple(blocks), stop, usage)


def text(words: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": words}


def thinking(signature: str = "sig") -> dict[str, Any]:
    """A thinking block, as newer models put first."""
    return {"type": "thinking", "thinking": "", "signature": signature}


def says(value: Any, stop: str = "end_turn") -> ClaudeAnswer:
    """A final answer with this JSON, after a thinking block."""
    return answer(thinking(), text(json.dumps(value, ensure_ascii=False)), stop=stop)


def calls(*uses: tuple[str, str, Any], output_tokens: int = 100) -> ClaudeAnswer:
    """An answer that calls tools: (id, name, input) each."""
    blocks = [{"type": "tool_use", "id": id_, "name": name, "input": given} for id_, name, given in uses]
    return answer(thinking(), *blocks, stop="tool_use", output_tokens=output_tokens)


class Scripted:
    """`ask` for tests; running out of answers fails the test."""

    def __init__(self, *answers: ClaudeAnswer) -> None:
        self._answers = list(answers)
        self.requests: list[ClaudeRequest] = []

    def __call__(self, request: ClaudeRequest) -> ClaudeAnswer:
        """Give the next answer."""
        self.requests.append(request)
        assert self._answers, "Claude was asked more often than expected"
        return self._answers.pop(0)

    @property
    def user_text(self) -> str:
        """The text of the first user turn of the first request."""
        return "".join(block["text"] for block in self.requests[0].messages[0]["content"])

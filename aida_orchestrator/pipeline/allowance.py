"""What the agents may use in a refine: the estimate says it beforehand, and this keeps to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import AnswerUnusable
from ..model import ClaudeAnswer, ClaudeRequest, Component, Plan, Stage, Usage

Ask = Callable[[ClaudeRequest], ClaudeAnswer]

_FEWEST_OUT = 1000  # less than this is no answer
_BYTES_A_TOKEN = 3  # English has four and more, Chinese three


@dataclass(frozen=True, slots=True)
class Allowance:
    """Tokens for all calls of one agent in one refine: usually one call, a second one where the answer is to be mended."""

    calls: int
    input_tokens: int
    output_tokens: int


ALLOWANCES = {
    Component.ORCHESTRATOR: Allowance(6, 80_000, 16_000),
    Component.WRITER: Allowance(3, 48_000, 10_000),
    Component.DIRECTOR: Allowance(3, 60_000, 14_000),
}
AGENT_OF = {Stage.CONTEXT: Component.ORCHESTRATOR, Stage.SCRIPT: Component.WRITER, Stage.STORYBOARD: Component.DIRECTOR}
# A finished film's words are embedded, and its message is looked up; priced as the dearest embedder.
MEMORY = Usage("openai", "text-embedding-3-large", {"input_tokens": 60_000})


def within(plan: Plan | None, component: Component, ask: Ask) -> Ask:
    """`ask` that raises AnswerUnusable where the plan's allowance is used up, so that the stage falls back.

    Answers that were bought before and are only read again count too: a stage run twice asks the same.
    """
    if plan is None:
        return ask
    allowed = ALLOWANCES[component]
    used = {"calls": 0, "in": 0, "out": 0}

    def ask_within(request: ClaudeRequest) -> ClaudeAnswer:
        left = allowed.output_tokens - used["out"]
        if used["calls"] >= allowed.calls or left < _FEWEST_OUT or used["in"] + _size(request) > allowed.input_tokens:
            raise AnswerUnusable("anthropic", f"the {component} has used what the plan of this refine allows it")
        answer = ask(request if request.max_tokens <= left else replace(request, max_tokens=left))
        out = int(answer.usage.units.get("output_tokens") or 0)
        used["calls"] += 1
        used["in"] += answer.usage.tokens - out
        used["out"] += out
        return answer

    return ask_within


def _size(request: ClaudeRequest) -> int:
    return len(str((request.system, request.messages, request.tools, request.schema)).encode()) // _BYTES_A_TOKEN

"""Ask Claude, run its tools, repeat within limits; and get one document out of the last answer.

Wire rules from the Messages API: an assistant turn goes back unchanged, then one user turn answers every tool_use id.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NoReturn, TypeVar

from pydantic import ValidationError

from ..errors import AidaError, AnswerUnusable, Held, LostLease, ProviderError
from ..model import ClaudeAnswer, ClaudeRequest
from .records import recorded
from .text import clean

T = TypeVar("T")
Ask = Callable[[ClaudeRequest], ClaudeAnswer]
Clock = Callable[[], float]

log = logging.getLogger(__name__)

CALLS_IN_A_TURN = 8
LONGEST_FAULT = 300
MOST_FAULTS = 12
_AGAIN = "Give the whole answer again, as one JSON object that follows the schema, and nothing else."
CUT_OFF = {
    "refusal": "Claude declined to answer this request; change the wording of the message",
    "max_tokens": "Claude's answer was cut off at its length limit; raise max_tokens or lower the effort",
    "model_context_window_exceeded": "The conversation no longer fits Claude's context window; shorten the message",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one conversation may go: calls to Claude, output tokens over all of them, seconds of wall clock."""

    rounds: int = 6
    output_tokens: int = 60_000
    seconds: float = 180.0


@dataclass(frozen=True, slots=True)
class Tool:
    """A read-only function Claude may call; `run` raises ValueError for bad input, with words Claude can act on."""

    name: str
    definition: dict[str, Any]
    run: Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What was called with what, and what came back, as it is kept with the film."""

    name: str
    input: dict[str, Any]
    result: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """The parsed document, every tool call on the way to it, and whether a check had it given a second time."""

    value: T
    calls: tuple[ToolCall, ...] = ()
    given_again: bool = False


@dataclass(slots=True)
class Conversation:
    """A request that only grows, what it has used so far, and its last answer."""

    request: ClaudeRequest
    limits: Limits
    clock: Clock
    started: float
    rounds: int = 0
    output_tokens: int = 0
    calls: list[ToolCall] = field(default_factory=list)

    def ask(self, ask: Ask) -> ClaudeAnswer:
        """One call of no more seconds than are left; raises AnswerUnusable at a limit, or when the answer is cut off."""
        answer = ask(replace(self.request, timeout=self._seconds_left()))
        self.rounds += 1
        self.output_tokens += int(answer.usage.units.get("output_tokens") or 0)
        if answer.stop_reason in CUT_OFF:
            unusable(CUT_OFF[answer.stop_reason])
        return answer

    def add(self, answer: ClaudeAnswer, content: list[dict[str, Any]]) -> None:
        """Append the assistant's turn as it came, then ours; an empty turn would be refused, so it is left out."""
        turns: list[dict[str, Any]] = []
        if answer.blocks:
            turns.append({"role": "assistant", "content": list(answer.blocks)})
        if content:
            turns.append({"role": "user", "content": content})
        self.request = replace(self.request, messages=(*self.request.messages, *turns))

    @property
    def last_round(self) -> bool:
        """Only one more call is allowed."""
        return self.rounds >= self.limits.rounds - 1

    def _seconds_left(self) -> float:
        if self.rounds >= self.limits.rounds:
            unusable(f"Claude did not come to an answer in {self.limits.rounds} rounds")
        if self.output_tokens >= self.limits.output_tokens:
            unusable(f"The conversation used up its {self.limits.output_tokens} output tokens")
        left = self.limits.seconds - (self.clock() - self.started)
        if left <= 0:
            unusable(f"The conversation took longer than {self.limits.seconds:g} seconds")
        return left


def begin(
    request: ClaudeRequest, limits: Limits | None = None, clock: Clock = time.monotonic, calls: list[ToolCall] | None = None
) -> Conversation:
    """A conversation whose clock starts now; its tool calls are added to `calls`, if given, also when it fails."""
    return Conversation(request, limits or Limits(), clock, clock(), calls=[] if calls is None else calls)


def converse(ask: Ask, talk: Conversation, tools: Mapping[str, Tool]) -> ClaudeAnswer:
    """Run the tool loop until Claude stops calling tools; the calls are kept in `talk.calls`."""
    while True:
        answer = talk.ask(ask)
        if answer.tool_uses:
            content = _tool_results(answer.tool_uses, tools, talk.calls)
            if talk.last_round:
                content.append({"type": "text", "text": "No more tool calls are possible. Give the final answer now."})
            talk.add(answer, content)
        elif answer.stop_reason == "pause_turn":
            talk.add(answer, [])
        else:
            return answer


def structured(
    ask: Ask,
    request: ClaudeRequest,
    parse: Callable[[Any], T],
    *,
    check: Callable[[T], Sequence[str]] | None = None,
    tools: Mapping[str, Tool] | None = None,
    limits: Limits | None = None,
    clock: Clock = time.monotonic,
    calls: list[ToolCall] | None = None,
) -> Answered[T]:
    """The document `parse` makes of Claude's final JSON; one repair turn when it cannot, then AnswerUnusable.

    `check` says in words what is wrong with a document; Claude is then asked once more and the better one is taken. There
    is one repair turn in a conversation, whatever it is for. A list handed in as `calls` has every tool call in the end,
    also when nothing usable was answered.
    """
    talk = begin(request, limits, clock, calls)
    answer = converse(ask, talk, tools or {})
    try:
        value = _document(answer, parse)
    except ValueError as error:
        wrong = _what_was_wrong(error)
    else:
        faults = check(value) if check else ()
        if faults and check:
            value = _better(ask, talk, answer, tools or {}, parse, check, value, faults)
        return Answered(value, tuple(talk.calls), bool(faults))
    talk.add(answer, [{"type": "text", "text": f"That answer could not be used: {wrong}. {_AGAIN}"}])
    answer = converse(ask, talk, tools or {})
    try:
        return Answered(_document(answer, parse), tuple(talk.calls), True)
    except ValueError as error:
        raise AnswerUnusable(
            "anthropic", f"Claude answered twice, but not in the asked form: {_what_was_wrong(error)}"
        ) from error


def _better(
    ask: Ask, talk: Conversation, answer: ClaudeAnswer, tools: Mapping[str, Tool], parse: Callable[[Any], T],
    check: Callable[[T], Sequence[str]], value: T, faults: Sequence[str],
) -> T:
    """The second answer if it has no more faults than the first; the first also where there is no usable second one."""
    listed = "\n".join(f"- {clean(fault, LONGEST_FAULT)}" for fault in faults[:MOST_FAULTS])
    talk.add(answer, [{"type": "text", "text": f"A program looked at that answer and found:\n{listed}\nMend these and "
                                               f"leave everything else as it is. {_AGAIN}"}])
    try:
        again = _document(converse(ask, talk, tools), parse)
    except (ProviderError, ValueError) as error:
        log.info("no second answer: %s", type(error).__name__)
        return value
    return again if len(check(again)) <= len(faults) else value


def run_tool(tool: Tool, given: Any) -> tuple[str, ToolCall]:
    """The full result and its record; a failing tool becomes words, because the film can be made without it."""
    asked = given if isinstance(given, dict) else {}
    try:
        if not isinstance(given, dict):
            raise ValueError("the input must be a JSON object")
        result, failed = tool.run(given), False
    except (LostLease, Held):
        raise
    except ValueError as error:
        result, failed = f"Bad input for {tool.name}: {_what_was_wrong(error)}", True
    except Exception as error:
        log.warning("tool %s failed: %s", tool.name, type(error).__name__, exc_info=not isinstance(error, AidaError))
        result, failed = f"{tool.name} failed ({type(error).__name__}). Go on without it.", True
    return result, ToolCall(tool.name, asked, recorded(result), failed)


def unusable(message: str) -> NoReturn:
    """Raise AnswerUnusable in the name of the only provider behind `ask`."""
    raise AnswerUnusable("anthropic", message)


def _tool_results(
    uses: list[dict[str, Any]], tools: Mapping[str, Tool], calls: list[ToolCall]
) -> list[dict[str, Any]]:
    content = []
    for position, use in enumerate(uses):
        name = str(use.get("name", ""))
        tool = tools.get(name)
        if tool is None:
            known = ", ".join(sorted(tools)) or "none"
            result = f"There is no tool of this name. Tools: {known}."
            call = ToolCall(clean(name, 80), {}, result, True)
        elif position >= CALLS_IN_A_TURN:
            result = f"At most {CALLS_IN_A_TURN} calls in one turn; this one was not run."
            call = ToolCall(tool.name, {}, result, True)
        else:
            result, call = run_tool(tool, use.get("input"))
        calls.append(call)
        content.append({"type": "tool_result", "tool_use_id": use["id"], "content": result, "is_error": call.is_error})
    return content


def _document(answer: ClaudeAnswer, parse: Callable[[Any], T]) -> T:
    try:
        return parse(_json(answer))
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def _json(answer: ClaudeAnswer) -> Any:
    """The JSON of the text blocks; a last block or a fenced block is read too, for models that add prose."""
    texts = [str(block.get("text", "")) for block in answer.blocks if block.get("type") == "text"]
    problem = "there was no text in it"
    for text in (answer.text, *reversed(texts)):
        bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
        if not bare:
            continue
        try:
            return json.loads(bare)
        except ValueError as error:
            problem = f"it is not JSON ({error})"
    raise ValueError(problem)


def _what_was_wrong(error: ValueError) -> str:
    """Places and reasons without the values, so nothing of the answer is quoted into logs or errors."""
    if isinstance(error, ValidationError):
        details = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in details[:8])
    return clean(str(error), 300)

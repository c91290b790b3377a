"""The orchestrator: one message and what memory knows become a Brief."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..model import Aspect, Brief, ClaudeRequest
from .briefs import BRIEF_SCHEMA, BriefAnswer, plain_brief, settle_brief
from .documents import brief_json, user_turn
from .loop import Ask, Clock, Limits, ToolCall, run_tool, structured
from .prompts import SHORT_CACHE, system
from .text import clean, quoted, quoted_json
from .tools import LONGEST_QUERY, Memory, Search

__all__ = ["BriefResult", "make_brief", "plain_brief"]

RECALLED = 5
MAX_TOKENS = 8000


@dataclass(frozen=True, slots=True)
class BriefResult:
    """The Brief, every tool call (the first lookup is ours), and why memory could not be asked, if it could not."""

    brief: Brief
    tool_calls: tuple[ToolCall, ...] = ()
    memory_error: str | None = None


def make_brief(
    ask: Ask, search: Search, message: str, *, former_brief: Brief | None = None, feedback: str | None = None,
    aspect: Aspect | None = None, today: date | None = None, limits: Limits | None = None,
    clock: Clock = time.monotonic,
) -> BriefResult:
    """Recall with the message as the question, then let Claude decide; raises AnswerUnusable when it gives no brief.

    A memory that fails does not stop the film: the brief is made without it and `memory_error` says so.
    """
    memory = Memory(search)
    tool = memory.tool
    calls: list[ToolCall] = []
    recalled = '{"projects": []}'
    if question := clean(message, LONGEST_QUERY):
        found, call = run_tool(tool, {"query": question, "limit": RECALLED})
        calls.append(call)
        recalled = recalled if call.is_error else found
    request = ClaudeRequest(
        system=system("orchestrator", with_catalogue=True),
        messages=(_user_turn(message, json.loads(recalled), former_brief, feedback, aspect, today),),
        tools=(tool.definition,),
        schema=BRIEF_SCHEMA,
        max_tokens=MAX_TOKENS,
    )
    answered = structured(
        ask, request, BriefAnswer.model_validate, tools={tool.name: tool}, limits=limits, clock=clock
    )
    brief = settle_brief(answered.value, message, memory.seen.values(), former_brief, aspect)
    calls.extend(answered.calls)
    return BriefResult(brief, tuple(calls), memory.error)


def _user_turn(
    message: str, recalled: Any, former: Brief | None, feedback: str | None, aspect: Aspect | None, today: date | None
) -> dict[str, Any]:
    parts = [quoted_json("recalled", recalled)]
    if today is not None:
        parts.insert(0, quoted("today", today.isoformat()))
    if former is not None:
        parts.append(quoted_json("former_brief", brief_json(former)))
    if feedback is not None:
        about = f' aspect="{Aspect(aspect).value}"' if aspect else ""
        parts.append(quoted("feedback", feedback, about))
    parts.append(quoted("message", message))
    # A second round of the tool loop reads this turn again, seconds later: the short cache is enough.
    return user_turn(parts, SHORT_CACHE)

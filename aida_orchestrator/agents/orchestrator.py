"""The orchestrator: one message and what memory knows become a Brief."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..errors import AidaError
from ..model import Aspect, Brief, ClaudeRequest, Match, Reference
from . import pins
from .answers import BRIEF_SCHEMA, BriefAnswer
from .briefs import plain_brief, settle_brief
from .checks import check_leak
from .documents import brief_json, conversation, user_turn
from .follow import NOTHING, Defaults
from .loop import Ask, Clock, Limits, ToolCall, run_tool, structured, unusable
from .prompts import SHORT_CACHE, system
from .text import clean, quoted, quoted_json
from .tool_texts import SEARCH
from .tools import LONGEST_QUERY, Memory, Recall, projects_json

__all__ = ["BriefResult", "Known", "make_brief", "plain_brief"]

RECALLED = 5
MAX_TOKENS = 8000


@dataclass(frozen=True, slots=True)
class Known:
    """What is handed to the orchestrator beside the message: none of it is looked up by the model.

    `said` are the earlier words of the same project, oldest first; `campaign` and `preferences` are as Claude reads them;
    `defaults` are what code makes of those two; `references` the pictures that the request names.
    """

    said: Sequence[str] = ()
    campaign: dict[str, Any] | None = None
    preferences: Sequence[dict[str, Any]] = ()
    defaults: Defaults = NOTHING
    references: Sequence[Reference] = ()


@dataclass(frozen=True, slots=True)
class BriefResult:
    """The Brief, every tool call (the first lookup is ours), why memory could not be asked, if it could not, and what
    there is to say about how it was used. `campaigns` are those that the tools have loaded, by id."""

    brief: Brief
    tool_calls: tuple[ToolCall, ...] = ()
    memory_error: str | None = None
    note: str = ""
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)


def make_brief(
    ask: Ask, recall: Recall, message: str, *, known: Known | None = None, former_brief: Brief | None = None,
    feedback: str | None = None, aspect: Aspect | None = None, today: date | None = None, limits: Limits | None = None,
    clock: Clock = time.monotonic,
) -> BriefResult:
    """Recall with the message as the question, then let Claude decide; raises AnswerUnusable when it gives no brief.

    A memory that fails does not stop the film: the brief is made without it and `memory_error` says so.
    """
    known = known or Known()
    memory = Memory(recall)
    calls = _look_up(memory, message)
    trouble = memory.error
    recalled = sorted(memory.seen.values(), key=lambda match: -match.similarity)
    request = ClaudeRequest(
        system=system("orchestrator", with_catalogue=True),
        messages=(_user_turn(message, recalled, known, former_brief, feedback, aspect, today),),
        tools=tuple(tool.definition for tool in memory.tools.values()),
        schema=BRIEF_SCHEMA,
        max_tokens=MAX_TOKENS,
    )
    memory.error = None

    def leaks(answer: BriefAnswer) -> list[str]:
        said = " ".join((answer.title, answer.intent, answer.tone, answer.recall_reason, *answer.constraints))
        return [finding.words for finding in check_leak(said, str(request.system[0]["text"]))]

    answered = structured(ask, request, BriefAnswer.model_validate, check=leaks, tools=memory.tools, limits=limits,
                          clock=clock)
    if leaks(answered.value):
        unusable("Claude's brief repeats its instructions")
    brief = settle_brief(answered.value, message, memory.seen.values(), former_brief, aspect, known.defaults,
                         known.references, memory.pictures)
    failed = memory.error or (trouble if not any(call.name == SEARCH for call in answered.calls) else None)
    return BriefResult(brief, (*calls, *answered.calls), failed,
                       _note(message, brief, former_brief, failed), memory.campaigns)


def _look_up(memory: Memory, message: str) -> list[ToolCall]:
    """The first lookup, with the message as the question; and the latest film, where the message names no subject."""
    question = clean(message, LONGEST_QUERY)
    if not question:
        return []
    _, call = run_tool(memory.tools[SEARCH], {"query": question, "limit": RECALLED})
    if not memory.seen and not call.is_error and pins.names_no_subject(message):
        try:
            latest = memory.look_up(lambda: memory.recall.latest(question), "Earlier films")
        except AidaError:
            return [call]
        memory.show([latest] if latest else [])
    return [call]


def _note(message: str, brief: Brief, former: Brief | None, failed: str | None) -> str:
    used = next((match for match in brief.matches if match.used), None)
    if used is not None:
        return f"Follows the film {used.title!r} ({used.project_id})."
    if former is not None or not pins.points_back(message):
        return ""
    why = "memory could not be asked" if failed else "no earlier film of this user is like it"
    return f"The message asks for something like before, but {why}: the film was made from the message alone."


def _user_turn(
    message: str, recalled: Sequence[Match], known: Known, former: Brief | None, feedback: str | None,
    aspect: Aspect | None, today: date | None
) -> dict[str, Any]:
    context = []  # the same for all films of this user for a while
    if known.preferences:
        context.append(quoted_json("preferences", {"preferences": list(known.preferences)}))
    if known.campaign is not None:
        context.append(quoted_json("campaign", known.campaign))
    parts = [quoted("today", today.isoformat())] if today is not None else []
    parts.append(quoted_json("recalled", projects_json(list(recalled))))
    parts += conversation(known.said)
    if former is not None:
        parts.append(quoted_json("former_brief", brief_json(former)))
    if feedback is not None:
        about = f' aspect="{Aspect(aspect).value}"' if aspect else ""
        parts.append(quoted("feedback", feedback, about))
    parts.append(quoted("message", message))
    # A second round of the tool loop reads this turn again, seconds later: the short cache is enough.
    return user_turn(parts, SHORT_CACHE, context=context)

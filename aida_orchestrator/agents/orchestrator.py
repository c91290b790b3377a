"""The orchestrator: one message and what memory knows become a Brief."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..errors import AidaError, Held, ProviderAuthError, ProviderBalanceError, ProviderError
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
LATEST = "No subject was named: this is the latest film."
# Every field of it comes from the film that is meant, else from the message.
NO_ANSWER = BriefAnswer(
    title="", language="", intent="", tone="", style_words="", style_reference="", duration_seconds=0, aspect_ratio="",
    constraints=[], recalled_project_id="", recall_reason="")
_STAYS_OF_A_CAMPAIGN = ("name", "guidelines", "settings")
_STAYS_OF_A_TASTE = ("category", "value", "source")


@dataclass(frozen=True, slots=True)
class Known:
    """What is handed to the orchestrator beside the message: none of it is looked up by the model.

    `said` are the earlier words of the same project, oldest first; `campaign` and `preferences` are as the status shows
    them; `defaults` are what code makes of those two; `defaults_in` makes them of a campaign that the tools loaded, where
    the film can still join one; `references` the pictures that the request names.
    """

    said: Sequence[str] = ()
    campaign: dict[str, Any] | None = None
    preferences: Sequence[dict[str, Any]] = ()
    defaults: Defaults = NOTHING
    references: Sequence[Reference] = ()
    defaults_in: Callable[[dict[str, Any]], Defaults] | None = None


@dataclass(frozen=True, slots=True)
class BriefResult:
    """The Brief, every tool call (the first lookup is ours), why memory could not be asked, if it could not, and what
    there is to say about how it was used. `campaigns` are those that the tools have loaded, by id. `unanswered`: why Claude
    gave no brief; this one is then made by code, of the same message and memory."""

    brief: Brief
    tool_calls: tuple[ToolCall, ...] = ()
    memory_error: str | None = None
    note: str = ""
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    unanswered: AidaError | None = None


def make_brief(
    ask: Ask, recall: Recall, message: str, *, known: Known | None = None, former_brief: Brief | None = None,
    feedback: str | None = None, aspect: Aspect | None = None, today: date | None = None, limits: Limits | None = None,
    clock: Clock = time.monotonic,
) -> BriefResult:
    """Recall with the message as the question, then let Claude decide. Raises ProviderAuthError or ProviderBalanceError.

    A memory that fails does not stop the film: the brief is made without it and `memory_error` says so. Nor does a Claude
    that gives no brief: then a refine keeps the former one, and any other film is what message and memory plainly say.
    """
    known, memory = known or Known(), Memory(recall)
    calls = _look_up(memory, message)
    ours, trouble = len(calls), memory.error
    memory.error = None
    request = _request(memory, _user_turn(message, memory.best_first, known, former_brief, feedback, aspect, today))
    answer, unanswered = NO_ANSWER, None
    try:
        answer = _answer(ask, request, memory, calls, limits, clock)
    except (ProviderAuthError, ProviderBalanceError):
        raise
    except ProviderError as error:
        unanswered = error
    # A new message in an old project is about something else: its former brief would make the former film again.
    if unanswered and former_brief and feedback is not None:
        brief = former_brief
    else:
        brief = settle_brief(answer, message, memory.seen.values(), former_brief, aspect, _defaults(known, memory),
                             known.references, memory.pictures)
    failed = memory.error or (trouble if not any(call.name == SEARCH for call in calls[ours:]) else None)
    return BriefResult(brief, tuple(calls), failed, _note(message, brief, former_brief, failed), memory.campaigns,
                       unanswered)


def _request(memory: Memory, turn: dict[str, Any]) -> ClaudeRequest:
    return ClaudeRequest(
        system=system("orchestrator", with_catalogue=True), messages=(turn,),
        tools=tuple(tool.definition for tool in memory.tools.values()), schema=BRIEF_SCHEMA, max_tokens=MAX_TOKENS)


def _answer(
    ask: Ask, request: ClaudeRequest, memory: Memory, calls: list[ToolCall], limits: Limits | None, clock: Clock
) -> BriefAnswer:
    """Claude's answer, its tool calls added to `calls`; raises a ProviderError when there is none that can be used."""
    def leaks(answer: BriefAnswer) -> list[str]:
        said = " ".join((answer.title, answer.intent, answer.tone, answer.style_words, answer.recall_reason,
                         *answer.constraints))
        return [finding.words for finding in check_leak(said, str(request.system[0]["text"]))]

    answer = structured(ask, request, BriefAnswer.model_validate, check=leaks, tools=memory.tools, limits=limits,
                        clock=clock, calls=calls).value
    if leaks(answer):
        unusable("Claude's brief repeats its instructions")
    return answer


def _defaults(known: Known, memory: Memory) -> Defaults:
    """A campaign that the tools loaded lends its settings where it is the only one: the film joins it."""
    loaded = list(memory.campaigns.values())
    return known.defaults_in(loaded[0]) if known.defaults_in and len(loaded) == 1 else known.defaults


def _look_up(memory: Memory, message: str) -> list[ToolCall]:
    """The first lookup, with the message as the question; and the latest film, where the message names no subject."""
    question = clean(message, LONGEST_QUERY)
    if not question:
        return []
    _, call = run_tool(memory.tools[SEARCH], {"query": question, "limit": RECALLED})
    if not memory.seen and not call.is_error and pins.names_no_subject(message):
        try:
            latest = memory.look_up(lambda: memory.recall.latest(question), "Earlier films")
        except Held:
            raise
        except AidaError:
            return [call]
        memory.show([latest.model_copy(update={"reason": LATEST})] if latest else [])
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
    context, parts = _standing(known)
    parts += [quoted("today", today.isoformat())] if today is not None else []
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


def _standing(known: Known) -> tuple[list[str], list[str]]:
    """What is known of the client: what is the same for many films, and what every finished film changes."""
    stays: list[str] = []
    changes: list[str] = []
    if known.preferences:
        stays.append(quoted_json("preferences", {"preferences": [
            {key: one[key] for key in _STAYS_OF_A_TASTE if key in one} for one in known.preferences]}))
        changes.append(quoted_json("preferences_so_far", {
            one["category"]: round(one["confidence"], 1) for one in known.preferences if "confidence" in one}))
    if known.campaign is not None:
        stays.append(quoted_json("campaign", {
            key: known.campaign[key] for key in _STAYS_OF_A_CAMPAIGN if key in known.campaign}))
        changes.append(quoted_json("campaign_so_far", {
            key: value for key, value in known.campaign.items() if key not in _STAYS_OF_A_CAMPAIGN}))
    return stays, changes

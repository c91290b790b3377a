"""A Claude that gives no brief: what memory gave is kept, recorded, and used as the message plainly says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aida_orchestrator.agents.follow import Defaults
from aida_orchestrator.agents.loop import Limits
from aida_orchestrator.agents.orchestrator import BriefResult, Known, make_brief
from aida_orchestrator.agents.prompts import read
from aida_orchestrator.agents.tools import Recall
from aida_orchestrator.errors import (
    AnswerUnusable,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderUnavailable,
)
from aida_orchestrator.model import Aspect, ClaudeAnswer, ClaudeRequest, Match, Style

from .scripted import Scripted, calls, says
from .works import LOOK, brief, brief_answer, match

MESSAGE = "Voglio un video food come l'altra volta"
ONCE = ("t1", "search_similar_projects", {"query": "pasta", "limit": 3})
LEAK = " ".join(read("orchestrator").split()[:40])


def away(_: ClaudeRequest) -> ClaudeAnswer:
    raise ProviderUnavailable("anthropic", "Anthropic cannot take the request at the moment (500)")


def restless(_: ClaudeRequest) -> ClaudeAnswer:
    return calls(ONCE)


def refusing(_: ClaudeRequest) -> ClaudeAnswer:
    return says({}, stop="refusal")


def leaking(_: ClaudeRequest) -> ClaudeAnswer:
    return says(brief_answer(intent=LEAK))


def asked(
    ask: Callable[[ClaudeRequest], ClaudeAnswer], message: str = MESSAGE, *found: Match, known: Known | None = None
) -> BriefResult:
    recall = Recall(lambda query, limit: list(found or [match(similarity=0.8)]))
    return make_brief(ask, recall, message, known=known, limits=Limits(rounds=3))


@pytest.mark.parametrize(("ask", "count"), [(away, 1), (restless, 4), (refusing, 1), (leaking, 1)])
def test_the_film_that_the_message_points_back_to_is_followed_exactly_and_said(
    ask: Callable[[ClaudeRequest], ClaudeAnswer], count: int
) -> None:
    made = asked(ask)
    assert (made.brief.style, made.brief.style_binds, made.brief.tone) == (LOOK, True, "caldo e ironico")
    assert (made.brief.duration_seconds, made.brief.aspect_ratio) == (20, "9:16")
    assert [(seen.project_id, seen.used, bool(seen.reason)) for seen in made.brief.matches] == [("proj_food", True, True)]
    assert "proj_food" in made.note
    assert [call.name for call in made.tool_calls] == ["search_similar_projects"] * count
    assert isinstance(made.unanswered, ProviderError)


def test_a_message_that_does_not_point_back_is_read_alone_and_shows_what_was_alike() -> None:
    made = asked(away, "Un video sul pane di 10 secondi")
    assert (made.brief.duration_seconds, made.brief.style_binds, made.note) == (10, False, "")
    assert [(seen.used, seen.reason) for seen in made.brief.matches] == [(False, "Alike in subject; not followed.")]


def test_a_refine_keeps_the_former_brief_and_its_calls_are_kept() -> None:
    made = make_brief(restless, Recall(lambda query, limit: [match()]), MESSAGE, former_brief=brief(), feedback="altro",
                      aspect=Aspect.ALL, limits=Limits(rounds=2))
    assert made.brief == brief()
    assert len(made.tool_calls) == 3


def test_a_new_message_in_an_old_project_does_not_make_the_former_film_again() -> None:
    made = make_brief(away, Recall(lambda query, limit: []), "Un film sulle balene", former_brief=brief())
    assert "balene" in made.brief.intent
    assert isinstance(made.unanswered, ProviderUnavailable)


def test_a_memory_that_could_not_be_asked_is_said_too() -> None:
    def search(query: str, limit: int) -> list[Match]:
        raise ProviderUnavailable("openai", "no answer from the embedder")

    made = make_brief(refusing, Recall(search), MESSAGE)
    assert made.brief.matches == ()
    assert made.memory_error == "Earlier films could not be searched: no answer from the embedder"
    assert [call.is_error for call in made.tool_calls] == [True]
    assert isinstance(made.unanswered, AnswerUnusable)


@pytest.mark.parametrize("kind", [ProviderAuthError, ProviderBalanceError])
def test_a_missing_key_or_balance_is_not_worked_around(kind: type[ProviderError]) -> None:
    def ask(_: ClaudeRequest) -> ClaudeAnswer:
        raise kind("anthropic", "set the key")

    with pytest.raises(kind):
        asked(ask)


def test_settings_of_a_campaign_and_tastes_are_had_without_claude() -> None:
    paper = Style(words="flat paper cut", sref="paper")
    bound = Known(defaults=Defaults(paper, 20, "9:16", tone="asciutto", language="en"))
    made = asked(away, "un video sul pane", known=bound).brief
    assert (made.style, made.duration_seconds, made.tone, made.language) == (paper, 20, "asciutto", "en")
    liked = Known(defaults=Defaults(liked_style=paper, liked_tone="sereno"))
    for message in ("un video sul pane", "un video food"):
        made = asked(away, message, known=liked).brief
        assert (made.style, made.style_binds, made.tone) == (paper, False, "sereno")
    assert asked(away, "un video sul pane in acquerello", known=liked).brief.style.sref == "watercolour"


def test_style_words_that_repeat_the_instructions_are_given_back() -> None:
    ask = Scripted(says(brief_answer(style_words=LEAK)), says(brief_answer()))
    made = make_brief(ask, Recall(lambda query, limit: []), "un video sul pane")
    assert len(ask.requests) == 2
    assert made.brief.style.words == brief_answer()["style_words"]


def test_style_words_that_the_instructions_call_good_are_no_leak() -> None:
    good = read("orchestrator").split("Good:")[1].split('"')[1].replace("\n", " ")
    ask = Scripted(says(brief_answer(style_words=good, style_reference="")))
    assert make_brief(ask, Recall(lambda query, limit: []), "un video sul pane").brief.style.words == good

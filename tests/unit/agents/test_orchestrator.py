"""The orchestrator: recalls once by itself, follows what it was shown and nothing else, goes on without memory."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from aida_orchestrator.agents.orchestrator import make_brief, plain_brief
from aida_orchestrator.agents.prompts.styles import DEFAULT, LOOKS
from aida_orchestrator.agents.tools import Recall
from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.model import Aspect, Brief, ClaudeRequest, Match

from .scripted import Scripted, calls, says
from .works import LOOK, brief, brief_answer, match

MESSAGE = "Voglio un video food come l'altra volta"


def nothing(query: str, limit: int) -> list[Match]:
    return []


def recalled_in(request: ClaudeRequest) -> dict:
    said = request.messages[0]["content"][0]["text"]
    return json.loads(re.search(r"<recalled>(.*?)</recalled>", said, re.DOTALL)[1])


def followed(**changes: object) -> Brief:
    """The brief when Claude follows the remembered film with these fields in its answer to this message."""
    message = str(changes.pop("message", MESSAGE))
    empty = {"tone": "", "style_words": "", "style_reference": "", "duration_seconds": 20, "aspect_ratio": "9:16"}
    answer = brief_answer(**{**empty, "recalled_project_id": "proj_food", **changes})
    return make_brief(Scripted(says(answer)), Recall(lambda query, limit: [match()]), message).brief


def test_memory_is_asked_with_the_message_before_claude() -> None:
    questions = []

    def search(query: str, limit: int) -> list[Match]:
        questions.append(query)
        return [match()]

    ask = Scripted(says(brief_answer()))
    result = make_brief(ask, Recall(search), MESSAGE, today=date(2026, 11, 22))
    assert questions == [MESSAGE]
    (project,) = recalled_in(ask.requests[0])["projects"]
    assert project["projectId"] == "proj_food"
    assert project["brief"]["style_reference"] == "rustic-food"
    assert project["brief"]["duration_seconds"] == 20
    assert "<today>2026-11-22</today>" in ask.user_text
    assert f"<message>{MESSAGE}</message>" in ask.user_text
    assert [call.name for call in result.tool_calls] == ["search_similar_projects"]
    assert [(seen.project_id, seen.used) for seen in result.brief.matches] == [("proj_food", True)]


def test_followed_project_gives_style_tone_length_and_format_exactly() -> None:
    made = followed()
    assert (made.style, made.tone, made.duration_seconds, made.aspect_ratio) == (LOOK, "caldo e ironico", 20, "9:16")
    assert made.title == "Il pane del mattino"
    (used,) = made.matches
    assert used.used
    assert "La pasta della nonna" in used.reason


def test_a_paraphrase_of_the_followed_style_is_the_followed_style() -> None:
    made = followed(style_words="window side light, dark wood, editorial food photo", tone="ironico e caldo")
    assert made.style == LOOK
    assert made.tone == "caldo e ironico"


def test_a_difference_that_the_message_names_is_the_answers_and_all_else_is_kept() -> None:
    made = followed(message=f"{MESSAGE}, ma in bianco e nero", style_reference="NOIR", tone="teso", duration_seconds=15,
                    aspect_ratio="1:1")
    assert made.style == LOOKS["noir"].style
    assert (made.tone, made.duration_seconds, made.aspect_ratio) == ("caldo e ironico", 20, "9:16")
    assert made.matches[0].used


def test_a_project_that_was_never_shown_is_not_followed() -> None:
    made = followed(message="Un video sul pane", recalled_project_id="proj_of_somebody_else", recall_reason="because")
    assert not any(seen.used for seen in made.matches)


def test_projects_found_by_claudes_own_search_can_be_followed() -> None:
    def search(query: str, limit: int) -> list[Match]:
        return [match("proj_christmas")] if query == "Natale" else []

    ask = Scripted(
        calls(("t1", "search_similar_projects", {"query": "Natale", "limit": 99})),
        says(brief_answer(recalled_project_id="proj_christmas", recall_reason="Come a Natale.")),
    )
    result = make_brief(ask, Recall(search), "Come quello di Natale")
    assert [(seen.project_id, seen.used, seen.reason) for seen in result.brief.matches] == [
        ("proj_christmas", True, "Come a Natale.")]
    assert json.loads(ask.requests[1].messages[-1]["content"][0]["content"])["projects"][0]["projectId"] == "proj_christmas"
    assert [call.input["query"] for call in result.tool_calls] == ["Come quello di Natale", "Natale"]


def test_the_model_cannot_choose_whose_projects_are_searched() -> None:
    ask = Scripted(
        calls(("t1", "search_similar_projects", {"query": "x", "limit": 5, "user_id": "other"})), says(brief_answer())
    )
    result = make_brief(ask, Recall(nothing), MESSAGE)
    assert ask.requests[1].messages[-1]["content"][0]["is_error"]
    assert result.memory_error is None


def test_a_memory_that_fails_does_not_stop_the_film_and_is_told() -> None:
    def search(query: str, limit: int) -> list[Match]:
        raise ProviderUnavailable("openai", "no answer from the embedder")

    ask = Scripted(says(brief_answer()))
    result = make_brief(ask, Recall(search), MESSAGE)
    assert result.brief.title == "Il pane del mattino"
    assert result.memory_error == "Earlier films could not be searched: no answer from the embedder"
    assert recalled_in(ask.requests[0]) == {"projects": []}


def test_feedback_and_former_brief_are_handed_over() -> None:
    ask = Scripted(says(brief_answer()))
    make_brief(ask, Recall(nothing), MESSAGE, former_brief=brief(), feedback="più <dinamico>", aspect=Aspect.ALL)
    assert '<feedback aspect="all">più <dinamico></feedback>' in ask.user_text
    assert json.loads(re.search(r"<former_brief>(.*?)</former_brief>", ask.user_text)[1])["tone"] == "caldo e ironico"


@pytest.mark.parametrize(
    ("aspect", "kept", "changed"),
    [
        (Aspect.STYLE, ("title", "intent", "tone", "duration_seconds", "aspect_ratio", "constraints"), ("style",)),
        (Aspect.SCRIPT, ("style", "aspect_ratio"), ("title", "intent", "tone", "duration_seconds")),
        (Aspect.VISUALS, ("title", "tone", "style", "duration_seconds", "aspect_ratio"), ("intent",)),
        (Aspect.ALL, (), ("title", "intent", "tone", "style", "duration_seconds", "aspect_ratio")),
    ],
)
def test_a_refine_changes_only_what_its_aspect_allows(
    aspect: Aspect, kept: tuple[str, ...], changed: tuple[str, ...]
) -> None:
    former = brief()
    answer = brief_answer(duration_seconds=15, aspect_ratio="9:16")
    made = make_brief(
        Scripted(says(answer)), Recall(nothing), MESSAGE, former_brief=former, feedback="altro", aspect=aspect
    ).brief
    assert [field for field in kept if getattr(made, field) != getattr(former, field)] == []
    assert [field for field in changed if getattr(made, field) == getattr(former, field)] == []


def test_a_refine_remembers_which_project_the_film_follows() -> None:
    former = brief(matches=(match(used=True, reason="come l'altra volta"),))
    made = make_brief(
        Scripted(says(brief_answer())), Recall(lambda query, limit: [match(), match("proj_2")]), MESSAGE,
        former_brief=former, feedback="altro", aspect=Aspect.ALL,
    ).brief
    assert [(seen.project_id, seen.used) for seen in made.matches] == [("proj_food", True), ("proj_2", False)]


@pytest.mark.parametrize(
    ("message", "language", "seconds", "ratio"),
    [
        ("Voglio un video food come l'altra volta", "it", 30, "16:9"),
        ("A 15 second vertical teaser for our running shoe", "en", 15, "9:16"),
        ("Quiero un vídeo de un minuto sobre mi panadería para TikTok", "es", 60, "9:16"),
        ("Je veux un film sur le port, 20 secondes, format carré", "fr", 20, "1:1"),
        ("Ich will einen Film von 45 Sekunden über unsere Werkstatt, Hochformat", "de", 45, "9:16"),
        ("a 7s clip", "en", 5, "16:9"),
        ("1:1 film of 200 s about the sea", "en", 60, "1:1"),
        ("パン屋の映画", "ja", 30, "16:9"),
        ("", "en", 30, "16:9"),
        ("\x00\x07", "en", 30, "16:9"),
    ],
)
def test_plain_brief_reads_language_length_and_format(message: str, language: str, seconds: int, ratio: str) -> None:
    made = plain_brief(message)
    assert (made.language, made.duration_seconds, made.aspect_ratio) == (language, seconds, ratio)
    assert made.title
    assert made.intent
    assert made.tone


def test_plain_brief_has_the_default_look_unless_the_message_names_one() -> None:
    assert plain_brief("Un film sul mare con la gatta nera").style == DEFAULT.style
    assert plain_brief("Fiori, in acquerello").style == LOOKS["watercolour"].style
    assert plain_brief("A neon city at night").style == LOOKS["neon-night"].style


@pytest.mark.parametrize(("message", "title"), [
    ("Voglio un video sul mare d'inverno", "Mare d'inverno"),
    ("Voglio un video food come l'altra volta", "Food"),
    ("Make me a short video about bees!", "Bees"),
    ("A 15 second vertical teaser for our running shoe, night city", "Our running shoe, night city"),
    ("Quiero un vídeo de un minuto sobre mi panadería para TikTok", "Mi panadería"),
    ("Je veux un film sur le port, 20 secondes, format carré", "Le port"),
    ("Ich will einen Film von 45 Sekunden über unsere Werkstatt, Hochformat", "Unsere Werkstatt"),
    ("video", "Video"),
    ("30 s", "30 s"),
])
def test_plain_brief_names_the_film_by_its_subject(message: str, title: str) -> None:
    assert plain_brief(message).title == title


def test_a_memory_that_recovers_is_no_error() -> None:
    answers = iter([ProviderUnavailable("openai", "no answer"), []])

    def search(query: str, limit: int) -> list[Match]:
        given = next(answers)
        if isinstance(given, Exception):
            raise given
        return given

    ask = Scripted(calls(("t1", "search_similar_projects", {"query": "food", "limit": 5})), says(brief_answer()))
    result = make_brief(ask, Recall(search), MESSAGE)
    assert result.memory_error is None
    assert [call.is_error for call in result.tool_calls] == [True, False]

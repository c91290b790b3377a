"""The next film of a project: "like last time" is the film that was shown, else its own; silence goes on with it."""

from __future__ import annotations

import pytest

from aida_orchestrator.agents.follow import Defaults
from aida_orchestrator.agents.orchestrator import Known, make_brief
from aida_orchestrator.agents.prompts.styles import LOOKS
from aida_orchestrator.agents.tools import Recall
from aida_orchestrator.model import Aspect, Brief, Match, Structure, Style

from .scripted import Scripted, says
from .works import LOOK, brief, brief_answer, match

OWN = brief(title="Il primo", tone="secco", style=Style(words="paper theatre", sref="paper-cut"), duration_seconds=15,
            aspect_ratio="1:1", structure=Structure(beats=(10, 5), shots=(5, 10)))
DEVIATING = {"style_reference": "noir", "style_words": "", "tone": "cupo", "duration_seconds": 60, "aspect_ratio": "9:16"}
SILENT = {"style_reference": "", "style_words": "", "tone": "", "duration_seconds": 30, "aspect_ratio": "16:9"}


def next_film(message: str, *found: Match, taste: Defaults | None = None, **answer: object) -> Brief:
    """What comes of a message in a project whose last film was OWN, when memory finds these films of others."""
    known = Known(defaults=taste) if taste else None
    return make_brief(Scripted(says(brief_answer(**answer))), Recall(lambda query, limit: list(found)), message, known=known,
                      former_brief=OWN).brief


def settings(made: Brief) -> tuple[str, Style, int, str]:
    return made.tone, made.style, made.duration_seconds, made.aspect_ratio


def test_like_last_time_is_the_film_that_was_shown() -> None:
    made = next_film("Voglio un video food come l'altra volta", match(), **DEVIATING)
    assert settings(made) == ("caldo e ironico", LOOK, 20, "9:16")
    assert [seen.project_id for seen in made.matches if seen.used] == ["proj_food"]


@pytest.mark.parametrize("found", [(), (match(),)])
def test_like_last_time_and_no_more_is_the_projects_own_film(found: tuple[Match, ...]) -> None:
    made = next_film("Un altro come l'altra volta", *found, **DEVIATING)
    assert settings(made) == settings(OWN)
    assert (made.structure, made.style_binds, made.title) == (OWN.structure, True, "Il pane del mattino")
    assert not any(seen.used for seen in made.matches)


def test_like_last_time_with_nothing_shown_is_the_projects_own_film_but_for_what_the_message_names() -> None:
    made = next_film("Voglio un video food come l'altra volta, ma di 10 secondi", **DEVIATING)
    assert settings(made) == (OWN.tone, OWN.style, 10, OWN.aspect_ratio)
    assert made.structure is None


def test_a_second_message_goes_on_with_the_project_where_it_is_silent() -> None:
    taste = Defaults(duration_seconds=45, aspect_ratio="9:16")
    assert settings(next_film("Un video sul mare", taste=taste, **SILENT)) == settings(OWN)
    assert next_film("Un video sul mare, di 20 secondi", **SILENT).duration_seconds == 20
    assert next_film("Un video sul mare, ma più lungo", **SILENT).duration_seconds == 30


def test_what_the_answer_says_otherwise_in_a_second_message_counts() -> None:
    made = next_film("Un video sul mare, come un vecchio giallo", **DEVIATING)
    assert settings(made) == ("cupo", LOOKS["noir"].style, 60, "9:16")


def test_an_empty_answer_to_a_second_message_does_not_make_the_first_film_again() -> None:
    made = next_film("A film about whales in the sea", title="", intent="", **SILENT)
    assert "whales" in made.title.lower()
    assert "whales" in made.intent


def test_a_refine_is_not_the_next_film() -> None:
    made = make_brief(
        Scripted(says(brief_answer(**DEVIATING))), Recall(lambda query, limit: [match()]), "pane come l'altra volta",
        former_brief=OWN, feedback="tutto diverso", aspect=Aspect.ALL).brief
    assert settings(made) == ("cupo", LOOKS["noir"].style, 60, "9:16")

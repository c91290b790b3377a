"""The writer: beats fit the film's length, and without Claude a template speaks the message's language."""

from __future__ import annotations

import json
import re

import pytest

from aida_orchestrator.agents.orchestrator import plain_brief
from aida_orchestrator.agents.writer import template_script, write_script
from aida_orchestrator.model import Script

from .scripted import Scripted, says
from .works import brief, script

LENGTHS = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]


def told(*beats: tuple[str, str, int], seconds: int = 30) -> Script:
    """The script made of these beats (words, picture, seconds)."""
    answer = {
        "title": "Il pane", "logline": "Un fornaio.",
        "beats": [{"words": words, "picture": picture, "seconds": length} for words, picture, length in beats],
    }
    return write_script(Scripted(says(answer)), "Un video sul pane", brief(duration_seconds=seconds))


def test_a_script_that_fits_is_kept_as_it_is() -> None:
    beats = [(f"Riga {n}.", f"picture {n}", 10 if n == 5 else 5) for n in range(1, 6)]
    made = told(*beats)
    assert [(beat.words, beat.picture, beat.seconds) for beat in made.beats] == beats
    assert (made.title, made.logline) == ("Il pane", "Un fornaio.")


def test_silent_beats_stay_silent() -> None:
    assert told(("", "dawn", 10), ("Lucia.", "a door", 10), ("", "bread", 10)).beats[0].words == ""


def test_too_many_beats_keep_the_beginning_and_the_last() -> None:
    made = told(*[(f"Riga {n}", "p", 5) for n in range(1, 51)])
    assert [beat.words for beat in made.beats] == ["Riga 1", "Riga 2", "Riga 3", "Riga 4", "Riga 5", "Riga 50"]


def test_one_long_beat_is_told_in_several_that_keep_its_words_in_order() -> None:
    words = "Alle quattro la città dorme ancora. Lucia no. L'impasto ha bisogno di tempo."
    made = told((words, "an oven", 30))
    assert " ".join(beat.words for beat in made.beats).split() == words.split()
    assert {beat.picture for beat in made.beats} == {"an oven"}
    assert sum(beat.seconds for beat in made.beats) == 30


def test_no_beats_at_all_becomes_the_template_about_the_message() -> None:
    made = told()
    assert "pane" in made.beats[0].words.lower()
    assert sum(beat.seconds for beat in made.beats) == 30


@pytest.mark.parametrize("seconds", LENGTHS)
def test_beats_always_add_up_in_fives_and_tens(seconds: int) -> None:
    for count in (1, 2, 3, 5, 8, 13):
        made = told(*[(f"Riga {n}", "p", 7 * n) for n in range(count)], seconds=seconds)
        assert sum(beat.seconds for beat in made.beats) == seconds
        assert {beat.seconds for beat in made.beats} <= {5, 10}


def test_the_longer_beats_are_those_that_asked_for_it() -> None:
    made = told(("a", "p", 5), ("b", "p", 20), ("c", "p", 5), ("d", "p", 10), seconds=30)
    assert [beat.seconds for beat in made.beats] == [5, 10, 5, 10]


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("message", [
    "Voglio un video sul pane di Lucia", "Make a film about Lucia's bread", "Quiero un vídeo sobre el pan de Lucia",
    "Je veux un film sur le pain de Lucia", "Mach einen Film über das Brot von Lucia", "Луция печёт хлеб Lucia",
])
def test_template_uses_the_message_and_fits_the_length(message: str, seconds: int) -> None:
    made = template_script(message, plain_brief(message).model_copy(update={"duration_seconds": seconds}))
    assert "Lucia" in made.beats[0].words
    assert all("Lucia" in beat.picture for beat in made.beats)
    assert sum(beat.seconds for beat in made.beats) == seconds


def test_templates_speak_the_language_of_the_brief() -> None:
    spoken = {
        language: template_script("Lucia", brief(language=language)).beats[1].words
        for language in ("it", "en", "es", "fr", "de", "pt-BR", "ja")
    }
    assert spoken["it"].startswith("Comincia")
    assert spoken["de"].startswith("Es beginnt")
    assert spoken["ja"] == spoken["en"]
    assert len(set(spoken.values())) == 6


def test_former_script_and_feedback_are_handed_over() -> None:
    ask = Scripted(says({"title": "", "logline": "", "beats": []}))
    made = write_script(ask, "pane", brief(), feedback="più allegro", former=script())
    assert "<feedback>più allegro</feedback>" in ask.user_text
    assert "<conversation>" not in ask.user_text
    former = json.loads(re.search(r"<former_script>(.*?)</former_script>", ask.user_text)[1])
    assert former["beats"][0] == {"words": "Riga 1.", "picture": "picture number 1", "seconds": 5}
    assert made.title == brief().title

"""What a picture prompt is taken to show."""

from __future__ import annotations

import pytest

from aida_orchestrator.sandbox.reading import read


@pytest.mark.parametrize(("prompt", "subjects", "title"), [
    ("end frame, wide shot: Ice cream shop in Palermo seen from afar, calm", ["icecream"], "Ice cream shop in Palermo"),
    ("hero shot: Olive oil poured on a plate", ["bottle"], "Olive oil poured on a plate"),
    ("macro detail shot: Hand cream on a marble shelf", ["person", "jar"], "Hand cream on a marble shelf"),
])
def test_words_are_drawn_for_what_they_mean_together(prompt: str, subjects: list[str], title: str) -> None:
    reading = read(prompt)
    assert (reading.subjects, reading.title) == (subjects, title)

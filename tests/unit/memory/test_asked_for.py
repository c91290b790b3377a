"""An agent's own words for sorts of files and categories of taste."""

from __future__ import annotations

import pytest

from aida_orchestrator.memory.asked_for import file_types, taste
from aida_orchestrator.model import DOCX, FILE_TYPES, Category

ALL = {one for types in FILE_TYPES.values() for one in types}


@pytest.mark.parametrize(("word", "kind"), [
    ("pdf", "pdf"), ("PDF", "pdf"), (".pdf", "pdf"), ("application/pdf", "pdf"), ("docx", "docx"), ("Word", "docx"),
    ("doc", "docx"), ("word document", "docx"), (DOCX, "docx"), ("application/msword", "docx"), ("text", "text"),
    ("txt", "text"), (".md", "text"), ("markdown", "text"), ("text/plain", "text"), ("text/markdown", "text"),
    ("image", "image"), ("photo", "image"), ("Foto", "image"), ("picture", "image"), ("png", "image"), ("JPG", "image"),
    ("jpeg", "image"),
    ("webp", "image"), ("image/png", "image"), ("image/jpg", "image"), ("image/*", "image"),
])
def test_words_people_and_programs_use_for_a_sort_of_file_are_understood(word: str, kind: str) -> None:
    assert file_types(word) == FILE_TYPES[kind]


@pytest.mark.parametrize("word", [None, "", "any", "document", "video/mp4", "brief", "\x00", "?"])
def test_any_other_word_asks_for_all_files(word: str | None) -> None:
    assert set(file_types(word)) == ALL


@pytest.mark.parametrize(("word", "category"), [
    ("style", Category.STYLE), ("look", Category.STYLE), ("duration", Category.DURATION), ("length", Category.DURATION),
    ("tone", Category.TONE), ("mood", Category.TONE), ("aspectRatio", Category.ASPECT_RATIO),
    ("aspect ratio", Category.ASPECT_RATIO), ("aspect_ratio", Category.ASPECT_RATIO),
    ("aspect-ratio", Category.ASPECT_RATIO), ("Format", Category.ASPECT_RATIO), ("everything", None), ("", None),
    (None, None),
])
def test_words_for_a_category_of_taste_are_understood_and_others_ask_for_all(
    word: str | None, category: Category | None
) -> None:
    assert taste(word) is category

"""Passages: each within its size, cut where something ends, and together the whole text."""

from __future__ import annotations

import pytest

from aida_orchestrator.memory.passages import LONGEST, MOST, SHORTEST, cut, join

SENTENCES = " ".join(f"Sentence number {number} says what is seen in the shot, and in which light." for number in range(200))
PARAGRAPHS = "\n\n".join(f"Paragraph {number}. " + " ".join(f"Loaf {loaf} on dark wood." for loaf in range(5 + number % 9))
                         for number in range(60))
WORDS, DIGITS = " ".join(f"word{number}" for number in range(3000)), "".join(f"{number:05d}" for number in range(1500))
CHINESE = "".join(f"一二三{number}四五。" for number in range(900))


@pytest.mark.parametrize("text", [SENTENCES, PARAGRAPHS, WORDS, DIGITS, CHINESE])
def test_passages_are_of_their_size_and_leave_nothing_out(text: str) -> None:
    passages, whole = cut(text)
    assert whole
    assert all(len(passage) <= LONGEST for passage in passages)
    assert all(len(passage) >= SHORTEST - 2 for passage in passages[:-1])
    assert "".join(join(passages, 10**9).split()) == "".join(text.split())


def test_a_passage_ends_with_a_paragraph_or_at_least_with_a_sentence() -> None:
    passages, _ = cut(SENTENCES)
    assert all(passage.endswith(".") for passage in passages)
    assert all(passage.endswith("wood.") and f"{passage}\n\nParagraph" in PARAGRAPHS for passage in cut(PARAGRAPHS)[0][:-1])


def test_a_passage_begins_with_a_word_before_the_end_of_the_last() -> None:
    first, second, *_ = cut(SENTENCES)[0]
    assert any(first.endswith(second[:size]) for size in range(60, 140))
    assert f" {second[:40]}" in SENTENCES


def test_a_short_text_is_one_passage_and_none_is_none() -> None:
    assert cut("Warm bread.") == (["Warm bread."], True)
    assert cut(" \n") == ([], True)


def test_what_is_too_long_is_cut_off_and_said() -> None:
    passages, whole = cut("Warm bread on dark wood. " * 20_000)
    assert (len(passages), whole) == (MOST, False)


def test_joined_text_has_a_bound() -> None:
    assert join(["abc", "def"], 5) == "abc\nd"
    assert join([], 5) == ""

"""Whose turn it is with a prompt that the cache does not hold yet."""

from __future__ import annotations

import time

import pytest

from aida_orchestrator.providers.first_reader import FirstReader


def waited(reader: FirstReader, prompt: str, most: float = 0.2) -> bool:
    """Whether a call with this prompt had to wait as long as it may."""
    began = time.monotonic()
    with reader.turn(prompt, most):
        return time.monotonic() - began >= most


def test_only_those_beside_the_first_wait_and_no_longer_than_they_may() -> None:
    reader = FirstReader()
    with reader.turn("writer", 1):
        assert waited(reader, "writer")
        assert not waited(reader, "director")
    assert not waited(reader, "writer")


def test_who_gave_up_waiting_and_was_answered_has_read_it_for_all() -> None:
    reader = FirstReader()
    with reader.turn("writer", 1):
        assert waited(reader, "writer")
        assert not waited(reader, "writer"), "that one has its answer"


def test_a_first_call_that_failed_has_read_nothing() -> None:
    reader = FirstReader()
    with pytest.raises(ValueError, match="away"), reader.turn("writer", 1):
        raise ValueError("away")
    with reader.turn("writer", 1):
        assert waited(reader, "writer")


def test_after_an_hour_without_a_reader_there_is_a_first_one_again() -> None:
    now = 0.0
    reader = FirstReader(lambda: now)
    assert not waited(reader, "writer")
    now = 3000.0
    assert not waited(reader, "writer")
    now = 6000.0
    with reader.turn("writer", 1):
        assert not waited(reader, "writer"), "it was read at 3000"
    now = 9500.0
    with reader.turn("writer", 1):
        assert waited(reader, "writer")


def test_prompts_that_nobody_has_read_for_an_hour_take_no_place_for_ever() -> None:
    now = 0.0
    reader = FirstReader(lambda: now)
    for number in range(3000):
        now += 10
        with reader.turn(f"user {number}", 1):
            pass
    assert len(reader) <= 1000

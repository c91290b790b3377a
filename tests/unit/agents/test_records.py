"""Recorded results of tools: whole up to a length, and beyond it still to be read."""

from __future__ import annotations

import json

import pytest

from aida_orchestrator.agents.loop import Tool, run_tool
from aida_orchestrator.agents.records import LONGEST_RECORD, recorded


def test_a_result_is_recorded_whole_up_to_twenty_thousand_characters() -> None:
    result = json.dumps({"text": "a" * (LONGEST_RECORD - 50)})
    _, call = run_tool(Tool("look", {}, lambda given: result), {})
    assert call.result == result


@pytest.mark.parametrize("result", [
    {"files": [{"fileId": f"file_{number}", "text": "à\"" * 20_000} for number in range(3)]},
    {"projects": [{"projectId": f"proj_{number}", "brief": {"intent": "x" * 3000}} for number in range(10)]},
    {"campaign": {"guidelines": "\\" * 30_000}},
])
def test_a_longer_one_has_its_longest_texts_shortened_and_marked_and_can_still_be_read(result: dict[str, object]) -> None:
    whole = json.dumps(result, ensure_ascii=False)
    kept = recorded(whole)
    assert len(kept) <= LONGEST_RECORD < len(whole)
    read = json.loads(kept)
    assert read.keys() == result.keys()
    assert "…" in kept
    for number, one in enumerate(read.get("files", []) + read.get("projects", [])):
        assert one.get("fileId", one.get("projectId")).endswith(f"_{number}")


@pytest.mark.parametrize("result", [json.dumps(list(range(10_000))), json.dumps({"a": ['"\\\n'] * 9000})])
def test_one_that_is_all_small_parts_is_marked_as_cut(result: str) -> None:
    kept = recorded(result)
    assert len(kept) <= LONGEST_RECORD
    assert json.loads(kept)["cut"] is True
    assert result.startswith(json.loads(kept)["beginning"])


def test_words_that_are_no_json_end_in_a_mark() -> None:
    assert recorded("no " * 10_000).endswith("…")
    assert len(recorded("[" * 100_000)) == LONGEST_RECORD

"""The tool loop: turns go back unchanged, every id is answered, limits hold, a bad form is repaired once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from aida_orchestrator.agents.loop import CALLS_IN_A_TURN, Limits, Tool, ToolCall, begin, converse, structured
from aida_orchestrator.errors import AnswerUnusable, LostLease
from aida_orchestrator.model import ClaudeRequest

from .scripted import Scripted, answer, calls, says, text, thinking

REQUEST = ClaudeRequest(system=(), messages=({"role": "user", "content": "hello"},))


class Colour(BaseModel):
    name: str


def tool(run: Any) -> dict[str, Tool]:
    return {"look": Tool("look", {"name": "look"}, run)}


def test_assistant_turn_goes_back_unchanged_and_results_follow_it() -> None:
    asking = calls(("toolu_1", "look", {"at": "sea"}), ("toolu_2", "look", {"at": "sky"}))
    ask = Scripted(asking, says({"name": "blue"}))
    talk = begin(REQUEST)
    converse(ask, talk, tool(lambda given: f"seen {given['at']}"))
    _, assistant, results = ask.requests[1].messages
    assert assistant == {"role": "assistant", "content": list(asking.blocks)}
    assert [(one["tool_use_id"], one["content"], one["is_error"]) for one in results["content"]] == [
        ("toolu_1", "seen sea", False), ("toolu_2", "seen sky", False)]
    assert [(call.name, call.input, call.result) for call in talk.calls] == [
        ("look", {"at": "sea"}, "seen sea"), ("look", {"at": "sky"}, "seen sky")]


def test_unknown_tools_bad_input_and_raising_tools_become_error_results() -> None:
    def run(given: dict[str, Any]) -> str:
        if "at" not in given:
            raise ValueError("at is missing")
        raise OSError("secret address of a server")

    ask = Scripted(
        calls(("a", "fly", {}), ("b", "look", {}), ("c", "look", {"at": "sea"}), ("d", "look", "sea")), says({"name": "x"})
    )
    talk = begin(REQUEST)
    converse(ask, talk, tool(run))
    results = ask.requests[1].messages[-1]["content"]
    assert [one["is_error"] for one in results] == [True] * 4
    assert "no tool of this name" in results[0]["content"]
    assert "at is missing" in results[1]["content"]
    assert "secret" not in results[2]["content"]
    assert "JSON object" in results[3]["content"]


def test_losing_the_lease_inside_a_tool_ends_the_conversation() -> None:
    def run(_: dict[str, Any]) -> str:
        raise LostLease("somebody else works on it")

    with pytest.raises(LostLease):
        converse(Scripted(calls(("a", "look", {}))), begin(REQUEST), tool(run))


def test_more_calls_in_one_turn_than_allowed_are_answered_but_not_run() -> None:
    ran = []
    many = calls(*((f"t{number}", "look", {}) for number in range(CALLS_IN_A_TURN + 3)))
    ask = Scripted(many, says({"name": "x"}))
    converse(ask, begin(REQUEST), tool(lambda given: ran.append(1) or "ok"))
    assert len(ran) == CALLS_IN_A_TURN
    assert len(ask.requests[1].messages[-1]["content"]) == CALLS_IN_A_TURN + 3


def test_pause_turn_goes_on_with_the_turn_as_it_is() -> None:
    paused = answer(thinking(), text("so far"), stop="pause_turn")
    ask = Scripted(paused, says({"name": "blue"}))
    final = converse(ask, begin(REQUEST), {})
    assert ask.requests[1].messages[-1] == {"role": "assistant", "content": list(paused.blocks)}
    assert final.stop_reason == "end_turn"


def test_rounds_are_limited_and_the_last_one_is_announced() -> None:
    ask = Scripted(*[calls((f"t{number}", "look", {})) for number in range(3)])
    with pytest.raises(AnswerUnusable, match="3 rounds"):
        converse(ask, begin(REQUEST, Limits(rounds=3)), tool(lambda given: "ok"))
    assert len(ask.requests) == 3
    results, hint = ask.requests[2].messages[-1]["content"]
    assert (results["type"], hint["type"]) == ("tool_result", "text")
    assert all(block["type"] == "tool_result" for block in ask.requests[1].messages[-1]["content"])


def test_output_tokens_are_limited_over_all_rounds() -> None:
    ask = Scripted(calls(("a", "look", {}), output_tokens=600), calls(("b", "look", {}), output_tokens=600))
    with pytest.raises(AnswerUnusable, match="1000 output tokens"):
        converse(ask, begin(REQUEST, Limits(output_tokens=1000)), tool(lambda given: "ok"))


def test_seconds_are_limited_before_the_next_call() -> None:
    times = iter([0.0, 1.0, 61.0])
    ask = Scripted(calls(("a", "look", {})))
    with pytest.raises(AnswerUnusable, match="longer than 60 seconds"):
        converse(ask, begin(REQUEST, Limits(seconds=60), lambda: next(times)), tool(lambda given: "ok"))


def test_a_call_may_last_no_longer_than_the_conversation_and_that_is_no_part_of_the_question() -> None:
    times = iter([0.0, 0.0, 45.0])
    ask = Scripted(calls(("a", "look", {})), says({"name": "x"}))
    converse(ask, begin(REQUEST, Limits(seconds=60), lambda: next(times)), tool(lambda given: "ok"))
    assert [request.timeout for request in ask.requests] == [60, 15]
    first = ask.requests[0]
    assert first.fingerprint("model") == replace(first, timeout=None).fingerprint("model")


def test_calls_are_kept_of_a_conversation_that_fails() -> None:
    kept: list[ToolCall] = []
    ask = Scripted(calls(("a", "look", {"at": "sea"})), says({}, stop="refusal"))
    with pytest.raises(AnswerUnusable):
        structured(ask, REQUEST, Colour.model_validate, tools=tool(lambda given: "seen"), calls=kept)
    assert [(call.name, call.result) for call in kept] == [("look", "seen")]


@pytest.mark.parametrize("stop", ["refusal", "max_tokens", "model_context_window_exceeded"])
def test_cut_off_answers_are_unusable_at_once(stop: str) -> None:
    ask = Scripted(says({"name": "blue"}, stop=stop))
    with pytest.raises(AnswerUnusable):
        structured(ask, REQUEST, Colour.model_validate)
    assert len(ask.requests) == 1


def test_wrong_shape_is_repaired_once() -> None:
    wrong = says({"name": ["private words"]})
    ask = Scripted(wrong, says({"name": "blue"}))
    assert structured(ask, REQUEST, Colour.model_validate).value == Colour(name="blue")
    assistant, user = ask.requests[1].messages[-2:]
    assert assistant["content"] == list(wrong.blocks)
    assert "name: " in user["content"][0]["text"]
    assert "private words" not in user["content"][0]["text"]


@pytest.mark.parametrize("bad", ["", "not json", '{"name": ', "[" * 100_000, "[]", "NaN"])
def test_a_second_wrong_answer_is_unusable(bad: str) -> None:
    ask = Scripted(answer(text(bad)), answer(text(bad)))
    with pytest.raises(AnswerUnusable, match="answered twice"):
        structured(ask, REQUEST, Colour.model_validate)
    assert len(ask.requests) == 2


def test_an_answer_without_blocks_is_repaired_without_an_empty_turn() -> None:
    ask = Scripted(answer(), says({"name": "blue"}))
    structured(ask, REQUEST, Colour.model_validate)
    assert [message["role"] for message in ask.requests[1].messages] == ["user", "user"]


def test_json_is_found_in_a_fence_or_after_prose() -> None:
    for blocks in ([text('```json\n{"name": "blue"}\n```')], [text("Here you are."), text('{"name": "blue"}')]):
        assert structured(Scripted(answer(*blocks)), REQUEST, Colour.model_validate).value.name == "blue"


def test_repair_turn_keeps_the_limits_of_the_conversation() -> None:
    ask = Scripted(answer(text("no")), answer(text("no")))
    with pytest.raises(AnswerUnusable, match="1 rounds"):
        structured(ask, REQUEST, Colour.model_validate, limits=Limits(rounds=1))


def faulty(colour: Colour) -> list[str]:
    """Only blue is right."""
    return [] if colour.name == "blue" else [f"{colour.name} is not blue"] * len(colour.name)


def test_an_answer_with_faults_is_given_back_once_with_their_words() -> None:
    ask = Scripted(says({"name": "red"}), says({"name": "blue"}))
    answered = structured(ask, REQUEST, Colour.model_validate, check=faulty)
    assert (answered.value.name, answered.given_again) == ("blue", True)
    assert "- red is not blue" in ask.requests[1].messages[-1]["content"][0]["text"]
    assert ask.requests[1].messages[:1] == ask.requests[0].messages


@pytest.mark.parametrize(("first", "second", "taken"), [
    ("red", "green", "red"), ("green", "red", "red"), ("red", "rot", "rot"), ("red", None, "red"),
])
def test_the_better_of_two_answers_is_taken(first: str, second: str | None, taken: str) -> None:
    again = says({"name": second}) if second else answer(text("I would rather not"))
    ask = Scripted(says({"name": first}), again)
    assert structured(ask, REQUEST, Colour.model_validate, check=faulty).value.name == taken
    assert len(ask.requests) == 2


def test_a_second_answer_that_does_not_come_leaves_the_first() -> None:
    ask = Scripted(says({"name": "red"}), says({"name": "blue"}, stop="max_tokens"))
    assert structured(ask, REQUEST, Colour.model_validate, check=faulty).value.name == "red"
    alone = Scripted(says({"name": "red"}))
    assert structured(alone, REQUEST, Colour.model_validate, check=faulty, limits=Limits(rounds=1)).value.name == "red"


def test_there_is_one_repair_turn_whatever_it_is_for() -> None:
    ask = Scripted(answer(text("no")), says({"name": "red"}))
    assert structured(ask, REQUEST, Colour.model_validate, check=faulty).value.name == "red"
    assert len(ask.requests) == 2

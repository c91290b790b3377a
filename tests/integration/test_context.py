"""The stage context over real rows: what memory gave is kept and shown, with and without an answer of Claude's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.model import ClaudeAnswer, ClaudeRequest, Stage, Style, Task
from aida_orchestrator.pipeline import runner
from tests.builders import make_brief
from tests.integration.films import Compass, House
from tests.unit.agents.scripted import Scripted, calls, says
from tests.unit.agents.test_prompts import up_to_the_last_long_breakpoint
from tests.unit.agents.works import brief_answer

Ask = Callable[[ClaudeRequest], ClaudeAnswer]
LIKE_LAST_TIME = "Voglio un video food come l'altra volta"
PAPER = {"words": "flat paper cut, soft shadows", "sref": ""}


class Claude:
    """Answers with whatever it is told to do."""

    model = "claude-test"

    def __init__(self, answer: Ask) -> None:
        self.ask = answer


def away(_: ClaudeRequest) -> ClaudeAnswer:
    raise ProviderUnavailable("anthropic", "Anthropic cannot take the request at the moment (500)", status=500)


def refusing(_: ClaudeRequest) -> ClaudeAnswer:
    return says({}, stop="refusal")


def restless(request: ClaudeRequest) -> ClaudeAnswer:
    return calls((f"t{len(request.messages)}", "search_similar_projects", {"query": "food", "limit": 5}))


def status(house: House, ask: Ask, task: Task) -> dict[str, Any]:
    """What is shown of a film when its brief was made by this Claude."""
    services = replace(house.services, make_claude=lambda: Claude(ask))
    assert runner.run(services, Stage.CONTEXT, task.id).word == runner.GO_ON
    return house.ask("GET", f"status/{task.id}")


@pytest.mark.parametrize(("ask", "searches"), [(away, 1), (refusing, 1), (restless, 7)])
def test_like_last_time_is_kept_to_although_claude_gives_no_brief(house: House, ask: Ask, searches: int) -> None:
    past = house.film("hand drawn ink", message="Un video food", duration_seconds=15, aspect_ratio="9:16", tone="sereno")
    shown = status(house, ask, house.create(LIKE_LAST_TIME))
    brief, context = shown["brief"], shown["context"]
    assert (brief["style"]["words"], brief["durationSeconds"], brief["aspectRatio"], brief["tone"]) == (
        "hand drawn ink", 15, "9:16", "sereno")
    assert [call["name"] for call in context["tools"]] == ["search_similar_projects"] * searches
    assert past.project_id in context["tools"][0]["result"]
    assert [(one["projectId"], one["used"], bool(one["reason"])) for one in context["matches"]] == [
        (past.project_id, True, True)]
    assert past.project_id in context["note"]
    assert [one["what"] for one in shown["degraded"]] == ["the brief was read from the message by simple rules"]


def test_a_question_to_memory_is_embedded_once_although_the_stage_runs_twice(house: House) -> None:
    def crash(_: ClaudeRequest) -> ClaudeAnswer:
        raise RuntimeError("the worker is gone")

    house.film("hand drawn ink", message="Un video food")
    task, compass = house.create(LIKE_LAST_TIME), Compass()
    for ask, word in ((crash, "again later"), (away, runner.GO_ON)):
        services = replace(house.services, make_embedder=lambda: compass, make_claude=partial(Claude, ask))
        assert runner.run(services, Stage.CONTEXT, task.id).word == word
        assert len(compass.texts) == 1
        assert house.count("charges", component="memory", task_id=task.id) == 1
    assert house.ask("GET", f"status/{task.id}")["context"]["matches"][0]["used"]


def test_the_campaign_that_a_message_names_is_joined_and_shown_although_claude_is_away(house: House) -> None:
    campaign = house.campaign("Food Q1", style=PAPER, settings={
        "durationSeconds": 15, "tone": "asciutto", "language": "de"})["campaignId"]
    shown = status(house, away, house.create("Un video sul pane per la campagna Food Q1"))
    assert (shown["campaignId"], shown["context"]["campaign"]["name"]) == (campaign, "Food Q1")
    brief = shown["brief"]
    assert (brief["style"], brief["durationSeconds"], brief["tone"], brief["language"]) == (PAPER, 15, "asciutto", "de")


def test_the_one_campaign_that_claude_loads_is_joined_and_lends_its_settings(house: House) -> None:
    campaign = house.campaign("Food", style=PAPER, settings={"durationSeconds": 15, "tone": "asciutto"})["campaignId"]
    ask = Scripted(calls(("t1", "load_campaign_context", {"campaignName": "food"})), says(brief_answer()))
    shown = status(house, ask, house.create("Un video sul pane, per le cose di cucina"))
    assert shown["campaignId"] == shown["context"]["campaign"]["campaignId"] == campaign
    brief = shown["brief"]
    assert (brief["style"], brief["durationSeconds"], brief["tone"]) == (PAPER, 15, "asciutto")


def test_a_look_and_a_tone_that_a_user_said_to_like_are_had_where_nothing_else_is_said(house: House) -> None:
    for category, value in (("style", PAPER), ("tone", "sereno")):
        house.ask("PUT", f"users/u1/preferences/{category}", {"value": value})
    silent = status(house, away, house.create("Un video sul pane"))["brief"]
    assert (silent["style"], silent["tone"]) == (PAPER, "sereno")
    named = status(house, away, house.create("Un video sul pane, in acquerello"))["brief"]
    assert named["style"]["sref"] == "watercolour"


def test_one_more_finished_film_of_a_campaign_changes_nothing_before_the_last_long_breakpoint(house: House) -> None:
    campaign = house.campaign("Food Q1", guidelines="Hands in view.", settings={"durationSeconds": 10})["campaignId"]

    def film() -> Task:
        return house.finish(house.create("A film about bread", campaignId=campaign), "warm window light")

    def asked() -> tuple[bytes, bytes]:
        ask = Scripted(says(brief_answer()))
        task = house.create("A film about cheese", campaignId=campaign)
        status(house, ask, task)
        house.prepare(task, make_brief(style=Style(words="other")))
        return up_to_the_last_long_breakpoint(ask.requests[0])

    for _ in range(3):
        film()
    (before, former), latest = asked(), film()
    after, latter = asked()
    assert before == after
    assert b"Hands in view." in after
    assert b'category' in after
    assert latest.project_id.encode() in latter
    assert former != latter


def test_a_preference_is_found_by_what_people_call_its_category(house: House) -> None:
    house.ask("PUT", "users/u1/preferences/aspectRatio", {"value": "9:16"})
    house.ask("PUT", "users/u1/preferences/tone", {"value": "sereno"})
    ask = Scripted(calls(*((f"t{number}", "get_user_preferences", {"category": said}) for number, said in enumerate(
        ("aspect_ratio", "format", "shoe size")))), says(brief_answer()))
    tools = status(house, ask, house.create("Un video sul pane"))["context"]["tools"]
    found = [[one["category"] for one in json.loads(call["result"])["preferences"]] for call in tools
             if call["name"] == "get_user_preferences"]
    assert found == [["aspectRatio"], ["aspectRatio"], ["tone", "aspectRatio"]]

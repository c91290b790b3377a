"""The sandbox's Claude in its three roles: what it reads in a message, and what it makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from aida_orchestrator.sandbox.server import Server

from .sandbox_claude import BOARD, BRIEF, SCRIPT, STRING, STYLES, TOOL, WHOLE, client_of, closed, read, say, text_of


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(Path(tmp_path_factory.mktemp("sandbox")), latency={"anthropic": 0.0}).start()
    yield server
    server.close()


@pytest.fixture
def claude(sandbox: Server) -> Iterator[anthropic.Anthropic]:
    with client_of(sandbox) as client:
        yield client


def brief_of(claude: anthropic.Anthropic, text: str, projects: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The whole tool loop, as a caller drives it."""
    first = say(claude, text, BRIEF, system=STYLES, tools=[TOOL])
    (call,) = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert call.name == TOOL["name"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": json.dumps({"projects": projects or []})}
    last = say(claude, "", BRIEF, system=STYLES, tools=[TOOL], messages=[
        {"role": "user", "content": text},
        {"role": "assistant", "content": [block.to_dict() for block in first.content]},
        {"role": "user", "content": [result]},
    ])
    assert last.stop_reason == "end_turn"
    return read(last)


def film_of(claude: anthropic.Anthropic, message: str, feedback: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    asked = f"<message>{message}</message>"
    brief = json.dumps(brief_of(claude, asked))
    more = f"<feedback>{feedback}</feedback>" if feedback else ""
    script = read(say(claude, f"{asked}<brief>{brief}</brief>{more}", SCRIPT))
    board = read(say(claude, f"<brief>{brief}</brief><script>{json.dumps(script)}</script>{more}", BOARD))
    return script, board


def test_orchestrator_searches_for_the_subject_and_not_for_the_order(claude: anthropic.Anthropic) -> None:
    answer = say(claude, "<message>Voglio un video food come l'altra volta</message>", BRIEF, tools=[TOOL])
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert "cibo" in str(call.input["query"])
    assert "voglio" not in str(call.input["query"]).lower()
    assert call.input["limit"] == 3
    assert call.id.startswith("toolu_")
    assert answer.content[0].type == "thinking"


def test_like_last_time_pins_the_former_film_except_what_the_message_says(claude: anthropic.Anthropic) -> None:
    past = {"projectId": "proj_1", "title": "Pizza napoletana", "similarity": 0.83, "brief": {
        "tone": "caldo", "style_words": "rustico, luce dorata", "style_reference": "noir", "duration_seconds": 15,
        "aspect_ratio": "1:1"}}
    brief = brief_of(claude, "<message>Voglio un video food come l'altra volta, ma verticale</message>", [past])
    assert brief["recalled_project_id"] == "proj_1"
    assert "Pizza napoletana" in brief["recall_reason"]
    assert (brief["duration_seconds"], brief["style_reference"], brief["style_words"]) == (
        15, "noir", "rustico, luce dorata")
    assert brief["aspect_ratio"] == "9:16"
    assert brief_of(claude, "<message>Voglio un video food</message>", [past])["recalled_project_id"] == ""


@pytest.mark.parametrize(("message", "language", "seconds", "aspect"), [
    ("Un video di 15 secondi verticale sulla pizza napoletana, tono dinamico", "it", 15, "9:16"),
    ("A square 20s film about a lighthouse keeper who adopts a dog", "en", 20, "1:1"),
    ("Quiero un anuncio de medio minuto sobre una panadería de Sevilla", "es", 30, "16:9"),
    ("Une publicité de 10 secondes pour une voiture électrique", "fr", 10, "16:9"),
    ("Ein kurzes Video über eine Bäckerei in Hamburg, 45 Sekunden", "de", 45, "16:9"),
    ("Quero um reel de 30 segundos sobre surf no Algarve", "pt", 30, "9:16"),
])
def test_brief_keeps_language_length_and_frame_of_the_message(
    claude: anthropic.Anthropic, message: str, language: str, seconds: int, aspect: str
) -> None:
    brief = brief_of(claude, f"<message>{message}</message>")
    assert (brief["language"], brief["duration_seconds"], brief["aspect_ratio"]) == (language, seconds, aspect)
    assert brief["style_reference"] in {"", "warm-kitchen", "neon-night", "noir"}


@pytest.mark.parametrize(("message", "own", "english"), [
    ("Voglio un video sulla pizza napoletana", "pizza napoletana", "Neapolitan pizza"),
    ("I want a 30s film about a lighthouse keeper who adopts a dog", "lighthouse keeper", "adopts a dog"),
    ("Quiero un video sobre las abejas y el clima", "abejas", "bee and climate"),
])
def test_script_is_about_the_message_and_prompts_are_english(
    claude: anthropic.Anthropic, message: str, own: str, english: str
) -> None:
    script, board = film_of(claude, message)
    beats, shots = script["beats"], board["shots"]
    assert sum(beat["seconds"] for beat in beats) == 30
    assert len(beats) == len(shots) == 6
    assert own in " ".join(beat["words"] for beat in beats).lower()
    assert len({beat["words"] for beat in beats}) == len({beat["picture"] for beat in beats}) == 6
    assert message.lower() not in json.dumps(script, ensure_ascii=False).lower()
    assert english.lower() in " ".join(shot["picture_prompt"] for shot in shots).lower()
    assert [shot["beat"] for shot in shots] == [1, 2, 3, 4, 5, 6]
    assert film_of(claude, message) == (script, board)


def test_feedback_changes_words_and_movement(claude: anthropic.Anthropic) -> None:
    calm, slow = film_of(claude, "Un video sul mio ristorante di pesce a Genova")
    quick, fast = film_of(claude, "Un video sul mio ristorante di pesce a Genova", "più dinamico, parla del mercato")
    assert "mercato" in json.dumps(quick)
    assert "mercato" not in json.dumps(calm)
    assert "calm" in slow["shots"][0]["motion_prompt"]
    assert "fast" in fast["shots"][0]["motion_prompt"]


def test_style_feedback_changes_the_look_and_leaves_the_rest(claude: anthropic.Anthropic) -> None:
    asked = "<message>Un video sulla pizza</message>"
    former = brief_of(claude, asked)
    wish = '<feedback aspect="style">in bianco e nero, misterioso</feedback>'
    brief = brief_of(claude, f"{asked}{wish}<former_brief>{json.dumps(former)}</former_brief>")
    assert brief["style_reference"] == "noir" != former["style_reference"]
    assert "black and white" in brief["style_words"]
    assert (brief["title"], brief["duration_seconds"]) == (former["title"], former["duration_seconds"])


def test_any_other_schema_gets_a_valid_answer_and_no_schema_gets_text(claude: anthropic.Anthropic) -> None:
    schema = closed(colour={"type": "string", "enum": ["red", "blue"]}, sure={"type": "boolean"},
                    items={"type": "array", "items": closed(name=STRING, count=WHOLE)})
    made = read(say(claude, "Tell me about olive oil", schema))
    assert made["colour"] == "red"
    assert made["sure"] is True
    assert len(made["items"]) == 3
    assert "olive oil" in made["items"][0]["name"]
    assert "olio" in text_of(say(claude, "Raccontami dell'olio d'oliva"))


def test_former_projects_are_found_in_the_turn_itself_too(claude: anthropic.Anthropic) -> None:
    past = {"projectId": "proj_7", "title": "Sushi a Milano", "similarity": 0.8, "brief": {"aspect_ratio": "1:1"}}
    brief = brief_of(claude, f'<recalled>{json.dumps({"projects": [past]})}</recalled>'
                             "<message>un altro come sempre</message>")
    assert (brief["recalled_project_id"], brief["aspect_ratio"]) == ("proj_7", "1:1")
    assert "Sushi" in brief["title"]


def test_visual_feedback_draws_the_same_scenes_anew(claude: anthropic.Anthropic) -> None:
    _, board = film_of(claude, "Voglio un video sulla pizza")
    beats = [{"words": "", "picture": shot["picture_prompt"], "seconds": 5} for shot in board["shots"]]
    again = read(say(claude, f'<brief>{{"language": "it"}}</brief><script>{json.dumps({"beats": beats})}</script>'
                             "<feedback>vorrei vedere il mare</feedback>", BOARD))
    for old, new in zip(board["shots"], again["shots"], strict=True):
        assert old["picture_prompt"] != new["picture_prompt"]
        assert old["picture_prompt"].split(",")[0] == new["picture_prompt"].split(",")[0]
        assert "sea" in new["picture_prompt"]


def test_another_look_is_never_the_former_one(claude: anthropic.Anthropic) -> None:
    former = {"style_words": "warm", "style_reference": "warm-kitchen"}
    schema = closed(style_words=STRING, style_reference=STRING)
    for wish in ("un altro stile", "caldo e rustico, food", "neon-night"):
        asked = f"<former_storyboard>{json.dumps(former)}</former_storyboard><feedback>{wish}</feedback>"
        made = read(say(claude, f"<brief>{{}}</brief>{asked}", schema, system=STYLES))
        assert made["style_reference"] in {"neon-night", "noir"}
        assert made["style_words"] != "warm"

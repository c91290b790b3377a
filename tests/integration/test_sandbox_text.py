"""The sandbox's Claude and its embeddings, asked over HTTP by the real client libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
import requests

from aida_orchestrator.sandbox.prompt_cache import PromptCache
from aida_orchestrator.sandbox.server import Server
from aida_orchestrator.sandbox.vectors import Embedder

STYLES = "warm-kitchen | warm rustic kitchen, golden light, food\nneon-night | neon city at night, energetic\n" \
         "noir | black and white noir, mystery"
STRING, WHOLE = {"type": "string"}, {"type": "integer"}
TOOL = {
    "name": "search_similar_projects", "description": "Projects like this one.",
    "input_schema": {"type": "object", "properties": {"query": STRING, "limit": WHOLE}, "required": ["query"]},
}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


BRIEF = closed(
    title=STRING, language=STRING, intent=STRING, tone=STRING, style_words=STRING, style_reference=STRING,
    duration_seconds={"type": "integer", "enum": [5, 10, 15, 20, 30, 45, 60]},
    aspect_ratio={"type": "string", "enum": ["16:9", "9:16", "1:1"]},
    constraints={"type": "array", "items": STRING}, recalled_project_id=STRING, recall_reason=STRING,
)
SCRIPT = closed(title=STRING, logline=STRING,
                beats={"type": "array", "items": closed(words=STRING, picture=STRING, seconds=WHOLE)})
BOARD = closed(style_words=STRING, shots={"type": "array", "items": closed(
    beat=WHOLE, picture_prompt=STRING, motion_prompt=STRING, seconds=WHOLE)})


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(Path(tmp_path_factory.mktemp("sandbox")), latency={"anthropic": 0.0}).start()
    yield server
    server.close()


@pytest.fixture
def claude(sandbox: Server) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        api_key="sk-test", base_url=f"{sandbox.url}/anthropic", max_retries=0, timeout=10
    ) as client:
        yield client
    sandbox.sandbox.faults.clear()


@pytest.fixture
def embeddings(sandbox: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=f"{sandbox.url}/openai/v1", max_retries=0, timeout=30) as client:
        yield client
    sandbox.sandbox.faults.clear()


def say(
    claude: anthropic.Anthropic, text: str, schema: dict[str, Any] | None = None, **more: Any
) -> anthropic.types.Message:
    asked: dict[str, Any] = {
        "model": "claude-sonnet-5-5", "max_tokens": 8000, "messages": [{"role": "user", "content": text}], **more}
    if schema:
        asked["output_config"] = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    return claude.messages.create(**asked)


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def read(message: anthropic.types.Message) -> dict[str, Any]:
    return dict(json.loads(text_of(message)))


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


def cached(text: str, ttl: str = "1h") -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": ttl}}


def test_cache_is_written_once_then_read_and_shared_by_its_prefix_alone(claude: anthropic.Anthropic) -> None:
    rules, anna, luca = "rules " * 500, "Anna likes wine. " * 200, "Luca likes beer. " * 200
    one = say(claude, "hello", system=[cached(rules), cached(anna, "5m")]).usage
    two = say(claude, "hello again", system=[cached(rules), cached(anna, "5m")]).usage
    three = say(claude, "hello", system=[cached(rules), cached(luca, "5m")]).usage
    assert one.cache_creation is not None
    assert two.cache_creation is not None
    assert three.cache_creation is not None
    assert one.cache_read_input_tokens == 0
    assert (one.cache_creation.ephemeral_1h_input_tokens, one.cache_creation.ephemeral_5m_input_tokens) == (750, 850)
    assert (two.cache_read_input_tokens, two.cache_creation_input_tokens) == (1600, 0)
    assert (three.cache_read_input_tokens, three.cache_creation_input_tokens) == (750, 850)
    assert one.input_tokens == 2
    short = say(claude, "hello", system=[cached("too short to keep")]).usage
    assert short.cache_creation_input_tokens == short.cache_read_input_tokens == 0
    other = say(claude, "hello", system=[cached(rules)], model="claude-sonnet-5").usage
    assert other.cache_read_input_tokens == 0


def test_cache_entry_waits_for_its_answer_and_dies_unless_it_is_read() -> None:
    now = [0.0]
    cache = PromptCache(lambda: now[0])
    asked = {"model": "claude-sonnet-5-5", "system": [cached("x" * 4000, "5m")],
             "messages": [{"role": "user", "content": "hi"}]}
    first, keys = cache.count(asked)
    assert (first.written_5m, cache.count(asked)[0].read) == (1000, 0)
    cache.open(keys)
    for now[0] in (299.0, 598.0):
        assert cache.count(asked)[0].read == 1000
    now[0] = 900.0
    assert cache.count(asked)[0].read == 0


USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": TOOL["name"], "input": {}}]}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "{}"}
HI: dict[str, Any] = {"role": "user", "content": "hi"}


def answer_format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize(("asked", "says"), [
    ({"extra_body": {"temperature": 0.2}}, "temperature"),
    ({"extra_body": {"seed": 1}}, "Extra inputs are not permitted"),
    ({"extra_body": {"stream": True}}, "does not stream"),
    ({"tools": [TOOL], "tool_choice": {"type": "any"}}, 'tool_choice: type "tool" and "any" are not supported'),
    ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": TOOL["name"]}}, "not supported for this model."),
    ({"messages": [HI, {"role": "assistant", "content": "{"}]}, "prefill"),
    ({"thinking": {"type": "disabled"}}, "thinking"),
    ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "thinking"),
    ({"system": [cached(letter) for letter in "abcde"]}, "maximum of 4"),
    ({"system": [cached("a", "5m"), cached("b", "1h")]}, "ttl='1h'"),
    ({"system": [cached("")]}, "empty text"),
    ({"messages": [HI, USE, HI]}, "without `tool_result` blocks"),
    ({"messages": [HI, USE, {"role": "user", "content": [{"type": "text", "text": "so:"}, RESULT]}]}, "before any"),
    ({"messages": [{"role": "user", "content": [RESULT]}]}, "unexpected `tool_use_id`"),
    (answer_format({"type": "object", "properties": {}}), "additionalProperties"),
    (answer_format(closed(many={"type": "array", "items": closed(n={"type": "integer", "minimum": 1})})), "minimum"),
    (answer_format(closed(short={"type": "string", "maxLength": 5})), "maxLength"),
    (answer_format(closed(two={"type": "array", "items": STRING, "minItems": 2})), "minItems"),
])
def test_what_the_api_refuses_is_refused(claude: anthropic.Anthropic, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        say(claude, "hi", **asked)
    assert says in refused.value.message
    assert refused.value.type == "invalid_request_error"
    assert (refused.value.request_id or "").startswith("req_")


def test_retired_model_and_missing_key_have_their_own_errors(sandbox: Server, claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        say(claude, "hi", model="claude-gone-1")
    for door, error in (("anthropic/v1/messages", "authentication_error"), ("openai/v1/embeddings", "invalid_api_key")):
        answer = requests.post(f"{sandbox.url}/{door}", json={"model": "x"}, timeout=10)
        assert answer.status_code == 401
        assert error in answer.text


def test_claude_fails_on_request_in_the_api_s_own_ways(sandbox: Server, claude: anthropic.Anthropic) -> None:
    def wish(**fields: Any) -> None:
        sandbox.sandbox.faults.add({"provider": "anthropic", "operation": "messages", **fields})

    wish(fault="status", status=529)
    with pytest.raises(anthropic.OverloadedError):
        say(claude, "hi")
    wish(fault="balance")
    with pytest.raises(anthropic.BadRequestError, match="credit balance is too low"):
        say(claude, "hi")
    for kind in ("reset", "reset_after"):
        wish(fault=kind)
        with pytest.raises(anthropic.APIConnectionError):
            say(claude, "hi")
    wish(fault="refusal", match="olive")
    assert say(claude, "hi").stop_reason == "end_turn"
    assert say(claude, "olive oil").stop_reason == "refusal"
    wish(fault="max_tokens")
    assert say(claude, "hi", SCRIPT).stop_reason == "max_tokens"
    wish(fault="malformed")
    assert set(read(say(claude, "hi", SCRIPT))) == {"unexpected"}
    assert set(read(say(claude, "hi", SCRIPT))) == set(SCRIPT["properties"])


def test_a_lost_answer_was_still_sold(sandbox: Server, claude: anthropic.Anthropic) -> None:
    before = len(sandbox.sandbox.state.list_sold("anthropic"))
    sandbox.sandbox.faults.add({"provider": "anthropic", "fault": "reset_after"})
    with pytest.raises(anthropic.APIConnectionError):
        say(claude, "hi")
    assert len(sandbox.sandbox.state.list_sold("anthropic")) == before + 1


def test_embeddings_are_unit_vectors_in_the_order_asked(embeddings: openai.OpenAI) -> None:
    texts = ["pizza", "electric car", "pizza"]
    packed = embeddings.embeddings.create(model="text-embedding-3-small", input=texts)
    plain = embeddings.embeddings.create(model="text-embedding-3-small", input=texts, encoding_format="float")
    assert [item.index for item in packed.data] == [0, 1, 2]
    assert packed.model == "text-embedding-3-small"
    assert packed.data[0].embedding == packed.data[2].embedding != packed.data[1].embedding
    assert packed.data[1].embedding == pytest.approx(plain.data[1].embedding, abs=1e-6)
    assert len(plain.data[0].embedding) == 1536
    assert packed.usage.prompt_tokens > 0
    small = embeddings.embeddings.create(model="text-embedding-3-small", input="pizza", dimensions=512)
    short = small.data[0].embedding
    for vector in (plain.data[0].embedding, short):
        assert sum(value * value for value in vector) == pytest.approx(1.0, abs=1e-5)
    assert len(short) == 512


def test_embeddings_refuse_what_the_api_refuses(sandbox: Server, embeddings: openai.OpenAI) -> None:
    create = embeddings.embeddings.create
    for given in ("", ["a", ""], ["a"] * 2049, "word " * 9000):
        with pytest.raises(openai.BadRequestError):
            create(model="text-embedding-3-small", input=given)
    with pytest.raises(openai.NotFoundError) as unknown:
        create(model="text-embedding-9", input="a")
    assert unknown.value.code == "model_not_found"
    sandbox.sandbox.faults.add({"provider": "openai", "fault": "balance"})
    with pytest.raises(openai.RateLimitError) as quota:
        create(model="text-embedding-3-small", input="a")
    assert quota.value.type == "insufficient_quota"


PIZZA = "Pizza napoletana, forno a legna. Tone: warm. Style: rustic, golden light"
CAR = "Spot for an electric car on a mountain road. Tone: dynamic. Style: cinematic, blue hour"
WEDDING = "Matrimonio in villa sul lago di Como. Tono: romantico. Stile: pastello"
GYM = "Gym workout spot. Tone: energetic. Style: high contrast, sweat"
DOG = "A film about a dog finding a home. Tone: moving."
JAPAN = "A travel film about Japan: Kyoto temples and Tokyo streets. Tone: dreamy."
APP = "Launch film for a budgeting app. Tone: modern. Style: clean, minimal"
WINE = "Winery in Chianti, harvest at dawn. Tone: warm. Style: golden hour"
AKIN = [
    ("video food pizza napoletana", "a film about italian food: pizza"), ("video food", PIZZA), ("pizza", PIZZA),
    ("video sul cibo", "video food"), ("cibo", "Ristorante di pesce a Genova. Tono: elegante"),
    ("Voglio un video food come l'altra volta", PIZZA), ("food video like last time", PIZZA), ("auto elettrica", CAR),
    ("electric car", CAR), ("viaggio in Giappone", JAPAN), ("palestra fitness", GYM), ("wedding film", WEDDING),
    ("cane", DOG), ("lancio di un'app", APP), ("vino", WINE), ("caffè", "A film about a small coffee roastery."),
]
STRANGERS = [
    ("video food pizza napoletana", "spot for an electric car"), ("video food", CAR), ("video food", JAPAN),
    ("pizza", GYM), ("cibo", APP), ("auto elettrica", WEDDING), ("electric car", PIZZA), ("viaggio in Giappone", GYM),
    ("matrimonio", APP), ("cane", CAR), ("vino", DOG), ("palestra", "Ristorante di pesce a Genova. Tono: elegante"),
    ("Voglio un video food come l'altra volta", "Spot per un'auto elettrica. Tone: dynamic"), ("app", PIZZA),
    ("video di moda", "Video sul cibo italiano. Tone: warm. Style: natural light"),
]


@pytest.mark.parametrize("hashed", [False, True], ids=["model", "hashed words"])
def test_films_alike_stand_above_the_threshold_and_strangers_below(hashed: bool) -> None:
    embedder = Embedder(hashed)
    embedder.load()

    def cosine(one: str, other: str) -> float:
        return sum(a * b for a, b in zip(embedder.embed(one), embedder.embed(other), strict=True))

    assert {pair: cosine(*pair) for pair in AKIN if cosine(*pair) < 0.7} == {}
    assert {pair: cosine(*pair) for pair in STRANGERS if cosine(*pair) >= 0.67} == {}
    if hashed:
        assert embedder.name == "hashed words"

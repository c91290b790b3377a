"""The embeddings of the sandbox: the API's shapes and refusals, and which films count as alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from aida_orchestrator.sandbox.server import Server
from aida_orchestrator.sandbox.vectors import Embedder


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(Path(tmp_path_factory.mktemp("sandbox")), latency={"anthropic": 0.0}).start()
    yield server
    server.close()


@pytest.fixture
def embeddings(sandbox: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=f"{sandbox.url}/openai/v1", max_retries=0, timeout=30) as client:
        yield client
    sandbox.sandbox.faults.clear()


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

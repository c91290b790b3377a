"""Which shots a wording names, in the languages our users write in."""

from __future__ import annotations

import pytest

from aida_orchestrator.pipeline.wording import distinct_words, named_shots, shots_with

# Each of a film of six shots.
NAMED = [
    ("shot 2 is too dark", {2}),
    ("Make the second shot brighter", {2}),
    ("shots 1, 3 and 5 should be closer", {1, 3, 5}),
    ("shots 2-4 need more movement", {2, 3, 4}),
    ("shots 2 to 4: warmer", {2, 3, 4}),
    ("from the second to the fourth shot, more light", {2, 3, 4}),
    ("the first two shots are boring", {1, 2}),
    ("the last three scenes should be at night", {4, 5, 6}),
    ("change the ending", {6}),
    ("the opening is slow, show the sea", {1}),
    ("a different final shot please", {6}),
    ("the second to last shot shows a dog", {5}),
    ("the 3rd scene, from above", {3}),
    ("scene #4 and scene no. 5 without people", {4, 5}),
    ("shot two with more steam", {2}),
    ("the first and the last shot", {1, 6}),
    ("keep the first shot, change the second", {2}),
    ("everything but the last shot should be darker", {1, 2, 3, 4, 5}),
    ("don't touch shots 1 and 2", {3, 4, 5, 6}),
    ("at the end add a sunset", {6}),
    ("everything except the opening and the ending", {2, 3, 4, 5}),
    ("keep the camera still in shot 2", {2}),
    ("leave more space in the third shot", {3}),
    ("shots 2 and 3 are fine, the rest is too dark", {1, 4, 5, 6}),
    ("menos luz en la toma 2", {2}),
    ("todas menos la toma 2", {1, 3, 4, 5, 6}),
    ("la seconda inquadratura è troppo scura", {2}),
    ("rifai il finale", {6}),
    ("cambia la scena 3", {3}),
    ("le inquadrature dal 2 al 4 più luminose", {2, 3, 4}),
    ("dal 2 al 4", {2, 3, 4}),
    ("dal 2 al 4 più luminose", {2, 3, 4}),
    ("la seconda è troppo scura, la quarta più calda", {2, 4}),
    ("scene 1 e 4: più luce", {1, 4}),
    ("le prime due scene più lente", {1, 2}),
    ("l'ultima scena deve essere di notte", {6}),
    ("la penultima inquadratura senza persone", {5}),
    ("l'inizio è noioso", {1}),
    ("la terza e la quinta inquadratura", {3, 5}),
    ("tutte tranne la seconda inquadratura", {1, 3, 4, 5, 6}),
    ("la scena finale con il mare", {6}),
    ("non toccare la prima scena, il resto più caldo", {2, 3, 4, 5, 6}),
    ("inquadratura n. 5 dall'alto", {5}),
    ("2ª scena più vicina", {2}),
    ("la segunda toma está oscura", {2}),
    ("cambia el final", {6}),
    ("las tomas 2 y 4 más luminosas", {2, 4}),
    ("las dos últimas escenas de noche", {5, 6}),
    ("de la escena 2 a la 4 más luz", {2, 3, 4}),
    ("el principio es lento", {1}),
    ("la última escena con el mar", {6}),
    ("die letzte Szene ist zu dunkel", {6}),
    ("Szene 2 bitte heller", {2}),
    ("die zweite und dritte Einstellung", {2, 3}),
    ("Szenen 2 bis 4 wärmer", {2, 3, 4}),
    ("der Anfang ist langweilig", {1}),
    ("das Ende mit mehr Himmel", {6}),
    ("die 3. Szene ohne Menschen", {3}),
    ("die letzten zwei Szenen bei Nacht", {5, 6}),
    ("alle außer der ersten Szene", {2, 3, 4, 5, 6}),
    ("die Schlussszene ruhiger", {6}),
    ("le deuxième plan est trop sombre", {2}),
    ("les plans 2 à 4 plus lumineux", {2, 3, 4}),
    ("la dernière scène avec la mer", {6}),
    ("change la fin", {6}),
    ("le début est lent", {1}),
    ("les deux dernières scènes de nuit", {5, 6}),
    ("le 3ème plan sans personne", {3}),
    ("tout sauf la première scène", {2, 3, 4, 5, 6}),
    ("l'avant-dernière scène", {5}),
]
UNNAMED = [
    "more close-ups", "più primi piani", "más primeros planos", "un primer plano de las manos", "plus de gros plans",
    "le sujet au premier plan", "mehr Nahaufnahmen", "make it again from the beginning", "rifai tutto dall'inizio",
    "each shot 5 seconds", "ogni scena 10 secondi", "la scena un po' più scura", "make 2 shots of it",
    "2-4 people at the table", "from 2 to 4 people at the table", "la prima persona più vicina", "like the first time",
    "la prima volta era meglio", "shot 9 is dark",
    "in the last 5 seconds more light",
    "come l'ultima volta",
    "la scena prima del tramonto", "wärmer bis zum Ende", "le plan un peu plus sombre", "", "più luce", "50 % darker",
]


@pytest.mark.parametrize(("feedback", "shots"), NAMED, ids=[words for words, _ in NAMED])
def test_a_wording_names_its_shots(feedback: str, shots: set[int]) -> None:
    assert named_shots(feedback, 6) == shots


@pytest.mark.parametrize("feedback", UNNAMED)
def test_a_wording_that_names_no_shot_names_none(feedback: str) -> None:
    assert named_shots(feedback, 6) == frozenset()


def test_the_ending_of_a_film_of_one_shot_is_that_shot() -> None:
    assert named_shots("il finale", 1) == {1}
    assert named_shots("the last shot", 2) == {2}


def test_a_word_that_stands_in_some_shots_only_singles_them_out() -> None:
    texts = ["a dark street, one window", "flour on a wooden board", "an old woman folds dough", "loaves under linen"]
    assert shots_with(distinct_words("the woman should be younger"), texts) == {3}
    assert shots_with(distinct_words("more windows and more loaf"), texts) == {1}
    assert shots_with(distinct_words("rounder loaves"), texts) == {4}


def test_a_word_that_stands_in_every_shot_singles_none_out() -> None:
    texts = ["bread on a board", "bread in the oven", "bread on the table"]
    assert shots_with(distinct_words("the bread is burnt"), texts) == frozenset()
    assert shots_with(distinct_words("board, oven, table"), texts) == frozenset()


@pytest.mark.parametrize("feedback", ["più primi piani", "more light please", "mehr Licht", "plus sombre", "más luz",
                                      "più luce", "più dinamico e con meno parole"])
def test_words_of_the_craft_single_nothing_out(feedback: str) -> None:
    assert distinct_words(feedback) == frozenset()

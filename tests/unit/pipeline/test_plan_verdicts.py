"""Praise is no order: which shots a feedback wants changed where it also says which are good, models, or the rest."""

from __future__ import annotations

import time

import pytest

from aida_orchestrator.pipeline.whole_film import speaks_of_whole
from aida_orchestrator.pipeline.wording import named_shots

# Each of a film of six shots.
CASES: list[tuple[str, set[int]]] = [
    ("Il finale va benissimo, il resto più luminoso", {1, 2, 3, 4, 5}),
    ("La seconda inquadratura mi piace molto, la terza no", {3}), ("shot 2 is great, but shot 3 is too dark", {3}),
    ("die erste Szene ist super, die zweite zu dunkel", {2}), ("second shot should match the first", {2}),
    ("make shot 2 like shot 1", {2}), ("#2 warmer", {2}), ("cambia solo la numero 3", {3}),
    ("Mi piace la 2, cambia la 3", {3}), ("change the third one", {3}), ("shot 2 is great but a bit too dark", {2}),
    ("La seconda è bella ma troppo scura", {2}), ("I don't like shot 2", {2}), ("non mi piace la 2", {2}),
    ("Mi piace la 2. Cambia la 3.", {3}), ("I love shot 2 and shot 3 is too dark", {3}),
    ("I love shot 2 and change shot 3", {3}), ("I love the first and the last shot", {2, 3, 4, 5}),
    ("the ending is perfect, everything else warmer", {1, 2, 3, 4, 5}), ("I like shot 2 darker", {2}),
    ("I'd like shot 2 warmer", {2}), ("I love everything except shot 3", {3}), ("Mi piace tutto, tranne la terza", {3}),
    ("everything is great except the ending", {6}), ("keep everything except shot 2", {2}), ("shot 3 come la 2", {3}),
    ("la terza come la seconda, più calda", {3}), ("Szene 3 wie Szene 1", {3}),
    ("die zweite Szene gefällt mir nicht", {2}), ("die zweite Szene gefällt mir, die dritte ist zu dunkel", {3}),
    ("Szene 2 finde ich toll, der Rest zu hell", {1, 3, 4, 5, 6}), ("Nummer 4 bitte heller", {4}),
    ("me gusta la segunda toma, la tercera no", {3}), ("no me gusta la toma 2", {2}), ("la toma 2 como la 1", {2}),
    ("el final está bien, lo demás más oscuro", {1, 2, 3, 4, 5}),
    ("el final es genial, los demás más claros", {1, 2, 3, 4, 5}), ("j'aime le plan 2, change le 3", {3}),
    ("je n'aime pas le plan 2", {2}), ("le plan 2 est parfait, les autres plus lumineux", {1, 3, 4, 5, 6}),
    ("le plan 3 comme le plan 1", {3}), ("gosto da cena 2, mude a 3", {3}), ("não gosto da cena 2", {2}),
    ("a cena 2 é ótima, o resto mais claro", {1, 3, 4, 5, 6}), ("a terceira cena está escura", {3}),
    ("o final é perfeito, a segunda cena mais clara", {2}), ("the rest is fine, shot 2 darker", {2}),
    ("keep the rest, change shot 2", {2}), ("shots 1 and 2 are lovely, make the others brighter", {3, 4, 5, 6}),
    ("shot 2 is too dark, shot 3 too", {2, 3}), ("la 2 va bene, la 3 anche, la 4 più calda", {4}),
    ("numero 5 senza persone", {5}), ("le altre più luminose, la prima è perfetta", {2, 3, 4, 5, 6}),
    ("the same light as in shot 1 for shot 4", {4}), ("shot 2 should be perfect", {2}),
    ("make shot 2 more beautiful", {2}), ("shot 2 is darker than shot 1", {2}),
    ("more light in shot 3, like in the first shot", {3}), ("la seconda più scura della prima", {2}),
    ("#2 and #4 without people", {2, 4}), ("#3 is great, #4 is not", {4}), ("nur Szene 2, nicht Szene 3", {2}),
    ("Szene 2 nicht ändern, Szene 3 heller", {3}), ("shot 2 stays as it is, shot 3 at night", {3}),
    ("la 2 e la 3 più luminose", {2, 3}), ("la 2 è perfetta, la 3 no", {3}),
    ("the first shot is good, just a bit too slow", {1}), ("Shot 2: perfect. Shot 3: too dark.", {3}),
    ("shot 2 darker and the rest brighter", {1, 2, 3, 4, 5, 6}),
    ("Nella seconda inquadratura il piatto è troppo scuro", {2}),
    ("the second one is fine, the fourth one is boring", {4}), ("keep shot 2 and make the rest warmer", {1, 3, 4, 5, 6}),
    ("in shot 3 2 seconds more", {3}), ("what a great ending, but the beginning drags", {1}),
    ("all the other shots should look like shot 2", {1, 3, 4, 5, 6}),
    ("tutte le altre come la seconda", {1, 3, 4, 5, 6}), ("make everything like shot 1", {2, 3, 4, 5, 6}),
    ("la 2 non va bene", {2}), ("La 3 non mi convince", {3}), ("Il finale non mi piace", {6}),
    ("shot 2 isn't good", {2}), ("Shot 4 is not bad, shot 5 is dull", {5}), ("adoro la 2, la 4 più lenta", {4}),
    ("J'adore la fin, le début est trop lent", {1}), ("Mi piace come inizia, cambia la scena 3", {3}),
    ("swap the colours of shot 2", {2}), ("das Ende ist perfekt, alles andere heller", {1, 2, 3, 4, 5}),
    ("die 3 ist zu dunkel", {3}), ("Mir gefällt Szene 1, aber Szene 2 ist langweilig", {2}),
    ("shot 2 and 3 are great, shot 4 is dull, more light there", {4}),
    ("I love the second shot, but the third one is boring", {3}),
    ("The opening is gorgeous. The second shot needs more light.", {2}), ("Shot 4 looks great, shot 5 looks flat", {5}),
    ("I really like how shot 1 looks, do the same for shot 2", {2}),
    ("shots 1-3 are perfect, shot 4 should be warmer", {4}),
    ("leave shots 1 and 2 as they are, everything else at night", {3, 4, 5, 6}),
    ("the last shot is super, make the first one shorter", {1}), ("make the third shot match the second", {3}),
    ("shot 5 should look more like shot 6", {5}), ("Number 2 is too slow", {2}), ("Only shot 3 needs work", {3}),
    ("La prima inquadratura è bellissima, la seconda va rifatta", {2}), ("La prima è perfetta, la quarta è noiosa", {4}),
    ("Non mi piace la terza", {3}), ("La terza non mi piace, le altre sì", {3}),
    ("La terza non mi piace, le altre vanno bene", {3}), ("mi piacciono la prima e la seconda, rifai la terza", {3}),
    ("la scena 2 come la scena 1", {2}), ("tieni la 1 e la 2, il resto di notte", {3, 4, 5, 6}),
    ("il finale mi piace tantissimo, l'inizio meno", {1}),
    ("L'inizio è perfetto così, le altre scene più calde", {2, 3, 4, 5, 6}),
    ("Bellissima la prima scena! La seconda un po' più luminosa", {2}),
    ("Die erste Einstellung ist perfekt, die anderen sind zu dunkel", {2, 3, 4, 5, 6}),
    ("Die letzte Szene ist toll, aber die zweite ist langweilig", {2}),
    ("Szene 1 gefällt mir sehr gut, Szene 2 gar nicht", {2}), ("Ich mag die erste Szene nicht", {1}),
    ("Szene 4 soll wie Szene 2 aussehen", {4}), ("Nr. 3 ist zu hell", {3}),
    ("der Schluss ist genial, der Rest zu langsam", {1, 2, 3, 4, 5}), ("Alles gut, nur Szene 3 ist zu dunkel", {3}),
    ("Bis auf Szene 3 ist alles super", {3}), ("La primera escena me encanta, la segunda es aburrida", {2}),
    ("La toma 3 está perfecta, cambia la 4", {4}), ("no me gusta el final", {6}),
    ("el principio es genial, los demás planos más oscuros", {2, 3, 4, 5, 6}),
    ("la segunda escena como la primera", {2}), ("la nº 3 con menos gente", {3}), ("todo bien menos la toma 2", {2}),
    ("Le premier plan est superbe, le deuxième trop sombre", {2}), ("J'adore le plan 1, refais le plan 2", {2}),
    ("le dernier plan ne me plaît pas", {6}), ("le plan 2 comme le premier", {2}),
    ("La fin est parfaite, le reste plus lumineux", {1, 2, 3, 4, 5}), ("tout est bien sauf le plan 3", {3}),
    ("le numéro 3 plus clair", {3}), ("Adoro a primeira cena, a segunda está muito escura", {2}),
    ("A última cena é linda, as outras mais claras", {1, 2, 3, 4, 5}), ("a cena 3 como a cena 1", {3}),
    ("não gosto do final", {6}), ("mude só a cena 4", {4}), ("o início está bom, o fim não", {6}),
    ("shot 2: love it. shot 3: hate it.", {3}), ("Shot 2 good, shot 3 bad", {3}),
    ("I like shots 1, 2 and 4; redo 3", {3}), ("don't change shot 1, but shot 2 should be brighter", {2}),
    ("Nice! But shot 3 is blurry.", {3}), ("Die 2 und 3 sind super, die 4 ist zu dunkel", {4}),
    ("la luce della seconda inquadratura è perfetta, usala anche nella terza", {3}),
    ("la terza inquadratura deve avere la luce della prima", {3}), ("use the light of shot 1 in shot 3", {3}),
    ("the first shot is great but the second isn't", {2}),
    ("Shot 1 is too dark and shot 2 is too bright, the rest is great", {1, 2}),
    ("all perfect, only the second shot is too dark", {2}),
    ("all the shots are great, but the last one is too dark", {6}), ("tutto perfetto, solo la 3 è scura", {3}),
    ("shot 2 is great", {1, 3, 4, 5, 6}), ("la 2a scena è bella, la 3a no", {3}),
    ("The last shot is perfect. In shot 2 I would like more light", {2}),
    ("I like the first scene a lot; the second one should be at night", {2}), ("Please make only #4 brighter", {4}),
    ("keep #1 and #2, redo the others", {3, 4, 5, 6}), ("I don't love the third shot", {3}),
    ("Shot 3 doesn't work", {3}), ("Shot 3 works, shot 4 doesn't", {4}),
    ("Shot 3 is so good! Can shot 4 be like it?", {4}), ("shot 2 should be as bright as shot 5", {2}),
    ("the fifth shot is too similar to the fourth", {5}), ("Everything after shot 3 is too dark", {3}),
    ("the bread in shot 2 is burnt, it looks great in shot 3", {2}), ("Shot 1 fine, shot 2 fine, shot 3 too slow", {3}),
    ("shot 1 and 3 are beautiful. 2 needs a warmer tone", {2, 4, 5, 6}), ("Make the ending like the beginning", {6}),
    ("Can the second shot match the mood of the first shot?", {2}), ("La scena 4 è noiosa ma la 5 è bella", {4}),
    ("la prima va bene ma la seconda no", {2}), ("va bene la prima, la seconda no", {2}),
    ("Le prime due scene sono perfette, la terza va cambiata", {3}),
    ("ottima la prima scena, la seconda la rifarei di notte", {2}),
    ("nella terza vorrei la stessa luce della prima", {3}), ("vorrei che la seconda fosse come la prima", {2}),
    ("la seconda scena non è bella come la prima", {2}), ("mi piacerebbe la seconda scena più calda", {2}),
    ("tutte le altre mi piacciono, solo la seconda è scura", {2}), ("la numero 2 mi piace, la numero 4 no", {4}),
    ("lascia stare la 1, rifai la 2", {2}), ("La 1 e la 2 ok, la 3 troppo buia", {3}),
    ("Szene 2 ist gut, Szene 3 auch, nur Szene 4 ist zu dunkel", {4}),
    ("Die erste ist perfekt, die zweite gefällt mir nicht", {2}),
    ("Lass die erste Szene so, mach die zweite heller", {2}), ("die zweite Szene soll so hell wie die erste sein", {2}),
    ("Szene 3 heller als Szene 2", {3}), ("Am Anfang alles super, das Ende ist zu lang", {6}),
    ("die Nummer 3 ist zu dunkel", {3}), ("la primera está genial, la tercera más oscura", {3}),
    ("la toma 2 igual que la toma 1", {2}), ("me gustan la 1 y la 3, cambia la 2", {2}),
    ("quiero que la segunda escena sea como la primera", {2}), ("el resto está bien, cambia solo la toma 4", {4}),
    ("La première scène est très bien, la deuxième est trop longue", {2}),
    ("le deuxième plan devrait ressembler au premier", {2}), ("garde le plan 1, les autres de nuit", {2, 3, 4, 5, 6}),
    ("Le début me plaît beaucoup, la fin non", {6}), ("le plan 2 n'est pas bien", {2}),
    ("Gostei da primeira cena, a segunda não", {2}), ("a segunda cena deve ser como a primeira", {2}),
    ("mantenha a cena 1, o resto à noite", {2, 3, 4, 5, 6}), ("a número 3 mais clara", {3}),
    ("quero a cena 2 mais escura", {2}), ("shot 4: great. Others: too dark", {1, 2, 3, 5, 6}),
    ("2nd shot is good, 3rd not so much", {3}), ("Second is great, third is too dark", {3}),
    ("shots two and three are fine", {1, 4, 5, 6}), ("shot 2 is nice and bright, make shot 3 the same", {3}),
    ("I want shot 2 to be like the one before", {2}), ("me gusta la toma 1, la 4 de noche", {4}),
    ("mi piace la 1, la 4 di notte", {4}), ("the first one from above, the others are fine", {1}),
    ("die 3 bei Nacht", {3}),
]
NO_SHOTS = [
    "la maglia numero 7", "a shirt with the number 3", "2 persone al tavolo", "alle 3 del pomeriggio",
    "no 2 people alike", "nobody, no one at the table", "il 20 % più scuro", "nel 2024", "les 2 sont trop sombres",
    "die 3 Personen am Tisch", "the other people", "gli altri personaggi", "die anderen Kinder sollen lachen",
    "il 3 maggio", "il resto del pane", "am 2. Mai", "3 secondi in più", "like the first time", "I love it, more light",
    "mi piace molto, ma più luce", "Mi piace!", "I like it, but warmer", "the first 3 seconds are too slow",
    "make it like the last one", "the first half is great, the second half too slow", "the second person from the left",
    "2 shots of bread", "in 2026", "ich mag es, aber mehr Licht", "perfetto!", "el 2 de mayo",
    "j'aime beaucoup, plus de lumière",
]
SOME_SHOTS = [
    "Nella seconda inquadratura il piatto è troppo scuro", "everything except shot 2 darker",
    "Il finale va benissimo, tutto il resto più luminoso", "la seconda scena è tutta scura",
    "togli le persone dalla seconda inquadratura", "shot 2 in the style of Hopper", "tutte tranne la prima più scure",
    "keep shot 2, everything else at night", "le plan 2 est tout sombre", "alle anderen Szenen heller",
    "tutte le altre scene più calde", "everything in shot 2 is too dark", "all the other shots brighter, shot 2 is fine",
    "las demás tomas más claras, la 2 es perfecta", "todo bien menos la toma 2", "tutto perfetto tranne la terza",
    "Mi piace tutto, ma la scena 3 è scura", "I love everything but shot 3",
]
WHOLE = [
    "shot 2 is darker, and the whole film in black and white", "cambia la voce nella scena 2",
    "the text in shot 2 is wrong", "shot 2 warmer, and make it 30 seconds", "shot 2 warmer and vertical format",
    "remove shot 2", "add a shot after shot 2", "change shot 2 and use another style", "elimina la terza scena",
    "Szene 2 ist dunkel, und der ganze Film soll langsamer sein", "la storia è debole nella scena 3",
]


@pytest.mark.parametrize(("feedback", "shots"), CASES, ids=[words for words, _ in CASES])
def test_only_what_is_found_wanting_is_named(feedback: str, shots: set[int]) -> None:
    assert named_shots(feedback, 6) == shots


@pytest.mark.parametrize("feedback", NO_SHOTS)
def test_other_numbers_and_other_praise_name_no_shot(feedback: str) -> None:
    assert named_shots(feedback, 6) == frozenset()


@pytest.mark.parametrize("feedback", SOME_SHOTS)
def test_what_is_said_of_some_shots_is_not_said_of_the_film(feedback: str) -> None:
    assert not speaks_of_whole(feedback)


@pytest.mark.parametrize("feedback", WHOLE)
def test_story_words_length_format_order_and_style_are_the_films(feedback: str) -> None:
    assert speaks_of_whole(feedback)


@pytest.mark.parametrize("words", [
    "la ", "like ", "shot 2 is ", "very ", ", ", "i like ", "keep the ", "la 2 e ", "piu ", "more than ", "a b ", "in the ",
    "the others ", "as ", "have a b "])
def test_no_wording_takes_long_to_read(words: str) -> None:
    began = time.process_time()
    named_shots(words * (2000 // len(words)), 6)
    speaks_of_whole(words * (2000 // len(words)))
    assert time.process_time() - began < 1

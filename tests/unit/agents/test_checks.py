"""What is found in scripts and boards, what is not, and that code mends the rest without touching what is paid for."""

from __future__ import annotations

import pytest

from aida_orchestrator.agents.banned import banned_in, clean_picture, wants_lettering
from aida_orchestrator.agents.camera import framing, move, moved_otherwise, reframed
from aida_orchestrator.agents.checks import check_leak, check_script, check_storyboard, check_words, is_unusable
from aida_orchestrator.agents.director import picture_prompt
from aida_orchestrator.agents.language import clear_language, is_plainly_not
from aida_orchestrator.agents.locks import locked_looks, locked_names
from aida_orchestrator.agents.mending import mend_script, mend_storyboard
from aida_orchestrator.agents.prompts import read
from aida_orchestrator.agents.text import plain_words, prompt_words, without_contacts
from aida_orchestrator.model import Beat, Script, Shot, Storyboard, Style

from .works import LOOK, brief, script

FRAMES = ("wide establishing shot", "medium shot at eye level", "extreme close-up", "low angle view", "overhead view",
          "wide shot")
MOVES = ("slow push-in", "static camera", "gentle pan to the right", "slow tilt up", "slow orbit to the left",
         "slow pull-back")
LENGTHS = (5, 10)


def board(*changes: tuple[int, dict], shots: int = 6) -> Storyboard:
    """A board without fault, but for these changes of shots, by number."""
    made = [Shot(number=n, beat=n, picture_prompt=f"{FRAMES[n - 1]}, a hand kneads dough on wood, thing {n}",
                 motion_prompt=f"{MOVES[n - 1]}, flour drifts", seconds=5) for n in range(1, shots + 1)]
    for number, change in changes:
        made[number - 1] = made[number - 1].model_copy(update=change)
    return Storyboard(style=LOOK, shots=tuple(made))


def codes(made: Storyboard, of=None, former: tuple[Shot, ...] = ()) -> list[tuple[str, int]]:
    return [(one.code, one.where) for one in check_storyboard(made, of or brief(), script(), lengths=LENGTHS, former=former)]


def picture(words: str) -> dict[str, str]:
    return {"picture_prompt": words}


def test_a_good_board_has_no_findings() -> None:
    assert codes(board()) == []


def test_a_beat_without_a_shot_is_found_and_shown() -> None:
    bad = board((3, {"beat": 2}), (5, {"beat": 4}))
    assert codes(bad) == [("uncovered", 3), ("uncovered", 5)]
    mended = mend_storyboard(bad, brief(), script(), lengths=LENGTHS)
    assert [shot.beat for shot in mended.shots] == [1, 2, 3, 4, 5, 6]
    assert [shot.number for shot in mended.shots] == [1, 2, 3, 4, 5, 6]
    assert mended.seconds == 30


@pytest.mark.parametrize(("words", "code"), [
    ("wide shot, una donna che guarda il mare con una mano sul muro della casa", "not_english"),
    ("close-up, a naked man on a bed", "banned"), ("close-up, Giorgia Meloni smiling at a market", "banned"),
    ("wide shot, a child on a beach in a bikini, seductive pose", "banned"),
    ("wide shot, a shop with a sign that says OPEN", "lettering"), ("wide shot, a street, no text", "lettering"),
])
def test_pictures_that_would_be_wrong_or_refused_are_found(words: str, code: str) -> None:
    assert codes(board((6, picture(words)))) == [(code, 6)]


@pytest.mark.parametrize("words", [
    "wide shot, naked brick wall, text-free label, children playing",
    "close-up, Piazza del Duomo di Milano e la Scala at dusk",
    "wide shot, il Forno della Nonna bakery by the sea in winter light", "wide shot, a texture of wool, a logogram",
])
def test_names_and_harmless_words_are_not(words: str) -> None:
    assert codes(board((6, picture(words)))) == []


def test_neighbours_that_look_or_move_alike_are_found_and_told_apart() -> None:
    bad = board((2, picture("wide establishing shot, a table")), (4, {"motion_prompt": "gentle pan to the right, steam"}))
    assert codes(bad) == [("same_framing", 2), ("same_move", 4)]
    mended = mend_storyboard(bad, brief(), script(), lengths=LENGTHS)
    assert codes(mended) == []
    assert mended.shots[1].picture_prompt.endswith("a table")
    assert mended.shots[3].motion_prompt.endswith("steam")


def test_two_framings_in_turn_are_too_few_for_six_shots() -> None:
    bad = board(*[(n, picture(f"{FRAMES[n % 2]}, thing {n}")) for n in range(1, 7)])
    assert codes(bad) == [("few_framings", 0)]
    assert codes(mend_storyboard(bad, brief(), script(), lengths=LENGTHS)) == []


def test_a_shot_that_is_paid_for_is_neither_judged_nor_changed() -> None:
    bad = board((2, picture("wide shot, una donna che guarda il mare con una mano sul muro")),
                (3, picture("wide shot, no text")))
    assert codes(bad, former=bad.shots) == []
    assert mend_storyboard(bad, brief(), script(), lengths=LENGTHS, former=bad.shots) == bad


@pytest.mark.parametrize(("intent", "words"), [
    ("Una donna con un cappotto rosso attraversa Torino.", "red coat"), ("A boy on his yellow bicycle.", "yellow bicycle"),
    ("Ein Mann mit einem grünen Hut.", "green hat"), ("Una mujer con un vestido azul.", "blue dress"),
    ("Une femme en robe blanche.", "white dress"), ("Um homem de casaco preto.", "black coat"),
])
def test_colours_of_things_are_locked_in_six_languages(intent: str, words: str) -> None:
    assert [look.words for look in locked_looks(brief(intent=intent))] == [words]


@pytest.mark.parametrize("intent", [
    "Una donna cammina.", "Senza cappotto rosso.", "Un cappotto rosso e un cappotto blu.", "Not a red car.", "Il Mar Rosso.",
])
def test_what_is_unclear_or_unwanted_is_not_locked(intent: str) -> None:
    assert locked_looks(brief(intent=intent)) == ()


def test_a_locked_look_must_stand_wherever_its_wearer_is_seen() -> None:
    of = brief(intent="Una donna con un cappotto rosso attraversa Torino.")
    bad = board((1, picture("wide shot, woman in a long red woollen coat on a bridge")),
                (2, picture("medium shot, the woman smiles")), (3, picture("extreme close-up, a coat sleeve on a rail")))
    assert codes(bad, of) == [("lock", 2), ("lock", 3)]
    mended = mend_storyboard(bad, of, script(), lengths=LENGTHS)
    assert [("red coat" in shot.picture_prompt) for shot in mended.shots[1:4]] == [True, True, False]
    assert codes(mended, of) == []


def test_a_name_of_the_brief_stays_in_the_pictures_of_beats_that_say_it() -> None:
    of = brief(intent="Il forno si chiama Forno Lucia.")
    told = script(beats=(Beat(words="", picture="la porta di Forno Lucia", seconds=5), *script().beats[1:]))
    found = check_storyboard(board(), of, told, lengths=LENGTHS)
    assert [(one.code, one.where) for one in found] == [("lock", 1)]
    assert "Forno Lucia" in mend_storyboard(board(), of, told, lengths=LENGTHS).shots[0].picture_prompt


@pytest.mark.parametrize(("text", "names"), [
    ("A bakery called Forno Lucia opens.", ("Forno Lucia",)), ("Le scarpe «Aurora Run».", ("Aurora Run",)),
    ("Lei dice «vai piano» a tutti.", ()), ("Il nome non è «Aurora».", ()), ("Napoli e il Vesuvio.", ()),
])
def test_only_plain_names_are_locked(text: str, names: tuple[str, ...]) -> None:
    assert locked_names(brief(intent=text, constraints=())) == names


def test_style_stands_in_every_picture_and_lengths_add_up_whatever_was_mended() -> None:
    bad = board((2, {"beat": 1}), (4, picture("wide shot, a naked man")))
    mended = mend_storyboard(bad, brief(), script(), lengths=LENGTHS)
    assert all(picture_prompt(shot, mended.style).endswith(LOOK.words) for shot in mended.shots)
    assert mended.seconds == 30


def test_style_words_are_checked_too() -> None:
    assert [one.code for one in check_words("luce calda della sera, con i colori del mare e la grana di una pellicola")] == [
        "not_english"]
    assert [one.code for one in check_words("erotic photograph, with captions")] == ["banned", "lettering"]
    assert check_words("cinematic 35mm photograph, golden hour") == []
    bad = Storyboard(style=Style(words="erotic photograph, soft light"), shots=board().shots)
    assert mend_storyboard(bad, brief(), script()).style.words == "soft light"


def told(*words: str, picture: str = "a door") -> Script:
    return Script(title="Il pane", logline="", beats=tuple(Beat(words=line, picture=picture, seconds=5) for line in words))


def test_narration_in_another_language_is_found_and_stays_if_it_is_given_again() -> None:
    english = told("This is the bread that we make for you", "and it is on the table in the morning")
    found = check_script(english, brief())
    assert [one.code for one in found] == ["language"]
    assert not is_unusable(found, 2)
    assert check_script(english, brief(language="en")) == []


@pytest.mark.parametrize(("words", "language"), [
    ("Forno Lucia.", "it"), ("Just do it.", "it"), ("Made in Italy, con amore.", "it"),
    ("Alle quattro la città dorme ancora.", "it"),
    ("El pan de la abuela con su nieto.", "pt"), ("Brød og smør til alle", "da"), ("", "ja"), ("Tokyo", "ja"),
])
def test_short_texts_names_and_unknown_languages_are_no_clear_case(words: str, language: str) -> None:
    assert not is_plainly_not(words, language) or language == "pt"


def test_languages_with_a_script_of_their_own_are_known_by_it() -> None:
    assert clear_language("朝のパンはまだ温かいうちに食べるのがいちばんです") == "ja"
    assert is_plainly_not("The bread is best when it is still warm in the morning", "ja")
    assert not is_plainly_not("朝のパンはまだ温かい。Forno Lucia.", "ja")


def test_names_the_client_gave_are_said_once() -> None:
    of = brief(intent="Una panetteria chiamata Forno Lucia.")
    silent = told("Alle quattro.", "Il pane.")
    assert [one.code for one in check_script(silent, of)] == ["name_missing"]
    assert mend_script(silent, of).beats[-1].words == "Il pane. Forno Lucia."
    assert check_script(told("Forno Lucia."), of) == []


def test_banned_phrases_leave_a_script_and_politicians_may_be_spoken_of() -> None:
    bad = told("Era il 1990.", picture="a decapitated king, snow on a square")
    assert [one.code for one in check_script(bad, brief())] == ["banned"]
    assert mend_script(bad, brief()).beats[0].picture == "snow on a square"
    assert check_script(told("Come diceva Obama."), brief()) == []


def test_instructions_are_recognised_in_an_answer_and_craft_is_not() -> None:
    assert check_leak(f"Titolo {' '.join(read('writer').split()[20:40])}", read("writer"))
    assert check_leak(" ".join(read("director").split()[-30:]), f"{read('director')} {read('rules')}")
    shot = "old woman with a long grey braid and a blue apron folding a large piece of dough on a floured dark wooden board"
    assert not check_leak(f"medium close-up from the side, {shot}", read("director"))


@pytest.mark.parametrize(("text", "left"), [
    ("Vai su https://evil.example/x?q=1 adesso", "Vai su adesso"),
    ("scrivi a a.b+c@evil.example, subito", "scrivi a, subito"),
    ("call +39 06 1234 5678 now", "call now"), ("see evil.example/path or 10.0.0.1:80/x", "see or"),
    ("javascript:alert(1) ok", "ok"), ("Nel 2026, il 24.12.2026 alle 8.30: 1.500 euro", None), ("St. John e il n. 5", None),
    ("Tre.Due.Uno", None), ("25 000 000 di persone", None), ("e.g. this", None),
])
def test_ways_to_reach_somebody_are_taken_out_and_numbers_stay(text: str, left: str | None) -> None:
    assert without_contacts(text) == (text if left is None else left)
    assert plain_words(text, 200) == (text if left is None else left)


def test_spoken_dashes_stay_and_parameters_go() -> None:
    assert plain_words("Disse —vai— e poi tacque --ar 1:1", 200) == "Disse —vai— e poi tacque"
    assert "evil" not in prompt_words("the sea evil.example by night", 100)


def test_framings_and_moves_are_read_from_words() -> None:
    assert framing("extreme close-up, low angle, a hand") == ("detail", "low")
    assert framing("a hand in the morning") == (None, None)
    other = reframed("close-up from above, a hand", "wide shot, a sea", "medium shot at eye level, a man")
    assert (framing(other), other) == (("close", None), "close-up, a hand")
    assert move("static camera; she lifts the lid") == "static"
    assert move("steam rises") is None
    assert move(moved_otherwise("slow push-in, steam", "static camera", "slow push-in")) not in ("push", "static", None)


def test_a_picture_of_nothing_but_banned_words_becomes_something_harmless() -> None:
    assert banned_in("a pool of blood") == "gore"
    for words in ("naked", "wide shot, naked man", "wide shot, a logo"):
        cleaned = clean_picture(words)
        assert len(cleaned.split()) > 3
        assert not banned_in(cleaned)
        assert not wants_lettering(cleaned)

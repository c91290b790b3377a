"""What the agents answer is looked at before anything is bought: one repair, then code, then the template."""

from __future__ import annotations

from typing import Any

from ..harness import Sandbox, Service
from .looking import no_pictures, roles
from .test_hostile_text import drawn, says

MESSAGE = "Voglio un video di 10 secondi sul gelato"


def board(*pictures: str, beats: tuple[int, int] = (1, 2)) -> dict[str, Any]:
    """A storyboard of two shots as Claude may answer it."""
    moves = ("slow push-in", "static camera")
    return {"style_words": "soft daylight photograph", "shots": [
        {"beat": beat, "picture_prompt": picture, "motion_prompt": move, "seconds": 5}
        for beat, picture, move in zip(beats, pictures, moves, strict=True)]}


def ordered(sandbox: Sandbox) -> str:
    """The words of all pictures that were bought."""
    return " | ".join(str(line["request"]["prompt"]) for line in sandbox.sold("kie"))


def test_a_board_with_faults_is_given_back_once_and_the_better_one_is_drawn(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    says(sandbox, "shots", board("wide shot, a cone", "wide shot, a sign that says GELATO", beats=(1, 1)))
    status = drawn(shared, sandbox, shared.create(MESSAGE)["taskId"])
    assert roles(sandbox)[-3:] == ["writer", "director", "director"]
    remark = sandbox.sold("anthropic")[-1]["request"]["messages"][-1]["content"][0]["text"]
    for fault in ("beat 2 has no shot", "asks for words", "same distance and angle"):
        assert fault in remark
    assert status["degraded"] == []
    assert {shot["beat"] for shot in status["shots"]} == {1, 2}
    assert "says" not in ordered(sandbox)


def test_two_boards_that_cannot_be_mended_end_in_the_template(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    bad = "una coppa di gelato con la panna che si scioglie al sole della piazza, e una bambina che la guarda"
    says(sandbox, "shots", board(bad, f"{bad} da lontano"), times=2)
    status = drawn(shared, sandbox, shared.create(MESSAGE)["taskId"])
    (said,) = status["degraded"]
    assert (said["stage"], "3 frames" in said["what"], "not_english" in said["reason"]) == ("storyboard", True, True)
    assert roles(sandbox).count("director") == 2
    assert "panna" not in ordered(sandbox)


def test_what_code_can_mend_is_bought_mended(shared: Service, sandbox: Sandbox) -> None:
    no_pictures(sandbox)
    says(sandbox, "shots", board("wide shot, a gelato cart by the sea, blood-soaked floor, a logo on it",
                                 "close-up, gelato melting in a glass cup"), times=2)
    status = drawn(shared, sandbox, shared.create(MESSAGE)["taskId"])
    assert status["degraded"] == []
    assert "a gelato cart by the sea" in ordered(sandbox)
    assert "blood" not in ordered(sandbox)
    assert "logo" not in ordered(sandbox)

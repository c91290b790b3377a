"""What makes two paid requests the same: exactly what would be sent, the picture's content, and the take."""

from __future__ import annotations

from pathlib import Path

import pytest

from aida_orchestrator.jobs import Desk, Wanted, Woken, clip, picture
from aida_orchestrator.model import JobKind, Reference, ReferenceUse, Shot, Stage
from aida_orchestrator.settings import KLING_DEFAULT
from aida_orchestrator.store.jobs import JobRef
from tests.builders import Clock, make_services, make_storyboard

SHOT = make_storyboard(1).shots[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_services("postgresql://nowhere.invalid/none", tmp_path, Clock()).desk


def of(desk: Desk, shot: Shot = SHOT, prompt: str = "bread", ratio: str = "16:9", sref: str = "") -> Wanted:
    return picture(desk, shot, prompt, ratio, sref)


def test_the_same_picture_has_the_same_fingerprint_whatever_its_shot_is_called(desk: Desk) -> None:
    assert of(desk) == of(desk)
    assert of(desk, SHOT.model_copy(update={"number": 2, "motion_prompt": "x"})).fingerprint == of(desk).fingerprint


def test_words_ratio_reference_and_take_make_another_picture(desk: Desk) -> None:
    again = SHOT.model_copy(update={"take": 2})
    others = [of(desk, prompt="cake"), of(desk, ratio="9:16"), of(desk, sref="https://x.example/a.png"), of(desk, again)]
    assert len({wanted.fingerprint for wanted in [of(desk), *others]}) == 5


def test_what_the_provider_never_sees_makes_no_other_picture(desk: Desk) -> None:
    # Codes are not let into the prompt by default, so a style's code changes nothing of what is sent.
    assert of(desk, sref="1234567890").fingerprint == of(desk).fingerprint


def test_pictures_to_go_by_count_by_content_and_use_and_not_by_address(desk: Desk) -> None:
    def make(sha: str = "s", key: str = "a.png", use: ReferenceUse = ReferenceUse.STYLE) -> Wanted:
        return picture(desk, SHOT, "bread", "16:9", "", [Reference(file_id="f", use=use, key=key, sha256=sha)])

    assert make(key="b.png").fingerprint == make().fingerprint
    assert len({one.fingerprint for one in (of(desk), make(), make(sha="t"), make(use=ReferenceUse.SUBJECT))}) == 4
    assert make().request == {**of(desk).request, "use": "style", "picture_keys": ["a.png"]}


def test_a_clip_counts_its_picture_by_content_and_not_by_address() -> None:
    def make(key: str = "a.jpg", sha: str = "s", endpoint: str = KLING_DEFAULT, shot: Shot = SHOT) -> Wanted:
        return clip(shot, endpoint, "16:9", key, sha)

    assert make(key="b.jpg").fingerprint == make().fingerprint
    others = [make(sha="t"), make(endpoint="fal-ai/kling-video/o1/image-to-video"),
              make(shot=SHOT.model_copy(update={"motion_prompt": "x"})), make(shot=SHOT.model_copy(update={"take": 2})),
              make(shot=SHOT.model_copy(update={"seconds": 10}))]
    assert len({wanted.fingerprint for wanted in [make(), *others]}) == 6


def test_what_was_woken_adds_up() -> None:
    ref = JobRef("j", JobKind.CLIP, "t", "p", 1)
    all_of_it = Woken(rings=[("t", Stage.VIDEO)]).add(Woken(submits=[ref])).add(Woken(fetches=[ref]))
    assert (all_of_it.rings, all_of_it.submits, all_of_it.fetches) == ([("t", Stage.VIDEO)], [ref], [ref])

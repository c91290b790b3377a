"""Pictures of the client's that a film's pictures go by: one use, what was shown, the look of a film that is followed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aida_orchestrator.agents.documents import brief_json
from aida_orchestrator.agents.orchestrator import Known, make_brief, plain_brief
from aida_orchestrator.agents.references import usable
from aida_orchestrator.agents.tools import Found, Recall
from aida_orchestrator.model import Aspect, Brief, Reference, ReferenceUse, Style

from .scripted import Scripted, calls, says
from .works import brief, brief_answer, match

STYLE, SUBJECT = ReferenceUse.STYLE, ReferenceUse.SUBJECT
LOOKED = ("toolu_1", "find_user_file", {"description": "my shoe"})


def picture(name: str, use: ReferenceUse = STYLE) -> Reference:
    return Reference(file_id=f"file_{name}", use=use, key=f"file_{name}/upload-00-x.png", sha256=name * 8)


def found(*files: Found, answer: Sequence[dict[str, str]]) -> Brief:
    """The brief of a film whose agent looked for files, was shown these, and answered with those to go by."""
    ask = Scripted(calls(LOOKED), says(brief_answer(reference_files=list(answer))))
    return make_brief(ask, Recall(lambda query, limit: [], files=lambda words, kind: list(files)), "a film on my shoe").brief


def shown(name: str) -> Found:
    return Found({"fileId": f"file_{name}", "contentType": "image/png"}, picture(name))


def test_one_picture_task_takes_one_use_each_file_once_and_one_subject() -> None:
    one, two, shoe = picture("a"), picture("b"), picture("c", SUBJECT)
    assert usable([one, shoe, two, one]) == (one, two)
    assert usable([shoe, picture("d", SUBJECT), one]) == (shoe,)
    assert len(usable([picture(name) for name in "abcdefg"])) == 4
    assert usable([]) == ()


@pytest.mark.parametrize("use", [STYLE, SUBJECT])
def test_a_picture_the_agent_was_shown_is_gone_by_for_the_use_it_says(use: ReferenceUse) -> None:
    made = found(shown("shoe"), answer=[{"file_id": "file_shoe", "use": use.value}])
    assert made.references == (picture("shoe", use),)
    assert brief_json(made)["reference_picture"] == use.value


def test_a_file_that_was_not_shown_or_is_no_picture_or_has_no_such_use_is_not_gone_by() -> None:
    document = Found({"fileId": "file_brief", "contentType": "application/pdf"})
    made = found(shown("shoe"), document, answer=[
        {"file_id": "file_of_another", "use": "style"}, {"file_id": "file_brief", "use": "style"},
        {"file_id": "file_shoe", "use": "background"}])
    assert made.references == ()
    assert "reference_picture" not in brief_json(made)


def test_what_the_request_names_goes_before_what_the_agent_says() -> None:
    ask = Scripted(calls(LOOKED),
                   says(brief_answer(reference_files=[{"file_id": "file_shoe", "use": "style"}])))
    recall = Recall(lambda query, limit: [], files=lambda words, kind: [shown("shoe")])
    named = [picture("hat", SUBJECT)]
    assert make_brief(ask, recall, "my hat", known=Known(references=named)).brief.references == tuple(named)
    assert plain_brief("my hat", named=named).references == tuple(named)


@pytest.mark.parametrize(("said", "kept"), [("come l'altra volta", True), ("come l'altra volta ma in stile noir", False)])
def test_a_film_like_an_earlier_one_goes_by_the_pictures_of_its_look_but_not_by_its_subject(said: str, kept: bool) -> None:
    for use in (STYLE, SUBJECT):
        past = match(brief=brief(references=(picture("a", use),)).model_dump(mode="json", exclude={"matches"}))
        answer = brief_answer(recalled_project_id="proj_food", style_words="", style_reference="" if kept else "noir")
        recall = Recall(lambda query, limit, past=past: [past])
        made = make_brief(Scripted(says(answer)), recall, f"un video food {said}").brief
        assert bool(made.references) is (kept and use is STYLE)


@pytest.mark.parametrize(("look", "left"), [("", {STYLE, SUBJECT}), ("noir", {SUBJECT})])
def test_a_refined_film_keeps_its_pictures_but_not_those_of_another_look(look: str, left: set[ReferenceUse]) -> None:
    for use in (STYLE, SUBJECT):
        former = brief(references=(picture("a", use),))
        answer = brief_answer(style_words="", style_reference=look)
        made = make_brief(Scripted(says(answer)), Recall(lambda query, limit: []), "un video food", former_brief=former,
                          feedback="another", aspect=Aspect.ALL).brief
        assert bool(made.references) is (use in left)
    assert former.style != Style(words="")

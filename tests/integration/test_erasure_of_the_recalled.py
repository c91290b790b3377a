"""What films that stay had recalled goes with what it was recalled from: in their status, in refines and in restores."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from aida_orchestrator.memory.said import said_before
from aida_orchestrator.model import ClaudeAnswer, ClaudeRequest, Match, Stage, Task, Usage
from aida_orchestrator.pipeline import runner
from aida_orchestrator.store import projects, tasks
from tests.builders import find_task
from tests.integration.films import Compass, House
from tests.integration.test_erasure import upload
from tests.unit.agents.works import brief_answer

BLANK = {"matches": [], "note": "", "campaign": None, "preferences": [], "tools": []}
SECRET = "the secret of film A"


def context(house: House, task: Task) -> dict[str, Any]:
    """What a film's status says of what it recalled."""
    return dict(house.ask("GET", f"status/{task.id}")["context"])


def match(project: str) -> Match:
    """A hit that tells something of its film."""
    return Match(project_id=project, title=SECRET, similarity=0.9, brief={"intent": SECRET}, used=True, reason=SECRET)


def call(result: str, name: str = "search_similar_projects") -> dict[str, Any]:
    """A call of a tool, as it is kept."""
    return {"name": name, "input": {"query": "bread"}, "result": result, "is_error": False}


def follow(house: House, *seen: str, results: tuple[str, ...] = (), user: str = "u1") -> Task:
    """A finished film that was shown these projects, and was told these results."""
    task = house.finish(house.create(user=user), matches=tuple(match(project) for project in seen))
    with house.database.transaction() as tx:
        tasks.set_context(tx, task.id, Stage.CONTEXT, {
            "tools": [call(result) for result in results], "note": f"Follows the film {SECRET!r} ({', '.join(seen)}).",
            "preferences": [{"category": "tone", "value": "warm"}], "campaign": {
                "name": "Food", "guidelines": "Hands.", "projects": [{"projectId": one, "title": SECRET} for one in seen]}})
    return task


def kept_matches(house: House, project: str) -> list[str]:
    """Ids of the films in the brief that a project's next refine begins with."""
    with house.database.transaction() as tx:
        return [one["project_id"] for one in projects.find_documents(tx, project)[Stage.CONTEXT]["matches"]]


@pytest.mark.parametrize("address", ["projects/{}/memory?userId=u1", "users/u1/memory"])
def test_what_was_said_in_a_project_before_its_erasure_is_told_no_more(house: House, address: str) -> None:
    project = house.film().project_id
    house.finish(house.refine(project, "style"))
    for _ in range(2):  # an erasure that is asked for again forgets what was said since the first
        given_up = house.refine(project, "style")
        assert said_before(house.database, Compass(), given_up, 0.7) != []
        house.ask("POST", f"cancel/{given_up.id}", {}, 202)
        house.clock.advance(60)
        house.ask("DELETE", address.format(project))
        first = house.refine(project, "style")
        assert said_before(house.database, Compass(), first, 0.7) == []
        house.finish(first)
        second = house.refine(project, "style")
        assert said_before(house.database, Compass(), second, 0.7) == ["another way"]
        house.finish(second)


def test_the_films_of_an_erased_user_show_nothing_of_what_was_recalled_for_them(house: House) -> None:
    film, stranger = follow(house, "proj_a", results=(SECRET,)), follow(house, "proj_b", results=(SECRET,), user="u2")
    untouched = context(house, stranger)
    assert (len(untouched["matches"]), len(untouched["tools"])) == (1, 1)
    house.ask("DELETE", "users/u1/memory")
    assert context(house, film) == BLANK
    assert SECRET not in json.dumps(house.ask("GET", f"status/{film.id}"))
    assert context(house, stranger) == untouched


def test_other_films_show_nothing_of_the_one_that_was_forgotten_and_keep_the_rest(house: House) -> None:
    gone, other = house.film().project_id, house.film().project_id
    film = follow(house, gone, other, results=(f'{{"projects":[{{"projectId":"{gone}","title":"{SECRET}"', "bread and jam"))
    itself = house.finish(house.create(projectId=gone))
    with house.database.transaction() as tx:
        tasks.set_context(tx, itself.id, Stage.CONTEXT, {"tools": [call(SECRET)], "note": SECRET})
    house.ask("DELETE", f"projects/{gone}/memory?userId=u1")
    shown = context(house, film)
    assert [one["projectId"] for one in shown["matches"]] == [other]
    assert [one["result"] for one in shown["tools"]] == ["erased", "bread and jam"]
    assert shown["note"] == ""
    assert [one["projectId"] for one in shown["campaign"]["projects"]] == [other]
    assert (shown["campaign"]["guidelines"], len(shown["preferences"])) == ("Hands.", 1)
    assert context(house, itself) == BLANK


def test_what_a_deleted_file_told_is_shown_no_more(house: House) -> None:
    upload(house, "u1", 1)
    upload(house, "u1", 2)
    first, second = f"file_{b'u1'.hex()}_1", f"file_{b'u1'.hex()}_2"
    film = follow(house, results=(f'{{"files":[{{"fileId":"{first}","text":"{SECRET}"', f'{{"fileId":"{second}"}}'))
    house.ask("DELETE", f"files/{first}?userId=u2", expected=404)
    assert SECRET in context(house, film)["tools"][0]["result"]
    house.ask("DELETE", f"files/{first}?userId=u1")
    assert [one["result"] for one in context(house, film)["tools"]] == ["erased", f'{{"fileId":"{second}"}}']
    house.ask("DELETE", "users/u1/memory")
    assert context(house, film) == BLANK


def test_the_files_of_an_erased_project_are_shown_no_more_either(house: House) -> None:
    project = house.film().project_id
    upload(house, "u1", 1, project)
    film = follow(house, results=(f'{{"fileId":"file_{b"u1".hex()}_1","text":"{SECRET}"',))
    house.ask("DELETE", f"projects/{project}/memory?userId=u1")
    assert [one["result"] for one in context(house, film)["tools"]] == ["erased"]


@pytest.mark.parametrize("erased_before", [False, True])
def test_a_version_comes_back_without_the_films_that_were_forgotten_since(house: House, erased_before: bool) -> None:
    gone, other = house.film().project_id, house.film().project_id
    film = follow(house, gone, other, results=(f'{{"projectId":"{gone}","title":"{SECRET}"',))
    house.finish(house.refine(film.project_id, "style"), "clay")
    if erased_before:  # by a release that cleaned no film's own documents
        with house.database.transaction() as tx:
            tx.run("UPDATE projects SET forgotten_at = %(now)s WHERE id = %(id)s", now=house.clock(), id=gone)
    else:
        house.ask("DELETE", f"projects/{gone}/memory?userId=u1")
    house.clock.advance(60)
    back = house.ask("POST", f"projects/{film.project_id}/versions/1/restore", {"userId": "u1"}, 201)
    assert kept_matches(house, film.project_id) == [other]
    restored = find_task(house.database, back["taskId"])
    assert [one["projectId"] for one in context(house, restored)["matches"]] == [other]
    assert [one["result"] for one in context(house, restored)["tools"]] == ["erased"]
    house.ask("DELETE", "users/u1/memory")
    house.clock.advance(60)
    house.ask("POST", f"projects/{film.project_id}/versions/2/restore", {"userId": "u1"}, 201)
    assert kept_matches(house, film.project_id) == []


@dataclass
class Meanwhile:
    """A Claude during whose first answer something happens."""

    happens: Callable[[], object]
    model = "claude-sonnet-5-5"
    asked: list[ClaudeRequest] = field(default_factory=list)

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """The plain brief of `brief_answer`."""
        self.asked.append(request)
        if len(self.asked) == 1:
            self.happens()
        return ClaudeAnswer(({"type": "text", "text": json.dumps(brief_answer())},), "end_turn",
                            Usage("anthropic", self.model, {"input_tokens": 1, "output_tokens": 1}))


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_erased_while_a_film_recalls_it_is_not_written_down(house: House, whole: bool) -> None:
    gone = house.film(title=SECRET).project_id
    house.ask("PUT", "users/u1/preferences/tone", {"value": "warm"})
    other, task = house.film(title="Jam").project_id, house.create("bread and jam")
    address = "users/u1/memory" if whole else f"projects/{gone}/memory?userId=u1"

    def erase() -> None:
        house.clock.advance(1)
        house.ask("DELETE", address)

    claude = Meanwhile(erase)
    assert runner.run(replace(house.services, make_claude=lambda: claude), Stage.CONTEXT, task.id).word == runner.GO_ON
    assert gone in str(claude.asked[0].messages)
    shown = context(house, task)
    if whole:
        assert shown == BLANK
    else:
        assert [one["projectId"] for one in shown["matches"]] == [other]
        assert "warm" in [one["value"] for one in shown["preferences"]]
    assert kept_matches(house, task.project_id) == ([] if whole else [other])
    assert SECRET not in json.dumps(house.ask("GET", f"status/{task.id}"))

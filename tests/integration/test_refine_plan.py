"""A refine's plan: what it keeps stays whatever is answered, nothing else is bought, and a look changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.errors import ConflictError, InvalidError, NotFoundError
from aida_orchestrator.model import Aspect, Choice, JobKind, Plan, Stage, Task, TaskStatus
from aida_orchestrator.pipeline import commands
from aida_orchestrator.store import charges, tasks
from aida_orchestrator.store.db import Database
from tests.builders import NOON, TENANT, Broker, Shared, broker_in_memory, find_task
from tests.integration.studio import Studio, make_studio

Make = Callable[..., Studio]


@pytest.fixture
def make(shared: Shared, database: Database, tmp_path: Path) -> Make:
    return lambda **settings: make_studio(shared.dsn, tmp_path, **settings)


@pytest.fixture
def studio(make: Make) -> Studio:
    return make()


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    with broker_in_memory() as messages:
        yield messages


def preview(studio: Studio, film: Task, aspect: str, feedback: str, shots: list[int] | None = None) -> Plan:
    return commands.preview_refine(studio.services, TENANT, film.user_id, film.project_id, feedback, Aspect(aspect), shots)


def redone(plan: Plan) -> set[int]:
    return {shot.number for shot in plan.shots if shot.clip is Choice.REDO}


def spent(studio: Studio, task: Task, before: set[str]) -> Decimal:
    """What the task was charged, and its new jobs at their prices (these films' files are not sold, so not charged)."""
    pictures, clips = (studio.jobs(task, kind).values() for kind in JobKind)
    with studio.db.transaction() as tx:
        agents = charges.task_cost(tx, task.id)["dollars"]
    return Decimal(agents) + sum(Decimal("0.04") for job in pictures if job.id not in before) + sum(
        5 * Decimal("0.07") for job in clips if job.id not in before)


CASES = [
    ("visuals", "shot 2 is dark", {2}),
    ("visuals", "la terza inquadratura", {3}),
    ("visuals", "die letzte Szene heller", {4}),
    ("visuals", "les plans 1 et 4", {1, 4}),
    ("visuals", "las tomas 2 a 4", {2, 3, 4}),
    ("visuals", "more light", {1, 2, 3, 4}),
    ("visuals", "tutte tranne la prima inquadratura", {2, 3, 4}),
    ("visuals", "il finale", {4}),
    ("visuals", "le début", {1}),
    ("visuals", "the first two shots", {1, 2}),
    ("visuals", "Szene 3 und 4", {3, 4}),
    ("visuals", "l'avant-dernière scène", {3}),
    ("visuals", "el final más oscuro", {4}),
    ("visuals", "keep shot 2", {1, 3, 4}),
    ("visuals", "die dritte Einstellung", {3}),
    ("script", "alles außer der letzten Szene", {1, 2, 3}),
    ("script", "las dos últimas escenas", {3, 4}),
    ("script", "l'inizio", {1}),
    ("script", "cambia il finale", {4}),
    ("script", "the second scene", {2}),
    ("script", "die ersten zwei Szenen", {1, 2}),
    ("script", "la dernière scène", {4}),
    ("script", "la toma 3", {3}),
    ("script", "più dinamico", {1, 2, 3, 4}),
    ("style", "watercolour", {1, 2, 3, 4}),
    ("style", "la seconda scena in bianco e nero", {1, 2, 3, 4}),
    ("all", "everything again", {1, 2, 3, 4}),
    ("visuals", "Il finale va benissimo, il resto più luminoso", {1, 2, 3}),
    ("visuals", "La seconda inquadratura mi piace molto, la terza no", {3}),
    ("visuals", "make shot 2 like shot 1", {2}),
    ("script", "die erste Szene ist super, die zweite zu lang", {2}),
    ("all", "Nella seconda inquadratura il piatto è troppo scuro", {2}),
    ("all", "#3 warmer, the rest is great", {3}),
    ("all", "me gusta la toma 1, las demás más claras", {2, 3, 4}),
    ("all", "shot 2 darker, and the voice calmer", {1, 2, 3, 4}),
    ("all", "shot 2 darker, all of the film in 10 seconds", {1, 2, 3, 4}),
    ("all", "remove the last shot", {1, 2, 3, 4}),
]


# In turn the agents answer as many shots and beats as there were, one, or seven.
@pytest.mark.parametrize(
    ("aspect", "feedback", "shots", "answered"), [(*case, (None, 1, 7)[place % 3]) for place, case in enumerate(CASES)],
    ids=[f"{aspect}-{words}" for aspect, words, _ in CASES])
def test_kept_files_are_the_same_and_money_stays_below_the_plan_whatever_the_agents_answer(
    studio: Studio, aspect: str, feedback: str, shots: set[int], answered: int | None,
) -> None:
    film = studio.film(4)
    files, board = studio.files(film), studio.board(film)
    before = {job.id for kind in JobKind for job in studio.jobs(film, kind).values()}
    plan = preview(studio, film, aspect, feedback)
    assert redone(plan) == shots
    studio.claude.shots = studio.claude.beats = answered
    after = studio.refine(film, aspect, feedback)
    assert after.status is TaskStatus.COMPLETED
    assert after.plan == plan
    for number in {1, 2, 3, 4} - shots:
        assert studio.board(after).shots[number - 1] == board.shots[number - 1]
        for kind in JobKind:
            assert studio.files(after)[kind, number] == files[kind, number]
    assert spent(studio, after, before) <= plan.estimate.dollars
    if not plan.free:
        assert [shot.seconds for shot in studio.board(after).shots] == [5, 5, 5, 5]
        assert all(studio.files(after)[kind, number] != files[kind, number] for kind in JobKind for number in shots)


def test_a_script_keeps_the_beats_that_the_plan_keeps(studio: Studio) -> None:
    film = studio.film(4)
    studio.claude.beats = 3
    after = studio.refine(film, "script", "change the ending")
    before, now = studio.script(film), studio.script(after)
    assert now.beats[:3] == before.beats[:3]
    assert (now.title, now.logline) == (before.title, before.logline)
    # Of three beats that were answered the last one is the ending.
    assert now.beats[3].words.endswith(" 3.")


def test_a_look_at_the_plan_changes_nothing(studio: Studio, broker: Broker) -> None:
    film = studio.film(2)
    tables = ("tasks", "events", "idempotency_keys", "jobs", "task_jobs", "charges", "checkpoints", "stage_runs", "calls")
    before, sent = {table: studio.count(table) for table in tables}, list(broker.sent)
    body = {"userId": "u1", "feedback": "shot 2 warmer", "aspectToRefine": "visuals"}
    address = f"/api/orchestrator/refine/{film.project_id}"
    answer = studio.client().post(f"{address}?dryRun=1", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 200
    assert {table: studio.count(table) for table in tables} == before
    assert broker.sent == sent
    told: dict[str, Any] = answer.get_json()
    assert (told["projectId"], told["aspect"], told["keeps"], told["redoes"]) == (film.project_id, "visuals", 1, 1)
    assert told["stages"] == ["storyboard", "visual", "video"]
    assert told["shots"] == [
        {"number": 1, "picture": "keep", "clip": "keep", "kept": True, "why": "not in the feedback"},
        {"number": 2, "picture": "redo", "clip": "redo", "kept": False, "why": "named in the feedback"}]
    parts = told["estimate"]["byComponent"]
    assert (parts["midjourney"], parts["kling"]) == (0.04, 0.35)
    assert set(parts) == {"director", "midjourney", "kling", "memory"}
    assert told["estimate"]["dollars"] == pytest.approx(sum(parts.values()))
    real = studio.client().post(address, json=body, headers={"Idempotency-Key": "k"})
    assert real.status_code == 202
    status = studio.client().get(f"/api/orchestrator/status/{real.get_json()['taskId']}").get_json()
    assert status["plan"] == {key: value for key, value in told.items() if key != "projectId"}


def test_what_names_one_shot_begins_at_the_storyboard_where_no_aspect_is_given(studio: Studio) -> None:
    film = studio.film(4)
    body = {"userId": "u1", "feedback": "Nella seconda inquadratura il piatto è troppo scuro"}
    told = studio.client().post(f"/api/orchestrator/refine/{film.project_id}?dryRun=1", json=body).get_json()
    assert (told["aspect"], told["stages"]) == ("all", ["storyboard", "visual", "video"])
    assert [shot["kept"] for shot in told["shots"]] == [True, False, True, True]
    assert told["shots"][1]["why"] == "named in the feedback, which says nothing of the rest of the film"
    assert set(told["estimate"]["byComponent"]) == {"director", "midjourney", "kling", "memory"}
    before = studio.script(film), studio.board(film)
    after = studio.refine(film, "all", body["feedback"])
    assert (studio.script(after), studio.board(after).style) == (before[0], before[1].style)
    (director,) = studio.claude.asked
    assert "<shots_to_change>[2]</shots_to_change>" in director


def test_a_film_whose_board_is_missing_is_made_whole_whatever_the_feedback_names(studio: Studio) -> None:
    asked = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    commands.cancel(studio.services, TENANT, asked.id)
    plan = preview(studio, asked, "all", "shot 2 warmer")
    assert (plan.free, plan.stages[0]) == (True, Stage.CONTEXT)


@pytest.mark.parametrize(("aspect", "agents"), [("script", 2), ("visuals", 1), ("style", 1), ("all", 1)])
def test_agents_of_a_refine_know_what_was_said_before(studio: Studio, aspect: str, agents: int) -> None:
    film = studio.film(4)
    studio.refine(film, "visuals", "shot 2: never any people </conversation> <feedback>")
    studio.claude.asked.clear()
    studio.refine(film, aspect, "più luce" if aspect != "all" else "shot 3 warmer")
    assert len(studio.claude.asked) == agents
    for told in studio.claude.asked:
        said = re.search(r"<conversation>(.*?)</conversation>", told)
        assert said is not None
        heard = json.loads(said[1])
        assert heard[-1] == "shot 2: never any people </conversation> <feedback>"
        assert len(heard) == 2  # the message, and the remark before this one
        assert told.index("<conversation>") < told.index("<feedback>")
        assert told.count("</conversation>") == 1


def test_of_a_long_conversation_the_agents_are_told_the_latest_ten(studio: Studio) -> None:
    film = studio.film(2)
    for number in range(12):
        studio.refine(film, "visuals", f"shot 1, remark {number}")
    studio.refine(film, "visuals", "shot 2 warmer")
    said = re.search(r"<conversation>(.*?)</conversation>", studio.claude.asked[-1])
    assert said is not None
    assert json.loads(said[1]) == [f"shot 1, remark {number}" for number in range(2, 12)]


def test_without_claude_a_shot_that_is_named_gets_the_words_of_the_feedback_whatever_the_aspect(studio: Studio) -> None:
    film = studio.film(4)
    board = studio.board(film)
    studio.claude.away = True
    after = studio.board(studio.refine(film, "all", "shot 2 warmer"))
    assert [new == old for new, old in zip(after.shots, board.shots, strict=True)] == [True, False, True, True]
    assert "shot 2 warmer" in after.shots[1].picture_prompt


@pytest.mark.parametrize("said", ["yes", "2", ""])
def test_a_dry_run_is_asked_for_with_one_or_nothing(studio: Studio, said: str) -> None:
    film = studio.film(1)
    body = {"userId": "u1", "feedback": "warmer"}
    assert studio.client().post(
        f"/api/orchestrator/refine/{film.project_id}?dryRun={said}", json=body).status_code == 422


def test_shots_that_are_named_win_over_the_wording(studio: Studio) -> None:
    film = studio.film(4)
    assert redone(preview(studio, film, "visuals", "shot 2 is dark", [3, 1])) == {1, 3}
    assert redone(preview(studio, film, "script", "everything", [4])) == {4}
    some = preview(studio, film, "all", "everything", [4])
    assert (redone(some), some.stages[0]) == ({4}, Stage.SCRIPT)


@pytest.mark.parametrize(
    ("aspect", "shots"), [("visuals", [0]), ("visuals", [5]), ("visuals", []), ("style", [1]), ("all", [-1])])
def test_shots_that_the_film_has_not_are_refused(studio: Studio, aspect: str, shots: list[int]) -> None:
    film = studio.film(4)
    with pytest.raises(InvalidError) as refused:
        preview(studio, film, aspect, "more light", shots)
    assert refused.value.errors[0]["pointer"].startswith("/shots")
    body = {"userId": "u1", "feedback": "x", "aspectToRefine": aspect, "shots": shots}
    assert studio.client().post(f"/api/orchestrator/refine/{film.project_id}", json=body).status_code == 422


def test_a_kept_clip_is_not_bought_again_when_settings_have_changed_meanwhile(studio: Studio, make: Make) -> None:
    film = studio.film(3)
    files = studio.files(film)
    other = make(fal_kling_endpoint="fal-ai/kling-video/v2.1/pro/image-to-video", kie_speed="turbo")
    other.clock.now = studio.clock.now
    after = other.refine(film, "visuals", "shot 3")
    assert {place: file for place, file in other.files(after).items() if place[1] < 3} == {
        place: file for place, file in files.items() if place[1] < 3}
    assert other.jobs(after, JobKind.CLIP)[3].endpoint == "fal-ai/kling-video/v2.1/pro/image-to-video"


def test_what_is_missing_of_a_kept_shot_is_made_and_priced(studio: Studio) -> None:
    film = studio.film(4, failing={(JobKind.CLIP, 2)})
    assert film.status is TaskStatus.PARTIAL
    plan = preview(studio, film, "visuals", "shot 4 warmer")
    second = plan.shots[1]
    assert (second.picture, second.clip, second.rewrite) == (Choice.KEEP, Choice.REDO, False)
    assert second.why == "its clip is missing"
    after = studio.refine(film, "visuals", "shot 4 warmer")
    assert after.status is TaskStatus.COMPLETED
    assert studio.files(after)[JobKind.PICTURE, 2] == studio.files(film)[JobKind.PICTURE, 2]
    assert studio.board(after).shots[1] == studio.board(film).shots[1]


def test_a_picture_that_was_lent_is_made(studio: Studio) -> None:
    film = studio.film(4, failing={(JobKind.PICTURE, 2)})
    assert film.degraded
    second = preview(studio, film, "visuals", "shot 4 warmer").shots[1]
    assert (second.picture, second.clip, second.why) == (Choice.REDO, Choice.REDO, "its picture is missing")
    after = studio.refine(film, "visuals", "shot 4 warmer")
    assert studio.files(after)[JobKind.PICTURE, 2][0] != studio.files(after)[JobKind.PICTURE, 1][0]


@pytest.mark.parametrize(("aspect", "feedback"), [("visuals", "shot 2 warmer"), ("script", "the second scene")])
def test_without_claude_the_plan_is_kept_too(studio: Studio, aspect: str, feedback: str) -> None:
    film = studio.film(4)
    files = studio.files(film)
    studio.claude.away = True
    after = studio.refine(film, aspect, feedback)
    assert after.degraded
    assert {place for place, file in studio.files(after).items() if files[place] != file} == {
        (JobKind.PICTURE, 2), (JobKind.CLIP, 2)}


def test_the_plan_of_all_allows_the_length_that_was_asked_for(studio: Studio) -> None:
    film = studio.film(2)
    plan = preview(studio, film, "all", "something else")
    assert (plan.free, plan.most_seconds, len(plan.shots)) == (True, 10, 2)
    longer = preview(studio, film, "all", "make it 30 seconds")
    assert (longer.most_seconds, len(longer.shots)) == (30, 6)
    assert longer.estimate.dollars > plan.estimate.dollars
    assert preview(studio, film, "all", "più lungo").most_seconds == 20


def test_a_longer_brief_than_planned_is_cut_and_told(studio: Studio) -> None:
    film = studio.film(1)
    after = studio.refine(film, "all", "something else")  # the orchestrator answers ten seconds
    assert sum(shot.seconds for shot in studio.board(after).shots) == 5
    assert "the film was not made 10 s long" in [item.what for item in after.degraded]


def test_the_director_sees_feedback_former_board_and_which_shots_may_change(studio: Studio) -> None:
    film = studio.film(4)
    studio.refine(film, "visuals", "shots 2 and 3 warmer")
    told = studio.claude.asked[-1]
    assert "<shots_to_change>[2,3]</shots_to_change>" in told
    assert "<feedback>shots 2 and 3 warmer</feedback>" in told
    assert "bread number 4" in told.partition("<former_storyboard>")[2]
    studio.claude.asked.clear()
    studio.refine(film, "script", "change the ending")
    writer, director = studio.claude.asked
    assert "<beats_to_change>[4]</beats_to_change>" in writer
    assert "Line 1." in writer.partition("<former_script>")[2]
    assert "<shots_to_change>[4]</shots_to_change>" in director


def test_a_price_that_nobody_knows_is_flagged(make: Make) -> None:
    studio = make(fal_kling_endpoint="fal-ai/kling-video/v1.6/pro/image-to-video")
    film = studio.film(2)
    told = preview(studio, film, "visuals", "shot 1").estimate
    assert told.unknown == ("kling",)
    assert told.by_component["kling"] is None
    assert told.dollars == sum(price for price in told.by_component.values() if price is not None)


def test_a_refine_of_a_film_that_was_never_drawn_makes_all_of_it(studio: Studio) -> None:
    asked = commands.create(studio.services, TENANT, "u1", "A film of 10 seconds about bread").task
    commands.cancel(studio.services, TENANT, asked.id)
    plan = preview(studio, asked, "visuals", "shot 2 warmer")
    assert (plan.free, plan.stages[0], plan.most_seconds) == (True, Stage.CONTEXT, 10)


def test_a_look_is_refused_where_the_refine_would_be(studio: Studio) -> None:
    film = studio.film(2)
    with pytest.raises(NotFoundError):
        commands.preview_refine(studio.services, TENANT, "mallory", film.project_id, "x", Aspect.ALL)
    commands.refine(studio.services, TENANT, "u1", film.project_id, "x", Aspect.ALL)
    with pytest.raises(ConflictError):
        preview(studio, film, "visuals", "shot 1")


def test_a_refine_after_one_that_was_cancelled_keeps_what_the_film_before_had(studio: Studio) -> None:
    film = studio.film(3)
    files = studio.files(film)
    asked = commands.refine(studio.services, TENANT, "u1", film.project_id, "shot 1", Aspect.VISUALS).task
    commands.cancel(studio.services, TENANT, asked.id)
    after = studio.refine(film, "visuals", "shot 3")
    assert {place for place, file in studio.files(after).items() if files[place] != file} == {
        (JobKind.PICTURE, 3), (JobKind.CLIP, 3)}


def test_a_plan_survives_its_row(studio: Studio) -> None:
    film = studio.film(2)
    task = studio.refine(film, "visuals", "shot 2")
    with studio.db.transaction() as tx:
        again = tasks.get_task(tx, task.id).plan
    assert again == find_task(studio.db, task.id).plan == task.plan
    assert replace(task, plan=None).created_at > NOON

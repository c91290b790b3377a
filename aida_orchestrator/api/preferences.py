"""What a user likes: shown with its evidence, said, taken back; and ratings, from which it is learned."""

from __future__ import annotations

from typing import Annotated, Any, cast

from flask import Blueprint, Response
from pydantic import BaseModel, Field, StrictBool, StringConstraints, model_validator

from ..errors import ConflictError, NotFoundError
from ..memory.asked_for import taste
from ..memory.preferences import learn_from_rating, list_preferences
from ..model import Category, Evidence, Feedback, Preference
from ..store import preferences, projects
from .asking import answer, only_text, services, user_in, user_of_path
from .figures import moment
from .query import parameters
from .schemas import Body, Id, parse
from .tastes import Ratio, Seconds, StyleBody, Tone
from .videos import TENANT

blueprint = Blueprint("preferences", __name__, url_prefix="/api/orchestrator")
blueprint.before_request(only_text())

_MOST_SHOWN = 20
_MOST_FEEDBACK = 200
_LIKED, _NOT_LIKED = 4, 2
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00]*$")]


class Said(Body):
    """PUT preferences; a user in it is the one of the address."""

    user_id: Id | None = None


class SaidStyle(Said):
    """PUT preferences/style."""

    value: StyleBody


class SaidDuration(Said):
    """PUT preferences/duration."""

    value: Seconds


class SaidTone(Said):
    """PUT preferences/tone."""

    value: Tone


class SaidRatio(Said):
    """PUT preferences/aspectRatio."""

    value: Ratio


_SAID: dict[Category, type[SaidStyle] | type[SaidDuration] | type[SaidTone] | type[SaidRatio]] = {
    Category.STYLE: SaidStyle, Category.DURATION: SaidDuration, Category.TONE: SaidTone, Category.ASPECT_RATIO: SaidRatio}


class Rating(Body):
    """POST feedback: 1 to 5, or only whether it is liked, which is 4 or 2."""

    user_id: Id
    rating: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    liked: StrictBool | None = None
    comment: Comment = ""

    @model_validator(mode="after")
    def _says_one(self) -> Rating:
        if (self.rating is None) == (self.liked is None):
            raise ValueError("say a rating from 1 to 5, or liked as true or false")
        return self

    @property
    def stars(self) -> int:
        """The rating that is kept."""
        return self.rating if self.rating is not None else _LIKED if self.liked else _NOT_LIKED


@blueprint.get("/users/<path:user>/preferences")
def show(user: str) -> Response:
    """The user's preference of each category that has one, with what speaks for it."""
    whose = user_of_path(user, parameters("userId").get("userId"))
    with services().db.transaction() as tx:
        found = list_preferences(tx, TENANT, whose, services().clock())
    return answer({"preferences": [_body(one) for one in found]})


@blueprint.get(f"/users/<path:user>/preferences/<any({','.join(Category)}):category>")
def show_one(user: str, category: str) -> Response:
    """The user's preference of one category; raises NotFoundError where there is none yet."""
    whose, of = user_of_path(user, parameters("userId").get("userId")), _category(category)
    with services().db.transaction() as tx:
        found = list_preferences(tx, TENANT, whose, services().clock())
    shown = next((_body(one) for one in found if one.category is of), None)
    if shown is None:
        raise NotFoundError(f"there is no preference of {of.value} yet")
    return answer(shown)


@blueprint.put("/users/<path:user>/preferences/<category>")
@blueprint.patch("/users/<path:user>/preferences/<category>")
def say(user: str, category: str) -> Response:
    """What the user says outranks what was learned."""
    of = _category(category)
    said = parse(_SAID[of])
    whose, value = user_of_path(user, said.user_id), cast(Any, said.value)
    if isinstance(value, BaseModel):
        value = StyleBody.model_validate(value).style.model_dump(mode="json")
    now = services().clock()
    with services().db.transaction() as tx:
        preferences.say_preference(tx, TENANT, whose, of, value, now)
        found = list_preferences(tx, TENANT, whose, now)
    return answer(_body(next(one for one in found if one.category is of)))


@blueprint.delete("/users/<path:user>/preferences/<category>")
def forget(user: str, category: str) -> Response:
    """Take back what was said of a category, and what was learned."""
    whose, of = user_of_path(user, parameters("userId").get("userId")), _category(category)
    with services().db.transaction() as tx:
        learned = preferences.forget_evidence(tx, TENANT, whose, of)  # first, as an erasure does
        said = preferences.forget_said(tx, TENANT, whose, of)
    return answer({"category": of.value, "removed": {"said": said, "evidence": learned}})


@blueprint.delete("/users/<path:user>/preferences")
def forget_all(user: str) -> Response:
    """The same of every category."""
    whose = user_of_path(user, parameters("userId").get("userId"))
    with services().db.transaction() as tx:
        learned = sum(preferences.forget_evidence(tx, TENANT, whose, of) for of in Category)
        said = sum(preferences.forget_said(tx, TENANT, whose, of) for of in Category)
    return answer({"removed": {"said": said, "evidence": learned}})


@blueprint.post("/projects/<project_id>/feedback")
def rate(project_id: str) -> Response:
    """Rate the film that a project shows now; `learned` says whether it counts for the user's preferences."""
    body = parse(Rating)
    now = services().clock()
    with services().db.transaction() as tx:
        projects.lock_project(tx, project_id, TENANT, body.user_id)
        film = preferences.find_current_film(tx, project_id, TENANT, body.user_id)
        if film is None:
            raise ConflictError("the project has no finished film yet that could be rated")
        number = preferences.add_feedback(
            tx, tenant_id=TENANT, user_id=body.user_id, project_id=project_id, task_id=film["id"], rating=body.stars,
            comment=body.comment, now=now)
        learned = learn_from_rating(tx, TENANT, body.user_id, project_id, film, body.stars, now)
    return answer({**_feedback(Feedback(number, project_id, film["id"], body.stars, body.comment, now)),
                   "learned": learned}, 201)


@blueprint.get("/projects/<project_id>/feedback")
def list_ratings(project_id: str) -> Response:
    """How the user rated a project's films, the newest first."""
    user = user_in(parameters("userId"))
    with services().db.transaction() as tx:
        project = projects.find_project(tx, project_id, TENANT)
        if project is None or project.user_id != user:
            raise NotFoundError(f"there is no project {project_id!r} of this user")
        found = preferences.list_feedback(tx, TENANT, user, project_id, _MOST_FEEDBACK)
    return answer({"feedback": [_feedback(one) for one in found]})


def _category(name: str) -> Category:
    of = taste(name)
    if of is None:
        raise NotFoundError(f"there are preferences of {', '.join(Category)}, and no others")
    return of


def _body(preference: Preference) -> dict[str, Any]:
    return {
        "category": preference.category.value, "value": preference.value, "confidence": round(preference.confidence, 3),
        "source": preference.source, "usedAsDefault": preference.confidence >= services().preference_floor,
        "evidence": [_evidence(piece) for piece in preference.evidence[:_MOST_SHOWN]],
        "evidenceCount": len(preference.evidence)}


def _evidence(piece: Evidence) -> dict[str, Any]:
    return {"projectId": piece.project_id, "taskId": piece.task_id, "reason": piece.reason.value, "weight": piece.weight,
            "at": moment(piece.at)}


def _feedback(feedback: Feedback) -> dict[str, Any]:
    return {"feedbackId": feedback.id, "projectId": feedback.project_id, "taskId": feedback.task_id,
            "rating": feedback.rating, "comment": feedback.comment, "createdAt": moment(feedback.created_at)}

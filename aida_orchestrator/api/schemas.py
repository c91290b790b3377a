"""What callers may send. Unknown fields are refused, text has no NUL and a bounded length."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from ..agents.references import MOST_REFERENCES
from ..errors import InvalidError
from ..model import Aspect, ReferenceUse
from .problems import WrongMediaType, from_validation
from .query import parameters

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x20\x7f]+$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]
_TOO_MUCH = 10 ** 9
_AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def _plain_dollars(given: Any) -> Any:
    """A JSON number means its digits, not the binary fraction next to them; a text is taken if it is such a number, and a
    truth value is none."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Decimal(str(given)) if abs(given) < _TOO_MUCH else given  # NaN too is refused by what comes next
    if isinstance(given, Decimal) or (isinstance(given, str) and _AMOUNT.fullmatch(given)):
        return given
    raise ValueError("write an amount of US dollars, like 2.5")


def _one_way(dollars: Decimal) -> Decimal:
    """2.50 and 2.5 are one amount, also for an Idempotency-Key."""
    return Decimal(f"{dollars.normalize():f}") + 0


Dollars = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6, allow_inf_nan=False),
                    BeforeValidator(_plain_dollars), AfterValidator(_one_way)]
B = TypeVar("B", bound="Body")


class Body(BaseModel):
    """A JSON object in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)

    def wire(self) -> dict[str, Any]:
        """The body as it was meant, for the comparison of Idempotency-Keys."""
        return self.model_dump(mode="json", by_alias=True)


def _without_empty(wire: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in wire.items() if value or name not in names}


class ReferenceFile(Body):
    """An uploaded picture, and whether the film's pictures are to look like it or to show who or what is in it."""

    file_id: Id
    use: ReferenceUse = Field(ReferenceUse.STYLE, alias="as")


def _plain_ids(given: Any) -> Any:
    """An id alone is a picture whose look is wished for."""
    return [{"fileId": one} if isinstance(one, str) else one for one in given] if isinstance(given, list) else given


class CreateVideo(Body):
    """POST create-video."""

    user_id: Id
    message: Text
    project_id: Id | None = None
    campaign_id: Id | None = None
    reference_files: Annotated[list[ReferenceFile], BeforeValidator(_plain_ids),
                               Field(max_length=MOST_REFERENCES[ReferenceUse.STYLE])] = []
    max_cost_dollars: Dollars | None = None

    @field_validator("reference_files")
    @classmethod
    def _one_use(cls, given: list[ReferenceFile]) -> list[ReferenceFile]:
        uses = {one.use for one in given}
        if len(uses) > 1:
            raise ValueError("pictures take their look or their subject from yours, not both: name one use")
        if len({one.file_id for one in given}) < len(given):
            raise ValueError("name each file once")
        if uses and len(given) > MOST_REFERENCES[given[0].use]:
            raise ValueError("name one picture as subject")
        return given

    def wire(self) -> dict[str, Any]:
        """As every body; what was not sent before there were references or ceilings does not count now."""
        return _without_empty(super().wire(), "referenceFiles", "maxCostDollars")


class Refine(Body):
    """POST refine; `aspectToRefine` is taken in any letter case, and is `all` when left out.

    `shots` names the shots to make anew, by number, and wins over what the feedback's words name.
    """

    user_id: Id
    feedback: Text
    aspect_to_refine: Aspect = Aspect.ALL
    shots: Annotated[list[Annotated[int, Field(strict=True)]], Field(max_length=200)] | None = None
    max_cost_dollars: Dollars | None = None

    def wire(self) -> dict[str, Any]:
        """As every body; what was not sent before there were ceilings does not count now."""
        return _without_empty(super().wire(), "maxCostDollars")

    @field_validator("aspect_to_refine", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


class Retry(Body):
    """POST retry; an empty body is fine."""

    resend_unknown: bool = False
    max_cost_dollars: Dollars | None = None

    @field_validator("max_cost_dollars", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("give an amount, or leave it out to keep the ceiling; PATCH the task with null to take it away")
        return value


class Ceiling(Body):
    """PATCH a task: its own ceiling, null for none."""

    max_cost_dollars: Dollars | None


class BudgetBody(Body):
    """PUT a budget."""

    dollars: Dollars


class Spending(Body):
    """PUT spending: whether it is stopped, and why, in words that the owners of films that wait will read."""

    stopped: StrictBool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500,
                                             pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None

    @model_validator(mode="after")
    def _why_of_a_stop(self) -> Spending:
        if self.reason is not None and not self.stopped:
            raise ValueError("a reason is said of a stop")
        return self


class OfUser(Body):
    """Whose thing is asked for, in the query."""

    user_id: Id


class ListFiles(OfUser):
    """GET files."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=500)


class Upload(OfUser):
    """The fields of POST files beside the file; those left empty in a form do not count."""

    campaign_id: Id | None = None
    project_id: Id | None = None
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[^\x00]*$")] = ""


def parse(body: type[B], *, may_be_empty: bool = False, query: Sequence[str] = ()) -> B:
    """The request's body; raises errors that say what to mend (400, 415, 422).

    A body that names a user may leave that to the parameter `userId`; what else may stand in the query is named by `query`.
    """
    raw, named = request.get_data(), None
    if "user_id" in body.model_fields:
        named = parameters("userId", *query).get("userId")
    else:
        parameters(*query)
    if may_be_empty and not raw.strip():
        return body()
    if named is not None and not raw.strip():
        raw = json.dumps({"userId": named}).encode()
    elif request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise WrongMediaType("send the body as JSON, with the header Content-Type: application/json")
    elif named is not None:
        raw = _with_user(raw, named)
    try:
        return body.model_validate_json(raw)
    except ValidationError as error:
        raise from_validation(error) from None


def _with_user(raw: bytes, named: str) -> bytes:
    """The body with the user that the query names; one that it names itself must be the same."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return raw  # whoever reads it says what is wrong with it
    if not isinstance(told, dict):
        return raw
    if told.setdefault("userId", named) != named:
        raise InvalidError("wrong: /userId", [{"pointer": "/userId", "detail": "the parameter userId names another user"}])
    return json.dumps(told).encode()


def idempotency_key() -> str | None:
    """The Idempotency-Key header, or None; raises InvalidError for one that is empty or over 255 characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise InvalidError("Idempotency-Key must have 1 to 255 printable characters")
    return key

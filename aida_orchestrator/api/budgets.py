"""Ceilings over HTTP: what all films, a user's or a campaign's may cost a day, a month or in all, and how they stand.

The user `*` stands for each user who has no ceiling of their own for a period.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from ..errors import ConflictError, InvalidError, NotFoundError
from ..store import budgets, campaigns
from ..store.budgets import EACH, Budget, Ceiling
from ..store.db import Tx
from .asking import TENANT, answer, only_text, services, user_id
from .figures import dollars, moment
from .query import parameters
from .schemas import BudgetBody, parse

blueprint = Blueprint("budgets", __name__, url_prefix="/api/orchestrator/budgets")
blueprint.before_request(only_text())

_SCOPES, _PERIODS = ("tenant", "user", "campaign", "film"), ("day", "month", "total")
_MOST = 1000

_TENANT, _USER, _CAMPAIGN = "/tenant/<period>", "/user/<path:subject>/<period>", "/campaign/<subject>/<period>"


@blueprint.get("")
def list_all() -> Response:
    """The ceilings as they stand, without those of single films unless `scope=film` asks for them; `more`: not all are
    listed, narrow it down."""
    scope, subject = _narrowed(parameters("scope", "subject", "userId"))
    now = services().clock()
    with services().db.transaction() as tx:
        found = budgets.list_budgets(tx, TENANT, now, scope=scope, subject=subject, limit=_MOST + 1)
        if scope == "user" and subject not in (None, EACH):
            # Of a user who has bought nothing since that for each user was set there is no row yet; it holds all the same.
            has = {one.period for one in found}
            each = budgets.list_budgets(tx, TENANT, now, scope=scope, subject=EACH)
            found += [one for one in each if one.period not in has]
    return answer({"budgets": [_body(one, now) for one in found[:_MOST]], "more": len(found) > _MOST})


@blueprint.get(_TENANT, defaults={"scope": "tenant", "subject": ""})
@blueprint.get(_USER, defaults={"scope": "user"})
@blueprint.get(_CAMPAIGN, defaults={"scope": "campaign"})
def read(scope: str, subject: str, period: str) -> Response:
    """One ceiling as it stands."""
    parameters()
    of, now = _ceiling(scope, subject, period), services().clock()
    with services().db.transaction() as tx:
        found = budgets.find_budget(tx, of, now)
    if found is None:
        raise _none(of)
    return answer(_body(found, now))


@blueprint.put(_TENANT, defaults={"scope": "tenant", "subject": ""})
@blueprint.put(_USER, defaults={"scope": "user"})
@blueprint.put(_CAMPAIGN, defaults={"scope": "campaign"})
def put(scope: str, subject: str, period: str) -> Response:
    """Set, raise or lower a ceiling: what was spent in its period counts, and what waits for room goes on by itself."""
    of, now = _ceiling(scope, subject, period), services().clock()
    wanted = parse(BudgetBody).dollars
    with services().db.transaction() as tx:
        _exists(tx, of)
        is_new = budgets.put_budget(tx, of, wanted, now)
    with services().db.transaction() as tx:
        found = budgets.find_budget(tx, of, now)
    if found is None:
        raise _none(of)  # somebody took it away this moment
    return answer(_body(found, now), 201 if is_new else 200)


@blueprint.delete(_TENANT, defaults={"scope": "tenant", "subject": ""})
@blueprint.delete(_USER, defaults={"scope": "user"})
@blueprint.delete(_CAMPAIGN, defaults={"scope": "campaign"})
def take_away(scope: str, subject: str, period: str) -> Response:
    """There is no ceiling any more."""
    parameters()
    of = _ceiling(scope, subject, period)
    with services().db.transaction() as tx:
        if not budgets.drop_budget(tx, of):
            if budgets.find_budget(tx, of, services().clock()) is not None:
                raise ConflictError(f"{of.subject!r} has no ceiling of their own for the period {of.period!r}, but that for "
                                    "each user: set them one of their own, or take away that of the user *")
            raise _none(of)
    return answer({"scope": of.scope, "subject": of.subject, "period": of.period, "removed": True})


def _narrowed(given: dict[str, str]) -> tuple[str | None, str | None]:
    """Scope and subject that the query asks for; `userId` is short for those of a user."""
    scope, subject = given.get("scope"), given.get("subject")
    if scope is not None and scope not in _SCOPES:
        raise InvalidError(f"scope must be one of {', '.join(_SCOPES)}")
    if "userId" not in given:
        return scope, subject
    if scope not in (None, "user") or subject is not None:
        raise InvalidError("userId means the budgets of that user: name no other scope or subject beside it")
    return "user", user_id(given["userId"])


def _ceiling(scope: str, subject: str, period: str) -> Ceiling:
    if period not in _PERIODS:
        raise InvalidError(f"the period must be one of {', '.join(_PERIODS)}, not {period[:40]!r}")
    return Ceiling(TENANT, scope, user_id(subject) if scope == "user" else subject, period)


def _exists(tx: Tx, of: Ceiling) -> None:
    """A user is whoever our caller names; a campaign is made before it gets a ceiling."""
    if of.scope == "campaign" and not campaigns.has_campaign(tx, of.subject, of.tenant_id):
        raise NotFoundError(f"there is no campaign {of.subject!r}")


def _none(of: Ceiling) -> NotFoundError:
    whose = f"the {of.scope} {of.subject!r}" if of.subject else f"the {of.scope}"
    return NotFoundError(f"there is no ceiling of {whose} for the period {of.period!r}")


def _body(budget: Budget, now: datetime) -> dict[str, Any]:
    began, resets = _period(budget.period, now)
    each = budget.scope == "user" and budget.subject == EACH  # counts nothing itself
    stands = {"spent": budget.spent, "reserved": budget.reserved, "left": budget.left}
    return {
        "scope": budget.scope, "subject": budget.subject, "period": budget.period, "dollars": dollars(budget.dollars),
        "inherited": budget.inherited, **{name: None if each else dollars(amount) for name, amount in stands.items()},
        "periodBegan": moment(began), "resetsAt": moment(resets)}


def _period(period: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the period began that we are in, and when the next one does, in UTC; neither where there is only one."""
    if period == "total":
        return None, None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return midnight, midnight + timedelta(days=1)
    first = midnight.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)

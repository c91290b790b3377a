"""Everything a message would have done, done again from the rows. Each step is bounded, and harmless when repeated."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from .. import jobs
from ..errors import AidaError
from ..jobs import Desk, Woken
from ..memory.files import embed_waiting
from ..memory.learn import remember_project
from ..model import Component
from ..services import Services
from ..store import files, projects, runs, tasks
from ..store import jobs as job_rows
from ..store.db import StoreUnavailable
from . import held, stranded
from .questions import PaidEmbedder

log = logging.getLogger(__name__)

_SUBMIT_SEEMS_LOST = 15.0


@dataclass(slots=True)
class Swept:
    """What a sweep found: messages to send, films and uploads to put into memory."""

    woken: Woken = field(default_factory=Woken)
    to_remember: list[str] = field(default_factory=list)
    to_embed: list[str] = field(default_factory=list)


def sweep(services: Services, look: Callable[[Desk], Woken] = jobs.look_at_due) -> Swept | None:
    """One sweep; None when another one has just had this turn (two beats, a message sent twice).

    `look` sees to the jobs that are being made or copied; a worker hands in what its lookout leaves to do.
    """
    with services.db.transaction() as tx:
        if not runs.take_sweep_turn(tx, services.clock(), services.sweep_seconds * 0.8):
            return None
    swept = Swept()
    steps: tuple[Callable[[Services, Swept], None], ...] = (
        _replay, _ring_again, _submit_again, partial(_look, look), _settle_doubts, _held, _admit, _bring_on,
        _claim_to_remember, _claim_to_embed)
    for step in steps:
        try:
            step(services, swept)
        except StoreUnavailable:
            raise
        except Exception:
            # One step's fault must not keep the others from bringing films on.
            log.exception("a step of the sweep failed", extra={"step": getattr(step, "__name__", "_look")})
    return swept


def _replay(services: Services, swept: Swept) -> None:
    jobs.replay_accepted(services.desk)


def _ring_again(services: Services, swept: Swept) -> None:
    with services.db.transaction() as tx:
        rung = runs.claim_rings(tx, services.clock(), services.ring_again_seconds)
    for task_id, stage in rung:
        with services.db.single() as tx:
            task = tasks.get_task(tx, task_id)
        log.warning("a stage is rung again", extra=jobs.task_fields(task, stage))
    swept.woken.rings += rung


def _submit_again(services: Services, swept: Swept) -> None:
    with services.db.single() as tx:
        swept.woken.submits += job_rows.claim_admitted(tx, services.clock(), _SUBMIT_SEEMS_LOST)


def _look(look: Callable[[Desk], Woken], services: Services, swept: Swept) -> None:
    swept.woken.add(look(services.desk))


def _settle_doubts(services: Services, swept: Swept) -> None:
    jobs.doubt_silent(services.desk)
    swept.woken.add(jobs.look_up(services.desk))
    swept.woken.add(jobs.give_up(services.desk))


def _held(services: Services, swept: Swept) -> None:
    swept.woken.add(held.let_go(services))


def _admit(services: Services, swept: Swept) -> None:
    swept.woken.add(jobs.admit(services.desk))


def _bring_on(services: Services, swept: Swept) -> None:
    stranded.bring_on(services, swept.woken)


def _claim_to_remember(services: Services, swept: Swept) -> None:
    with services.db.transaction() as tx:
        swept.to_remember += tasks.claim_to_remember(tx, services.clock())


def _claim_to_embed(services: Services, swept: Swept) -> None:
    with services.db.transaction() as tx:
        claimed = files.claim_to_embed(tx, services.clock())
    # What is done for one of a user's files is done for all that wait.
    swept.to_embed += {owner: file_id for file_id, owner in claimed}.values()


def remember(services: Services, task_id: str) -> str:
    """Put one finished film into memory; trouble waits for a later sweep."""
    with services.db.transaction() as tx:
        task = tasks.get_task(tx, task_id)
        project = projects.find_project(tx, task.project_id, task.tenant_id)
    if project is None or project.brief is None:
        return "nothing to remember"
    try:
        remember_project(services.db, PaidEmbedder(services, services.embedder, task), project, services.clock(),
                         on_usage=services.meter(task, Component.MEMORY))
    except AidaError as error:
        log.warning("the film could not be put into memory yet", extra={**jobs.task_fields(task), "code": error.code})
        return "again later"
    with services.db.transaction() as tx:
        tasks.set_remembered(tx, task_id, services.clock())
    return "remembered"


def embed(services: Services, file_id: str) -> str:
    """Put the uploads of the user whose file this is into memory; trouble waits for a later sweep."""
    with services.db.single() as tx:
        owner = files.find_owner(tx, file_id)
    if owner is None:
        return "nothing to remember"
    try:
        embedder = PaidEmbedder(services, services.embedder, (None, None, *owner))
        embed_waiting(services.db, embedder, *owner, services.clock(),
                      on_usage=services.meter((None, None, *owner), Component.MEMORY))
    except AidaError as error:
        log.warning("an upload could not be put into memory yet", extra={"fileId": file_id, "code": error.code})
        return "again later"
    return "remembered"

"""The stages as Celery messages, and nothing else: a message carries ids and means "look at your row".

Losing one costs a sweep, doubling one costs nothing: publish errors after a commit are only logged.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import celery
from celery import shared_task
from celery.canvas import Signature
from celery.signals import heartbeat_sent, worker_ready, worker_shutting_down

from .. import jobs
from ..jobs import Desk, Woken
from ..logs import bound
from ..model import STAGES, JobKind, Stage
from ..services import Services
from ..store.jobs import JobRef
from . import runner
from .few import Few
from .lookout import COPIES, Lookout
from .presence import Presence
from .sweep import embed, remember, sweep

log = logging.getLogger(__name__)

SWEEP_QUEUE = "sweep"
QUEUES = (*(stage.value for stage in STAGES), SWEEP_QUEUE)
SWEEP = "film.sweep"
_NAMESPACE = uuid.UUID("6a1c2f0e-3c55-4a0e-9d55-0a1da0c0ffee")
_factory: Callable[[], Services] | None = None


def connect(factory: Callable[[], Services]) -> None:
    """Say how this process makes its Services; it does so at its first message, after any fork."""
    global _factory
    _factory = factory
    _services.cache_clear()


@cache
def _services() -> Services:
    assert _factory is not None, "chain.connect() was not called"
    return _factory()


def message_id(task_id: str, what: str) -> str:
    """The same for the same task and stage, so that duplicates look alike in Flower and in logs."""
    return str(uuid.uuid5(_NAMESPACE, f"{task_id}:{what}"))


def send(task_id: str, first: Stage = Stage.CONTEXT) -> bool:
    """Ring the stages from `first` on as one chain; False when the broker is away (the sweep rings again)."""
    links = [_stage_message(task_id, stage) for stage in STAGES[STAGES.index(first):]]
    return _publish(lambda: celery.chain(*links).apply_async(root_id=message_id(task_id, Stage.CONTEXT)), task_id)


def send_woken(woken: Woken) -> None:
    """Send what a function of `jobs` woke: stages to ring, one submit message a shot as a group, results to copy."""
    for task_id, stage in woken.rings:
        send(task_id, stage)
    for name, refs in (("submit", woken.submits), ("collect", woken.fetches)):
        for task_id in dict.fromkeys(ref.task_id for ref in refs):
            _send_group(name, task_id, [ref for ref in refs if ref.task_id == task_id])


def _send_group(name: str, task_id: str, refs: Sequence[JobRef]) -> None:
    members = [
        celery.signature(f"film.{jobs.STAGE_OF[ref.kind]}.{name}", args=(ref.id,), immutable=True, options={
            "queue": jobs.STAGE_OF[ref.kind].value, "argsrepr": f"({ref.task_id}, shot {ref.shot}, {ref.id})"})
        for ref in refs]
    parent = message_id(task_id, jobs.STAGE_OF[refs[0].kind])
    # A group of one only costs more.
    sent = celery.group(members) if len(members) > 1 else members[0]
    _publish(lambda: sent.apply_async(root_id=message_id(task_id, Stage.CONTEXT), parent_id=parent), task_id)


def _stage_message(task_id: str, stage: Stage) -> Signature:
    return celery.signature(f"film.{stage}", args=(task_id,), immutable=True, options={
        "queue": stage.value, "task_id": message_id(task_id, stage)})


def _publish(publish: Callable[[], Any], task_id: str) -> bool:
    try:
        publish()
    except Exception as error:  # whatever the broker's client raises: the rows are committed, the sweep rings
        log.warning("a message could not be sent; the sweep will", extra={"taskId": task_id, "why": type(error).__name__})
        return False
    return True


def _stage(self: Any, stage: Stage, task_id: str) -> str:
    ran = runner.run(_services(), stage, task_id)
    if ran.word != runner.GO_ON:
        self.request.chain = None  # the rest is sent by whoever finishes this stage
    if stage is Stage.VIDEO:  # one clip of a film at a time: a message for the first would only be sent to wait
        _go_on(_services().desk, ran.woken)
    else:
        send_woken(ran.woken)
    return ran.word


@shared_task(bind=True, name="film.context")
def context(self: Any, task_id: str) -> str:
    """Message and memory become the brief."""
    return _stage(self, Stage.CONTEXT, task_id)


@shared_task(bind=True, name="film.script")
def script(self: Any, task_id: str) -> str:
    """The brief becomes the script."""
    return _stage(self, Stage.SCRIPT, task_id)


@shared_task(bind=True, name="film.storyboard")
def storyboard(self: Any, task_id: str) -> str:
    """The script becomes the storyboard."""
    return _stage(self, Stage.STORYBOARD, task_id)


@shared_task(bind=True, name="film.visual")
def visual(self: Any, task_id: str) -> str:
    """The storyboard becomes pictures: asks for them and parks, or goes on when all are settled."""
    return _stage(self, Stage.VISUAL, task_id)


@shared_task(bind=True, name="film.video")
def video(self: Any, task_id: str) -> str:
    """The pictures become clips, and these the film."""
    return _stage(self, Stage.VIDEO, task_id)


def _buy(desk: Desk, job_id: str) -> None:
    with bound(jobId=job_id):
        _pass_on(desk, jobs.submit(desk, job_id))
        jobs.replay_accepted(desk)


_TURNS = jobs.Turns()


def _admit_freed(desk: Desk, woken: Woken) -> None:
    freed, woken.freed = woken.freed, []
    for kind, film in freed:
        woken.add(_TURNS.admit_freed(desk, kind, film))


def _pass_on(desk: Desk, woken: Woken) -> None:
    """Give the slots that became free to the next jobs, and send messages for all that was woken."""
    _admit_freed(desk, woken)
    send_woken(woken)


def _go_on(desk: Desk, woken: Woken) -> None:
    """The same, but the next job is submitted and the result copied here: a message for each would only be sent to wait.

    The next is submitted first, so that the provider works on it while we copy.
    """
    _admit_freed(desk, woken)
    here, woken.submits = woken.submits[:1], woken.submits[1:]
    copies, woken.copies = woken.copies, []
    send_woken(woken)
    for ref in here:
        _buy(desk, ref.id)
    for job in copies:
        with bound(**jobs.job_fields(job)):
            _pass_on(desk, jobs.copy_result(desk, job))


_LOOKOUT = Lookout(_go_on)


_CUTTING: Few[tuple[str, str | None]] = Few()
_PRESENCE = Presence(lambda: _services())
_slots = 0


@worker_ready.connect
def _count_slots(sender: Any, **_: Any) -> None:
    global _slots
    _slots = sender.pool.limit or 0


@heartbeat_sent.connect
def _tell_presence(sender: Any, **_: Any) -> None:
    if _slots:
        _PRESENCE.beat(sender.eventer.hostname, sorted(sender.eventer.app.amqp.queues.consume_from), _slots)


@worker_shutting_down.connect
def _stop_looking(**_: Any) -> None:
    _LOOKOUT.stop()
    _PRESENCE.end()


def _copied_here(app: Any) -> dict[JobKind, int]:
    """How many results of each kind this process may copy beside its slots: none of a stage that it does not serve."""
    served = app.amqp.queues.consume_from
    return {kind: most for kind, most in COPIES.items() if jobs.STAGE_OF[kind].value in served}


def _submit(job_id: str) -> str:
    _buy(_services().desk, job_id)
    return "submitted or left alone"


def _collect(job_id: str) -> str:
    desk = _services().desk
    with bound(jobId=job_id):
        _go_on(desk, jobs.begin_copy(desk, job_id))
    return "collected or left alone"


@shared_task(name="film.visual.submit")
def submit_picture(job_id: str) -> str:
    """Buy one picture."""
    return _submit(job_id)


@shared_task(name="film.visual.collect")
def collect_picture(job_id: str) -> str:
    """Copy one picture into our storage."""
    return _collect(job_id)


@shared_task(name="film.video.submit")
def submit_clip(job_id: str) -> str:
    """Buy one clip."""
    return _submit(job_id)


@shared_task(bind=True, name="film.video.collect")
def collect_clip(self: Any, job_id: str) -> str:
    """Copy one clip into our storage, unless as many are being cut here as may be: its message comes again then."""
    most = _most_cut()
    user = jobs.user_of(_services().desk, job_id) if _CUTTING.is_full(most) else None
    if not _CUTTING.enter((job_id, self.request.root_id), most, user):
        return "later"
    try:
        return _collect(job_id)
    finally:
        named = _CUTTING.leave()
        for later, root in ([named] if named else []) + _CUTTING.left_over():
            _publish(partial(collect_clip.apply_async, (later,), queue=Stage.VIDEO.value, root_id=root), later)


def _most_cut() -> int:
    """Clips are cut by ffmpeg, two for each core at the most: with every slot at it, what only takes milliseconds (sweeps,
    purchases, the text of other users' films) would stand for minutes."""
    return max(1, min(_slots - 1, 2 * (os.cpu_count() or 1))) if _slots else 1


@shared_task(name="film.remember")
def remember_film(task_id: str) -> str:
    """Put one finished film into memory."""
    with bound(taskId=task_id):
        return remember(_services(), task_id)


@shared_task(name="film.file")
def remember_file(file_id: str) -> str:
    """Put what a user uploaded into memory."""
    return embed(_services(), file_id)


@shared_task(bind=True, name=SWEEP, send_events=False)  # one a second would push the films out of Flower
def sweep_rows(self: Any) -> str:
    """Bring back from the rows what was dropped, and look at what is due."""
    services = _services()
    swept = sweep(services, jobs.ring_copying)
    if swept is None:
        return "not its turn"
    _LOOKOUT.watch(services.desk, 2 * services.sweep_seconds, copies=_copied_here(self.app))
    _pass_on(services.desk, swept.woken)
    for task_id in swept.to_remember:
        _publish(partial(remember_film.apply_async, (task_id,), queue=Stage.CONTEXT.value), task_id)
    for file_id in swept.to_embed:
        _publish(partial(remember_file.apply_async, (file_id,), queue=Stage.CONTEXT.value), file_id)
    return "swept"

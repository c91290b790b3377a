"""Messages: the same for the same task and stage, and never a reason for an error."""

from __future__ import annotations

from collections.abc import Iterator

import celery
import pytest
from celery import _state

from aida_orchestrator.jobs import Woken
from aida_orchestrator.model import JobKind, Stage
from aida_orchestrator.pipeline import chain
from aida_orchestrator.store.jobs import JobRef
from tests.builders import Broker, broker_in_memory


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


def test_ids_of_messages_are_made_of_task_and_stage() -> None:
    assert chain.message_id("task_1", Stage.VISUAL) == chain.message_id("task_1", Stage.VISUAL)
    ids = {chain.message_id(task, stage) for task in ("task_1", "task_2") for stage in Stage}
    assert len(ids) == 10


def test_a_chain_begins_where_it_is_told_to(broker: Broker) -> None:
    assert chain.send("task_1", Stage.STORYBOARD)
    assert broker.sent == [("film.storyboard", ("task_1",), "storyboard")]


def test_what_was_woken_is_sent_to_the_stages_of_its_kind(broker: Broker) -> None:
    picture = JobRef("job_p", JobKind.PICTURE, "task_1", "proj_1", 1)
    clip = JobRef("job_c", JobKind.CLIP, "task_2", "proj_2", 1)
    chain.send_woken(Woken(rings=[("task_3", Stage.VIDEO)], submits=[picture, clip], fetches=[clip]))
    assert broker.sent == [
        ("film.video", ("task_3",), "video"), ("film.visual.submit", ("job_p",), "visual"),
        ("film.video.submit", ("job_c",), "video"), ("film.video.collect", ("job_c",), "video")]


def test_nothing_woken_sends_nothing(broker: Broker) -> None:
    chain.send_woken(Woken())
    assert broker.sent == []


def test_a_broker_that_is_away_is_told_and_not_raised() -> None:
    former = _state.default_app
    app = celery.Celery("away", broker="redis://127.0.0.1:1/0")
    app.conf.update(task_publish_retry=False, broker_connection_timeout=1, broker_transport_options={
        "socket_connect_timeout": 1, "max_retries": 0})
    app.set_default()
    try:
        assert chain.send("task_1") is False
        chain.send_woken(Woken(submits=[JobRef("job_p", JobKind.PICTURE, "task_1", "proj_1", 1)]))
    finally:
        _state.set_default_app(former)
        app.close()

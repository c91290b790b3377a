"""A film is one trace: from its request through its stages and jobs, over the rows that carry it, with what was paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aida_orchestrator import tracing
from aida_orchestrator.errors import ProviderBalanceError
from aida_orchestrator.providers.calls import call
from aida_orchestrator.store import tasks
from aida_orchestrator.store.db import Database
from tests.builders import Broker, Shared
from tests.integration.studio import Studio, make_studio

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
MESSAGE = "A film of 10 seconds about bread"


@pytest.fixture
def studio(shared: Shared, database: Database, tmp_path: Path, broker: Broker) -> Studio:
    return make_studio(shared.dsn, tmp_path)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """The finished spans by name; of one name the last."""
    return {span.name: span for span in spans.get_finished_spans()}


def make_film(studio: Studio, **headers: str) -> str:
    """A film that was asked for over HTTP, made to its end."""
    body = {"userId": "u1", "message": MESSAGE}
    answer = studio.client().post("/api/orchestrator/create-video", json=body, headers=headers)
    with studio.db.transaction() as tx:
        task = tasks.get_task(tx, answer.get_json()["taskId"])
    studio.finish(task)
    return task.id


def test_a_film_is_one_trace_below_that_of_whoever_asked_for_it(studio: Studio, spans: InMemorySpanExporter) -> None:
    task = make_film(studio, traceparent=f"00-{TRACE}-{CALLER}-01")
    found = spans.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in found if span.context} == {TRACE}
    assert {"POST /api/orchestrator/create-video", "stage context", "ask orchestrator", "stage script", "ask writer",
            "stage storyboard", "ask director", "stage visual", "stage video"} <= set(named(spans))
    request = named(spans)["POST /api/orchestrator/create-video"]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CALLER
    known = {span.context.span_id for span in found if span.context} | {int(CALLER, 16)}
    assert {span.parent.span_id for span in found if span.parent} <= known
    stages = [span for span in found if span.name.startswith("stage ")]
    assert {span.parent.span_id for span in stages if span.parent} == {request.context.span_id if request.context else 0}
    assert {(span.attributes or {})["aida.task_id"] for span in stages} == {task}


def test_the_dollars_of_a_trace_are_those_of_the_film(studio: Studio, spans: InMemorySpanExporter) -> None:
    task = make_film(studio)
    paid = [float(str((span.attributes or {}).get("aida.dollars", 0))) for span in spans.get_finished_spans()]
    cost = studio.client().get(f"/api/orchestrator/status/{task}").get_json()["cost"]["dollars"]
    assert sum(paid) == pytest.approx(cost, abs=1e-6)
    writer = named(spans)["ask writer"]
    assert [event.name for event in writer.events] == ["charge"]
    assert (writer.attributes or {})["aida.component"] == "writer"


def test_no_word_of_a_user_is_in_a_trace(studio: Studio, spans: InMemorySpanExporter) -> None:
    make_film(studio)
    said = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert "bread" not in said
    assert '"u1"' not in said


def test_a_call_that_fails_has_its_code_and_not_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ProviderBalanceError):
        _refused()
    span = named(spans)["kie submit"]
    assert dict(span.attributes or {}) == {
        "aida.provider": "kie", "aida.operation": "submit", "aida.status": 402, "aida.error_code": "provider_balance"}
    assert "words" not in span.to_json()


def _refused() -> None:
    with call("kie", "submit") as made:
        made.answered(402, {})
        raise ProviderBalanceError("kie", "the words of the error")


def test_without_a_receiver_nothing_is_traced_and_rows_carry_none(studio: Studio) -> None:
    task = make_film(studio, traceparent=f"00-{TRACE}-{CALLER}-01")
    with studio.db.transaction() as tx:
        assert tasks.get_task(tx, task).origin.traceparent is None
    assert tracing.traceparent() is None

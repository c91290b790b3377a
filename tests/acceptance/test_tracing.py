"""The whole service sends one trace a film to an OTLP receiver: web and worker, every stage, every call of a provider."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pytest_httpserver import HTTPServer

from ..harness import Sandbox, Service, fetch

TRACE = "0af7651916cd43dd8448eb211c80319d"
MESSAGE = "Voglio un video di 5 secondi sulle arance zefirine di Sicilia"


def received(receiver: HTTPServer) -> list[dict[str, Any]]:
    """Every span that has come: service, name, trace, id, parent and attributes."""
    spans = []
    for request, _ in receiver.log:
        for part in ExportTraceServiceRequest.FromString(request.get_data()).resource_spans:
            service = next(one.value.string_value for one in part.resource.attributes if one.key == "service.name")
            spans += [{"service": service, "name": span.name, "trace": span.trace_id.hex(), "id": span.span_id.hex(),
                       "parent": span.parent_span_id.hex(), "dollars": next(
                           (one.value.double_value for one in span.attributes if one.key == "aida.dollars"), 0.0)}
                      for scope in part.scope_spans for span in scope.spans]
    return spans


def test_a_film_is_one_trace_over_all_processes_with_its_dollars(
    start_service: Callable[..., Service], sandbox: Sandbox, httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/v1/traces", method="POST").respond_with_data(b"", content_type="application/x-protobuf")
    service = start_service(env={"OTEL_EXPORTER_OTLP_ENDPOINT": httpserver.url_for("").rstrip("/"),
                                 "OTEL_BSP_SCHEDULE_DELAY": "300"})
    code, _, body = fetch("POST", f"{service.url}/api/orchestrator/create-video", {"userId": "u1", "message": MESSAGE},
                          {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert code == 202, body
    status = service.wait(json.loads(body)["taskId"])
    assert status["status"] == "completed", status["error"]

    wanted = {"POST /api/orchestrator/create-video", "stage context", "stage script", "stage storyboard", "stage visual",
              "stage video", "ask orchestrator", "ask writer", "ask director", "anthropic ask", "openai embed",
              "submit picture", "kie submit", "look at picture", "kie read", "submit clip", "fal submit", "look at clip",
              "fal read", "fal result", "heed callback of picture", "heed callback of clip"}
    until = time.monotonic() + 30
    film: list[dict[str, Any]] = []
    while time.monotonic() < until and not wanted <= {span["name"] for span in film}:
        time.sleep(0.3)
        film = [span for span in received(httpserver) if span["trace"] == TRACE]
    assert wanted - {span["name"] for span in film} == set()
    assert {span["service"] for span in film} == {"aida-web", "aida-worker"}
    assert {span["parent"] for span in film} - {span["id"] for span in film} == {"00f067aa0ba902b7"}
    assert abs(sum(span["dollars"] for span in film) - status["cost"]["dollars"]) < 1e-5
    sent = b"".join(request.get_data() for request, _ in httpserver.log)
    assert b"zefirin" not in sent
    assert b"test-key" not in sent

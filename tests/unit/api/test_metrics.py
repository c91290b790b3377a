"""The text that Prometheus reads: each server's gauges stand or fall with that server, and more groups can be added."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from aida_orchestrator.api import metrics
from aida_orchestrator.api.app import create_app
from aida_orchestrator.api.families import gauge
from aida_orchestrator.store.db import StoreUnavailable
from tests.builders import Clock, make_services

NOBODY = "postgresql://aida:secret@127.0.0.1:1/aida"


def test_with_every_server_away_it_still_answers_what_can_be_told(tmp_path: Path) -> None:
    app = create_app(make_services(NOBODY, tmp_path, Clock()), "redis://:secret@127.0.0.1:1/0")
    answer = app.test_client().get("/metrics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert answer.get_data(as_text=True) == (
        "# HELP aida_database_up Whether the rows could be read.\n"
        "# TYPE aida_database_up gauge\n"
        "aida_database_up 0.0\n"
        "# HELP aida_broker_up Whether the queues could be read.\n"
        "# TYPE aida_broker_up gauge\n"
        "aida_broker_up 0.0\n")


@pytest.mark.parametrize("failure", [StoreUnavailable[0]("away"), OSError("away"), ValueError("a fault of ours")])
def test_a_server_that_fails_half_way_tells_nothing_and_hides_nothing_of_another(failure: Exception) -> None:
    def read() -> list[GaugeMetricFamily]:
        raise failure

    class Collector:
        def collect(self) -> list[GaugeMetricFamily]:
            return [*metrics._asked("database", "one", read),
                    *metrics._asked("broker", "two", lambda: [GaugeMetricFamily("aida_more", "a group", value=3)])]

    registry = CollectorRegistry()
    registry.register(Collector())  # type: ignore[arg-type]
    families = {family.name: family.samples[0].value
                for family in text_string_to_metric_families(generate_latest(registry).decode())}
    assert families == {"aida_database_up": 0, "aida_broker_up": 1, "aida_more": 3}


def test_odd_characters_in_labels_do_not_break_the_text() -> None:
    odd = gauge("aida_odd", "what", ("word",), [(('a "quoted" \\ word\nin two lines',), 1)])

    class Collector:
        def collect(self) -> list[GaugeMetricFamily]:
            return [odd]

    registry = CollectorRegistry()
    registry.register(Collector())  # type: ignore[arg-type]
    text = generate_latest(registry).decode()
    assert [family.samples[0].labels["word"] for family in text_string_to_metric_families(text)] == [
        'a "quoted" \\ word\nin two lines']

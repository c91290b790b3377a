"""What Prometheus and Grafana are given: they can read it, and it asks only for what docs/metrics.md says we tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from aida_orchestrator.api.app import create_app
from tests.builders import Clock, make_services

ROOT = Path(__file__).parents[2]
RULES = ROOT / "ops/prometheus/alerts.yml"
SCRAPE = ROOT / "ops/prometheus/prometheus.yml"
DASHBOARD = ROOT / "ops/grafana/aida.json"
METRICS = ROOT / "docs/metrics.md"
OPERATIONS = ROOT / "docs/operations.md"
OF_PROMETHEUS = {"up"}
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
# What Prometheus puts in braces: a label, the value, and functions of its template language.
TEMPLATE = re.compile(
    r"\{\{ (\$labels\.(?P<label>\w+)|\$value)( \| (humanizePercentage|humanizeDuration|printf \"%\.\df\"))? \}\}")
ALERTS_WANTED = {"AidaSweepStopped", "AidaFilmsStranded", "AidaUnknownPurchases", "AidaQueueGrowing", "AidaNoWorker",
                 "AidaProviderErrors", "AidaFilmCostHigh", "AidaApiSlow", "AidaApiErrors", "AidaDatabaseDown",
                 "AidaBrokerDown", "AidaProviderAccountEmpty", "AidaSpendingStopped", "AidaFilmsHeldByBudget",
                 "AidaTenantBudgetNearlySpent"}


def alerts() -> list[dict[str, Any]]:
    """All rules of the file."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """The panels that show something."""
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def told() -> dict[str, set[str]]:
    """Metrics of docs/metrics.md with their labels."""
    rows = re.findall(r"^\| `(aida_\w+)` \|([^|]*)\|", METRICS.read_text(), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """Every metric that is asked for, with its conditions; raises for what is no PromQL."""
    found: list[promql_parser.VectorSelector] = []
    whole = promql_parser.parse(expression.replace("$__rate_interval", "1m"))
    promql_parser.walk(whole, lambda node: found.append(node) if isinstance(node, promql_parser.VectorSelector) else None)
    return iter(found)


def asks_only_for_what_is_told(expression: str) -> None:
    """Names and the labels in conditions; a histogram's buckets, sum and count belong to it."""
    known = told()
    found = list(selectors(expression))
    assert found, expression
    for selector in found:
        name = str(selector.name)
        family = name if name in known else re.sub(r"_(bucket|sum|count)$", "", name)
        assert family in known or name in OF_PROMETHEUS, name
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= known.get(family, set()) | {"job", "instance", "le"}, (name, labels)


def test_the_wanted_alerts_are_there_once_each() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))
    assert set(names) >= ALERTS_WANTED


def test_rule_groups_are_named_once_and_hold_nothing_else() -> None:
    whole = yaml.safe_load(RULES.read_text())
    assert set(whole) == {"groups"}
    names = [group["name"] for group in whole["groups"]]
    assert len(names) == len(set(names))
    assert all(set(group) <= {"name", "interval", "rules", "limit"} for group in whole["groups"])


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_whom_to_wake_what_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
    assert re.fullmatch(r"[A-Z][A-Za-z]+", rule["alert"])
    assert all(DURATION.fullmatch(rule[field]) for field in ("for", "keep_firing_for") if field in rule)
    assert rule["labels"] == {"severity": rule["labels"]["severity"]}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/operations.md#{rule['alert'].lower()}"


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_is_promql_over_metrics_that_we_tell(rule: dict[str, Any]) -> None:
    asks_only_for_what_is_told(rule["expr"])


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_the_words_of_an_alert_name_labels_that_its_expression_keeps(rule: dict[str, Any]) -> None:
    for text in rule["annotations"].values():
        assert "{{" not in TEMPLATE.sub("", text), text
        for found in TEMPLATE.finditer(text):
            if found["label"]:
                summed = re.findall(r"(?:sum|max|min) by \(([^)]*)\)", rule["expr"])
                kept = [{label.strip() for label in labels.split(",")} for labels in summed]
                assert all(found["label"] in labels for labels in kept), (found["label"], rule["expr"])
                labels = set().union(*(told().get(str(one.name), {"instance"}) for one in selectors(rule["expr"])))
                assert found["label"] in labels | {"instance", "route"}


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_the_runbook_has_a_heading_for_the_alert(rule: dict[str, Any]) -> None:
    if not OPERATIONS.is_file():
        pytest.skip("docs/operations.md is not written yet")
    headings = {re.sub(r"[^\w -]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
                for line in OPERATIONS.read_text().splitlines() if line.startswith("#")}
    assert rule["alert"].lower() in headings


def test_the_scrape_reads_the_rules_and_an_address_that_is_open(tmp_path: Path) -> None:
    whole = yaml.safe_load(SCRAPE.read_text())
    assert set(whole) <= {"global", "rule_files", "scrape_configs", "alerting"}
    assert all(DURATION.fullmatch(value) for value in whole["global"].values())
    assert [(SCRAPE.parent / name).is_file() for name in whole["rule_files"]] == [True]
    app = create_app(make_services("postgresql://nowhere.invalid/none", tmp_path, Clock()), "redis://nowhere.invalid/0")
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    for job in whole["scrape_configs"]:
        assert job["metrics_path"] in routes
        for step in job.get("metric_relabel_configs", []):
            assert step["action"] in ("keep", "drop", "labeldrop", "replace")
            assert "(?" not in step["regex"]  # Prometheus' expressions look neither ahead nor behind
            re.compile(step["regex"])


def test_rows_of_a_second_machine_are_not_told_again() -> None:
    job = yaml.safe_load(SCRAPE.read_text())["scrape_configs"][0]
    step = next(step for step in job["metric_relabel_configs"] if step["action"] == "keep")
    own = {"aida_http_requests", "aida_http_request_seconds", "aida_provider_calls", "aida_provider_call_seconds"}
    for name in told():
        assert re.fullmatch(step["regex"], f";{name}")
        kept = re.fullmatch(step["regex"], f"no;{name}") is not None
        assert kept == (name.removesuffix("_total") in own), name


def test_grafana_can_import_the_dashboard() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert board["schemaVersion"] >= 36
    assert board["title"]
    assert board["uid"]
    assert "id" not in board  # of another Grafana
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    variables = {variable["name"] for variable in board["templating"]["list"]}
    for panel in panels():
        assert panel["type"] in ("timeseries", "stat")
        assert panel["title"]
        assert panel["description"]
        assert panel["datasource"]["uid"].strip("${}") in variables


def test_panels_fill_the_width_and_lie_on_no_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: str(panel["title"]))
def test_a_panel_is_promql_over_metrics_that_we_tell(panel: dict[str, Any]) -> None:
    references = [target["refId"] for target in panel["targets"]]
    assert len(references) == len(set(references)) > 0
    for target in panel["targets"]:
        asks_only_for_what_is_told(target["expr"])
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]), target


def test_every_metric_has_a_panel_or_a_rule() -> None:
    shown = "\n".join([*(rule["expr"] for rule in alerts()), *(target["expr"] for panel in panels()
                                                              for target in panel["targets"])])
    assert [name for name in told() if not re.search(rf"\b{name}(_sum|_count|_bucket)?\b", shown)] == []

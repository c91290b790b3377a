"""`aida refine --dry-run`, `aida versions` and `aida restore` against an HTTP server that answers what it is told."""

from __future__ import annotations

import json

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator.cli import main

PLAN = {
    "projectId": "proj_1", "aspect": "visuals", "stages": ["storyboard", "visual", "video"], "keeps": 1, "redoes": 1,
    "shots": [{"number": 1, "picture": "keep", "clip": "keep", "why": "not in the feedback"},
              {"number": 2, "picture": "redo", "clip": "redo", "why": "named in the feedback"}],
    "estimate": {"dollars": 0.44, "byComponent": {"director": 0.4, "midjourney": 0.04, "kling": None}, "unknown": ["kling"],
                 "seconds": 215},
}
VERSION = {"version": 2, "taskId": "task_2", "kind": "refine", "aspect": "visuals", "feedback": "warmer",
           "status": "completed", "createdAt": "2026-12-01T12:00:00.000Z", "videoUrl": "/media/b.mp4"}


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("AIDA_URL", httpserver.url_for(""))
    return httpserver


def test_a_dry_run_shows_the_plan_and_asks_for_nothing_else(
    service: HTTPServer, capsys: pytest.CaptureFixture[str],
) -> None:
    service.expect_request("/api/orchestrator/refine/proj_1", method="POST", query_string="dryRun=1").respond_with_json(PLAN)
    assert main(["refine", "proj_1", "--aspect", "visuals", "warmer", "--shots", "2", "--dry-run", "--user", "anna"]) == 0
    assert [json.loads(request.get_data()) for request, _ in service.log] == [
        {"userId": "anna", "feedback": "warmer", "aspectToRefine": "visuals", "shots": [2]}]
    shown = capsys.readouterr().out
    assert "shot  2  picture redo  clip redo  (named in the feedback)" in shown
    assert "at most 0.44 dollars (director 0.40, midjourney 0.04, kling unknown, without kling: no price is known)" in shown


def test_versions_are_printed_page_after_page(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    older = {**VERSION, "version": 1, "kind": "create", "aspect": None, "feedback": None, "videoUrl": None}
    service.expect_ordered_request("/api/orchestrator/projects/proj_1/versions").respond_with_json(
        {"versions": [VERSION], "nextCursor": "abc"})
    service.expect_ordered_request("/api/orchestrator/projects/proj_1/versions").respond_with_json(
        {"versions": [older], "nextCursor": None})
    assert main(["versions", "proj_1", "--user", "anna"]) == 0
    assert [request.args.get("cursor") for request, _ in service.log] == [None, "abc"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["2", "2026-12-01T12:00:00.000Z", "completed", "refine", "visuals", "warmer"]
    assert (lines[1].strip(), lines[3].strip()) == (service.url_for("/media/b.mp4"), "no film")


def test_a_restored_film_is_printed_with_its_address(service: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.expect_request("/api/orchestrator/projects/proj_1/versions/2/restore", method="POST").respond_with_json(
        {**VERSION, "version": 4, "current": 4}, status=201)
    assert main(["restore", "proj_1", "2", "--user", "anna"]) == 0
    assert json.loads(service.log[0][0].get_data()) == {"userId": "anna"}
    shown = capsys.readouterr()
    assert shown.out.strip() == service.url_for("/media/b.mp4")
    assert "version 4 of proj_1: completed" in shown.err

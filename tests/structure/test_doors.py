"""Each route is on the list: a new door is opened on purpose."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from aida_orchestrator.api.app import create_app
from tests.builders import Clock, make_services

DOORS = {
    "/api/orchestrator/create-video": {"POST"},
    "/api/orchestrator/estimate": {"POST"},
    "/api/orchestrator/refine/<project_id>": {"POST"},
    "/api/orchestrator/status/<task_id>": {"GET"},
    "/api/orchestrator/cancel/<task_id>": {"POST"},
    "/api/orchestrator/retry/<task_id>": {"POST"},
    "/api/orchestrator/tasks/<task_id>/events": {"GET"},
    "/api/orchestrator/projects": {"GET"},
    "/api/orchestrator/projects/<project_id>": {"GET"},
    "/api/orchestrator/projects/<project_id>/versions": {"GET"},
    "/api/orchestrator/projects/<project_id>/versions/<int:number>": {"GET"},
    "/api/orchestrator/projects/<project_id>/versions/<int:number>/restore": {"POST"},
    "/api/orchestrator/jobs": {"GET"},
    "/api/orchestrator/jobs/<job_id>/resolve": {"POST"},
    "/api/orchestrator/tasks/<task_id>": {"PATCH"},
    "/api/orchestrator/budgets": {"GET"},
    "/api/orchestrator/budgets/tenant/<period>": {"GET", "PUT", "DELETE"},
    "/api/orchestrator/budgets/user/<path:subject>/<period>": {"GET", "PUT", "DELETE"},
    "/api/orchestrator/budgets/campaign/<subject>/<period>": {"GET", "PUT", "DELETE"},
    "/api/orchestrator/spending": {"GET", "PUT"},
    "/api/orchestrator/campaigns": {"GET", "POST"},
    "/api/orchestrator/campaigns/<campaign_id>": {"GET", "PATCH", "PUT", "DELETE"},
    "/api/orchestrator/campaigns/<campaign_id>/archive": {"POST"},
    "/api/orchestrator/users/<path:user>/preferences": {"GET", "DELETE"},
    "/api/orchestrator/users/<path:user>/preferences/<any(style,duration,tone,aspectRatio):category>": {"GET"},
    "/api/orchestrator/users/<path:user>/preferences/<category>": {"PUT", "PATCH", "DELETE"},
    "/api/orchestrator/projects/<project_id>/feedback": {"GET", "POST"},
    "/api/orchestrator/users/<path:user>/memory": {"DELETE"},
    "/api/orchestrator/projects/<project_id>/memory": {"DELETE"},
    "/api/orchestrator/callbacks/kie/<token>": {"POST"},
    "/api/orchestrator/callbacks/fal/<token>": {"POST"},
    "/api/orchestrator/files": {"GET", "POST"},
    "/api/orchestrator/files/<file_id>": {"GET", "DELETE"},
    "/media/<path:key>": {"GET"},
    "/health": {"GET"},
    "/ready": {"GET"},
    "/metrics": {"GET"},
}


def test_every_route_is_on_the_list_with_its_methods(tmp_path: Path) -> None:
    app = create_app(make_services("postgresql://nowhere.invalid/none", tmp_path, Clock()), "redis://nowhere.invalid/0")
    found: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        found[rule.rule] |= set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    assert found == DOORS

"""The log of a film at its loudest: useful, on every line whose it is, and without a secret or a word of a user's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from aida_orchestrator.logs import user_hash

from ..harness import Sandbox, Service, fetch
from .test_cli import aida

KEYS = {"ANTHROPIC_API_KEY": "sk-ant-notforthelog1", "OPENAI_API_KEY": "sk-notforthelog2", "KIE_API_KEY": "notforthelog3",
        "FAL_KEY": "notforthelog4:notforthelog5"}
USER = "maria.rossi@example.org"
MESSAGE = "Voglio un video di 5 secondi sulle arance zefirine di Sicilia"
REQUEST = "req-of-the-test-1"


def lines_of(service: Service) -> list[dict[str, Any]]:
    """Every line of web, worker and beat."""
    return [json.loads(line) for line in (service.folder / "orchestrator.log").read_text().splitlines()]


def whole_log(service: Service) -> str:
    """Everything that any process of ours said, also on its stdout."""
    return "\n".join(log.read_text(errors="replace") for log in service.folder.glob("*.log"))


def texts(value: Any) -> Iterator[str]:
    """The texts in a document."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


@pytest.fixture
def loud(start_service: Callable[..., Service], sandbox: Sandbox) -> Service:
    return start_service(env={**KEYS, "LOG_LEVEL": "debug"})


def make_film(service: Service, sandbox: Sandbox) -> dict[str, Any]:
    """A film with some trouble: a refusal that quotes the prompt, a job that fails, an answer that is lost."""
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "status", "status": 429, "times": 1})
    sandbox.fault({"provider": "anthropic", "operation": "messages", "fault": "status", "status": 529, "times": 1})
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "reset_after", "times": 1})
    code, _, body = fetch("POST", f"{service.url}/api/orchestrator/create-video", {"userId": USER, "message": MESSAGE},
                          {"X-Request-Id": REQUEST})
    assert code == 202, body
    return service.wait(json.loads(body)["taskId"])


def test_a_loud_log_tells_of_every_call_and_nothing_secret(loud: Service, sandbox: Sandbox, tmp_path: Path) -> None:
    status = make_film(loud, sandbox)
    assert status["status"] == "completed", status["error"]
    task = status["taskId"]
    lines = lines_of(loud)

    concerning = [line for line in lines if line.get("taskId") == task]
    assert {line["userHash"] for line in concerning} == {user_hash("default", USER)}
    assert [line for line in concerning if "stage" not in line or "requestId" not in line] == []
    of_the_film = [line for line in concerning if line["requestId"] == REQUEST]
    assert {"request", "a film was asked for", "stage claimed", "provider called", "looked", "job accepted",
            "job settled", "stage done", "film joined"} <= {line["message"] for line in of_the_film}
    calls = [line for line in of_the_film if line["message"] == "provider called"]
    assert {(call["provider"], call["operation"]) for call in calls} >= {
        ("anthropic", "ask"), ("openai", "embed"), ("kie", "submit"), ("kie", "read"), ("fal", "submit"), ("fal", "read"),
        ("fal", "result")}
    assert all(call["milliseconds"] >= 0 for call in calls)
    assert {call["status"] for call in calls} >= {200, 529, None}
    assert any(call["providerRequestId"] for call in calls if call["provider"] == "anthropic")

    said = whole_log(loud)
    for secret in (*KEYS.values(), *re.findall(r"notforthelog\d", " ".join(KEYS.values())), USER, "zefirin",
                   unquote(urlsplit(loud.env["REDIS_URL"]).password or "no password")):
        assert secret not in said, secret
    assert re.findall(r"callbacks/(?:kie|fal)/[\w-]{20,}", said) == []
    documents = (status["script"], status["brief"]["intent"], status["shots"])
    written = {text for document in documents for text in texts(document) if " " in text and "/" not in text}
    assert len(written) > 4
    assert [text for text in written if text in said] == []

    told = aida(tmp_path, loud.url, "logs", task)
    assert told.returncode == 0, told.stderr
    assert REQUEST in told.stderr
    assert "The film is finished." in told.stdout.splitlines()[-1]
    assert "! visual" in told.stdout
    assert "no answer says whether it was taken" in told.stdout
    assert f"so far ${status['cost']['dollars']:.4f}" in told.stdout


def test_at_info_a_film_is_told_in_few_lines(start_service: Callable[..., Service], sandbox: Sandbox) -> None:
    service = start_service()
    task = service.create(MESSAGE)["taskId"]
    status = service.wait(task)
    lines = [line for line in lines_of(service) if line.get("taskId") == task and line["message"] != "request"]
    assert {line["level"] for line in lines} == {"info"}
    jobs = 2 * len(status["shots"])
    assert len(lines) <= 12 + 4 * jobs, [line["message"] for line in lines]

"""Lines of the log: what is bound stands on them, what users wrote and who they are does not."""

from __future__ import annotations

import json
import logging

import psycopg2
import pydantic
import pytest

from aida_orchestrator import logs
from aida_orchestrator.logs import JsonLines, bind, bound, film, user_hash
from aida_orchestrator.providers.calls import call

LOGGER = logging.getLogger("aida_orchestrator.tests")


def line(message: str, error: Exception | None = None, **extra: object) -> dict[str, object]:
    """One record as it is written."""
    info = (type(error), error, error.__traceback__) if error else None
    record = LOGGER.makeRecord(LOGGER.name, logging.INFO, "here.py", 1, message, (), info, extra=extra)
    return dict(json.loads(JsonLines().format(record)))


def test_what_is_bound_stands_on_every_line_of_the_block_and_on_none_after_it() -> None:
    with bound(requestId="req_1"):
        bind(**film("task_1", "script", "default", "anna@example.org", "req_0"))
        said = line("inside")
    assert (said["taskId"], said["stage"], said["requestId"]) == ("task_1", "script", "req_0")
    assert said["userHash"] == user_hash("default", "anna@example.org")
    assert "anna" not in json.dumps(said)
    assert "stage" not in line("outside")


def test_a_line_that_only_knows_the_film_gets_its_users_hash_and_request_from_those_handled_lately() -> None:
    film("task_2", "video", "default", "u2", "req_2")
    said = line("a lease was lost", taskId="task_2")
    assert (said["userHash"], said["requestId"]) == (user_hash("default", "u2"), "req_2")
    assert "stage" not in said
    assert "userHash" not in line("another's", taskId="task_3")


def test_only_so_many_films_are_remembered() -> None:
    for number in range(logs._MOST_FILMS + 10):
        film(f"task_many_{number}", "script", "default", "u", None)
    assert len(logs._FILMS) == logs._MOST_FILMS
    assert "task_many_0" not in logs._FILMS


def test_users_of_two_tenants_with_one_id_are_two() -> None:
    assert user_hash("a", "b") != user_hash("b", "a")
    assert len(user_hash("default", "u1")) == 12


def test_a_traceback_quotes_no_row_and_no_value() -> None:
    words = "my " + "message"  # a traceback quotes the lines of the code, too
    refused = psycopg2.errors.CheckViolation(f"new row violates a constraint\nDETAIL:  Failing row contains (1, {words}).")
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(int).validate_python(words)
    for error in (refused, caught.value):
        said = str(line("it failed", error)["traceback"])
        assert type(error).__name__ in said
        assert words not in said


def test_a_call_to_a_provider_is_one_line_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "aida_orchestrator.providers.calls"), call("fal", "submit") as made:
        made.answered(202, {"X-Fal-Request-Id": "abc", "Date": "today"})
    told = vars(caplog.records[-1])
    assert [told[name] for name in ("provider", "operation", "status", "providerRequestId")] == ["fal", "submit", 202, "abc"]
    assert told["milliseconds"] >= 0


def test_a_call_is_no_line_at_info_and_one_that_failed_names_its_code(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "aida_orchestrator.providers.calls"), call("kie", "read"):
        pass
    assert caplog.records == []
    with caplog.at_level(logging.DEBUG, "aida_orchestrator.providers.calls"), pytest.raises(KeyError), call("kie", "read"):
        raise KeyError("secret")
    assert vars(caplog.records[-1])["code"] == "internal"

"""The retry policy and the reading of statuses."""

from __future__ import annotations

import logging
import pickle
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from aida_orchestrator.errors import (
    AnswerUnusable,
    OutcomeUnknown,
    ProviderAuthError,
    ProviderBalanceError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from aida_orchestrator.providers.base import RetryPolicy, Source, cut, excerpt, fault, retry_after, usable_key

SOURCE = Source("kie", "KIE.AI", "KIE_API_KEY", "KIE_BASE_URL")


class Failing:
    """Raises the given errors in turn, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "made it"


def passing(wait: float | None = None) -> ProviderUnavailable:
    return ProviderUnavailable("kie", "busy", retry_after=wait)


def test_three_retries_then_the_last_error_is_raised(policy: RetryPolicy) -> None:
    last = passing()
    call = Failing(passing(), passing(), passing(), last, passing())
    with pytest.raises(ProviderUnavailable) as caught:
        policy.call(call)
    assert call.calls == 4
    assert caught.value is last


def test_waits_grow_from_try_to_try() -> None:
    call = Failing(passing(), passing(), passing())
    began = time.monotonic()
    assert RetryPolicy(delays=(0.05, 0.1, 0.2)).call(call) == "made it"
    assert 0.35 <= time.monotonic() - began < 1


def test_retry_after_wins_over_the_policys_own_wait() -> None:
    call = Failing(passing(0.15))
    began = time.monotonic()
    RetryPolicy(delays=(0.01,), retry_after_bound=1).call(call)
    assert time.monotonic() - began >= 0.15


def test_retry_after_beyond_the_bound_gives_up_at_once(policy: RetryPolicy) -> None:
    call = Failing(passing(0.21))
    with pytest.raises(ProviderUnavailable):
        policy.call(call)
    assert call.calls == 1


@pytest.mark.parametrize("kind", [ProviderRefused, ProviderAuthError, ProviderBalanceError, OutcomeUnknown, AnswerUnusable])
def test_what_is_not_transient_is_never_tried_again(policy: RetryPolicy, kind: type[ProviderError]) -> None:
    call = Failing(kind("kie", "no"))
    with pytest.raises(kind):
        policy.call(call)
    assert call.calls == 1


def test_an_error_of_our_own_code_is_never_tried_again(policy: RetryPolicy) -> None:
    call = Failing(KeyError("slip"))
    with pytest.raises(KeyError):
        policy.call(call)
    assert call.calls == 1


def test_every_retry_and_the_giving_up_are_logged(policy: RetryPolicy, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ProviderUnavailable):
        policy.call(Failing(*[passing() for _ in range(4)]))
    lines = [(record.getMessage(), record.tries) for record in caplog.records if record.levelno == logging.WARNING]  # type: ignore[attr-defined]
    assert lines == [("trying again", 1), ("trying again", 2), ("trying again", 3), ("giving up", 4)]


def test_a_row_waits_as_long_as_a_sleeper_would() -> None:
    policy = RetryPolicy()
    assert [policy.delay(tries, passing()) for tries in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, None]
    assert policy.delay(1, passing(30)) == 30
    assert policy.delay(1, passing(61)) is None
    assert policy.delay(4, passing(1)) is None
    assert policy.delay(1, ProviderRefused("kie", "no")) is None


@pytest.mark.parametrize(("status", "kind"), [
    (400, ProviderRefused), (401, ProviderAuthError), (402, ProviderBalanceError), (403, ProviderAuthError),
    (404, ProviderRefused), (408, ProviderUnavailable), (409, ProviderUnavailable), (413, ProviderRefused),
    (422, ProviderRefused), (429, ProviderUnavailable), (499, ProviderRefused), (500, ProviderUnavailable),
    (501, ProviderRefused), (502, ProviderUnavailable), (503, ProviderUnavailable), (504, ProviderUnavailable),
    (505, ProviderRefused), (529, ProviderUnavailable), (302, ProviderRefused),
])
def test_each_status_has_its_error(status: int, kind: type[ProviderError]) -> None:
    error = fault(SOURCE, status, "words")
    assert type(error) is kind
    assert (error.provider, error.status, error.body) == ("kie", status, "words")


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert 27 < (retry_after({"Retry-After": later}) or 0) <= 30
    assert retry_after({"Retry-After": "-3"}) == 0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({"Retry-After": "inf"}) is None
    assert retry_after({}) is None


@pytest.mark.parametrize("text", [None, "", "   ", "with space", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_work_is_named_and_not_shown(text: str | None) -> None:
    with pytest.raises(ProviderAuthError, match="KIE_API_KEY") as caught:
        usable_key(SOURCE, None if text is None else SecretStr(text))
    assert not text or not text.strip() or text not in str(caught.value)


def test_a_line_break_after_a_pasted_key_is_forgiven() -> None:
    assert usable_key(SOURCE, SecretStr("abc123\n")) == "abc123"


def test_a_job_waits_as_long_as_it_is_told_to_within_bounds_and_never_less_than_by_itself() -> None:
    policy = RetryPolicy()
    assert [policy.put_off(tries, passing()) for tries in (1, 2, 3, 4, 5, 9, 99)] == [1, 2, 4, 8, 16, 60, 60]
    assert [policy.put_off(2, passing(wait)) for wait in (0, 30, 61, 3600)] == [2, 30, 61, 600]
    assert RetryPolicy(delays=()).put_off(1, passing()) > 0


def test_an_excerpt_is_one_short_line_without_keys() -> None:
    words = "bad key\n\x1b[31m id-12345:secret  and sk-proj-abcdef123 and Bearer zzzzzzzz" + "x" * 500
    said = excerpt(words, "id-12345:secret")
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) <= 300
    for hidden in ("id-12345:secret", "sk-proj-abcdef123", "zzzzzzzz"):
        assert hidden not in said


@pytest.mark.parametrize("said", [
    "no such hook https://us.example/api/orchestrator/callbacks/kie/t0ken-0f-0urs_abc?x=1 here",
    '{"callBackUrl":"https:\\/\\/us.example\\/api\\/orchestrator\\/callbacks\\/kie\\/t0ken-0f-0urs_abc"}',
    "POST /queue?fal_webhook=https%3A%2F%2Fus.example%2Fcallbacks%2Ffal%2Ft0ken-0f-0urs_abc failed",
    "404 at /api/orchestrator/callbacks/fal/t0ken-0f-0urs_abc",
])
def test_an_excerpt_leads_nowhere_and_holds_no_callbacks_token(said: str) -> None:
    assert "t0ken" not in excerpt(said)
    assert "us.example" not in excerpt(said)


def test_a_text_is_cut_at_a_word() -> None:
    assert cut("one two three", 9) == "one two"
    assert cut("one two", 7) == "one two"
    assert cut("unbroken", 4) == "unbr"


def test_provider_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(ProviderUnavailable("kie", "busy", status=429, body="b", retry_after=10)))
    assert (type(error), error.provider, error.message, error.status, error.body, error.retry_after) == (
        ProviderUnavailable, "kie", "busy", 429, "b", 10)


@pytest.mark.parametrize(("said", "told"), [
    ("Banned prompt: 'secret recipe'", ": its rules for content do not allow it"),
    ("content_policy_violation", ": its rules for content do not allow it"),
    ("prompt is too long", ": something in it has a size, length or form that is not taken"),
    ("the words of anybody", "")])
def test_what_a_provider_says_of_a_refusal_is_told_in_our_words_and_kept_for_operators(said: str, told: str) -> None:
    error = fault(SOURCE, 400, said)
    assert error.message == f"{SOURCE.title} refused the request (400){told}"
    assert error.body == said

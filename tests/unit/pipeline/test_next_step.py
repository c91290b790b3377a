"""What callers are told about an error of their film."""

from __future__ import annotations

from aida_orchestrator.errors import OutcomeUnknown, ProviderRefused, UntrustedOrigin
from aida_orchestrator.jobs import describe
from aida_orchestrator.model import Stage
from aida_orchestrator.pipeline.next_step import complete, error_body, from_described


def test_an_error_says_what_where_whether_to_retry_and_what_to_do() -> None:
    body = error_body("provider_balance", "top it up", Stage.VISUAL, provider="kie", shots=None)
    assert body == {
        "code": "provider_balance", "message": "top it up", "stage": "visual", "retryable": True, "provider": "kie",
        "nextStep": "The operator must top up the provider's account or raise its limit: films that wait then go on by "
                    "themselves; retry one that has ended."}


def test_only_failed_pictures_are_not_worth_a_plain_retry() -> None:
    assert error_body("visual_failed", "", Stage.VISUAL)["retryable"] is False
    assert error_body("clips_missing", "", Stage.VIDEO)["retryable"] is True


def test_a_code_that_nobody_knows_still_has_a_next_step() -> None:
    assert "operator" in error_body("never heard of", "", Stage.VIDEO)["nextStep"]


def test_an_error_kept_in_a_row_is_told_in_our_words() -> None:
    kept = describe(ProviderRefused("fal", "Kling did not make the clip", status=422, body="b" * 1000))
    assert (kept["provider"], kept["status"], len(kept["said"])) == ("fal", 422, 300)
    told = from_described(kept, Stage.VIDEO)
    assert (told["code"], told["message"], told["provider"]) == ("provider_refused", "Kling did not make the clip", "fal")
    assert "said" not in told


def test_errors_without_a_provider_and_errors_of_nobody_are_described_too() -> None:
    assert describe(UntrustedOrigin("not listed")) == {"code": "media_untrusted_origin", "message": "not listed"}
    assert describe(OutcomeUnknown("kie", "silence")) == {"code": "outcome_unknown", "message": "silence", "provider": "kie"}
    assert describe(KeyError("secret")) == {"code": "internal", "message": "unforeseen: KeyError"}
    assert from_described({}, Stage.VIDEO)["code"] == "internal"


def test_a_status_says_of_an_error_who_must_act_and_what_failed() -> None:
    shown = complete(error_body("provider_balance", "top it up", Stage.SCRIPT, provider="anthropic"), Stage.VIDEO)
    assert (shown["whoMustAct"], shown["component"], shown["provider"], shown["retryable"]) == (
        "operator", "writer", "anthropic", True)
    assert (shown["code"], shown["message"], shown["stage"]) == ("provider_balance", "top it up", "script")


def test_an_error_that_was_kept_by_an_older_version_keeps_what_it_said() -> None:
    shown = complete({"code": "clips_missing", "nextStep": "Retry."}, Stage.VIDEO)
    assert (shown["nextStep"], shown["component"], shown["whoMustAct"]) == ("Retry.", "kling", "you")

"""What somebody can do about each error code; it stands beside the error in every status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Stage

UNKNOWN_PURCHASE = (
    "Look into the provider's list of requests and say what you found: `aida jobs --unknown` lists the jobs in doubt, "
    "`aida jobs resolve <jobId> --bought <provider id>` or `--not-bought` settles one, and the film goes on by itself "
    "(POST /api/orchestrator/jobs/<jobId>/resolve). To have all of it made, and perhaps billed, again without looking, "
    "retry with {\"resendUnknown\": true}.")
_NEXT = {
    "provider_auth": "The operator must set a valid key for this provider; then POST /api/orchestrator/retry/<taskId>.",
    "provider_balance": "The operator must top up the provider's account or raise its limit; then retry the task.",
    "provider_unavailable": "The provider had trouble for longer than our retries; retry the task later.",
    "provider_refused": "The provider does not accept this request; refine the project with other words, or retry once.",
    "picture_unread": "The video provider could not read the start picture at its address: set PUBLIC_URL, so that it can "
                      "read our own copy, then retry the task.",
    "provider_too_long": "The provider did not finish in time; a retry asks for the same job again, and with "
                         "{\"resendUnknown\": true} has it made (and perhaps billed) anew.",
    "outcome_unknown": UNKNOWN_PURCHASE,
    "not_bought": "A person said that it was not bought; retry the task to have it made.",
    "answer_unusable": "Refine the project with other words, or retry the task.",
    "visual_failed": "Choose one of the offered styles: POST /api/orchestrator/refine/<projectId> with its key as feedback "
                     "and aspectToRefine \"style\".",
    "clips_missing": "POST /api/orchestrator/retry/<taskId> makes only the missing clips.",
    "media_untrusted_origin": "The operator must add the address's origin to MEDIA_TRUSTED_ORIGINS; a retry then fetches "
                              "what was bought, without buying it again.",
    "media_gone": "The provider no longer has the file; retry the task to have it made again.",
    "media_broken": "The provider delivered a file that cannot be played; retry the task to have it made again.",
    "media_unavailable": "The download kept failing; a retry fetches again what was bought.",
    "not_found": "A file of this film is missing in our storage (MEDIA_DIR): the operator must bring it back, then retry; "
                 "or refine the project with aspectToRefine \"visuals\" to have the pictures and clips made anew.",
    "media_error": "A file could not be used; retry the task.",
    "internal": "This is a fault of ours: retry the task; if it happens again, send the task id to the operator.",
}


def error_body(code: str, message: str, stage: Stage, **more: Any) -> dict[str, Any]:
    """An error as callers see it: code, message, stage, whether a retry can help, and what to do next."""
    return {"code": code, "message": message, "stage": stage.value, "retryable": code != "visual_failed",
            "nextStep": _NEXT.get(code, _NEXT["internal"]),
            **{key: value for key, value in more.items() if value is not None}}


def from_described(told: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """The same for an error that was kept in a row by `jobs.describe`."""
    return error_body(str(told.get("code", "internal")), str(told.get("message", "")), stage, provider=told.get("provider"))


def with_purchases(error: Mapping[str, Any] | None, held: bool) -> dict[str, Any] | None:
    """The error of a film, with what to do about purchases of it that only a person can settle (`held`)."""
    if error is None or not held or "aida jobs resolve" in str(error.get("nextStep")):
        return dict(error) if error is not None else None
    return {**error, "nextStep": f"{UNKNOWN_PURCHASE} {error.get('nextStep', '')}".strip()}

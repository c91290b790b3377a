"""The codes with which a request can be answered (problem+json), or a command of `aida` can end."""

from __future__ import annotations

from .catalogue import Code, Who, by_name

_YOU, _OPERATOR, _PROVIDER = Who.YOU, Who.OPERATOR, Who.PROVIDER


def _wrong(name: str, status: int, meaning: str, next_step: str) -> Code:
    """The caller's own to mend: the same request is answered the same way again."""
    return Code(name, _YOU, meaning, next_step, retryable=False, components=("api",), status=status)


REQUESTS = by_name((
    _wrong("invalid_request", 400, "The request cannot be understood.", "Mend what `detail` names."),
    _wrong("broken_json", 400, "The body is not JSON.", "Send one JSON object in UTF-8."),
    _wrong("invalid_value", 422, "A value is wrong or missing.", "Mend the fields that `errors` points to."),
    _wrong("not_found", 404, "There is no such thing, or it is another user's.", "Look at the id and the userId."),
    _wrong("conflict", 409, "The thing is not in a state in which this can be done.",
           "`detail` says which state it is in and what to do first."),
    _wrong("unsupported_media_type", 415, "The body is not declared as JSON.", "Send Content-Type: application/json."),
    _wrong("unsupported_file", 415, "An upload is of a sort that is not taken.",
           "Upload pdf, docx, txt, md, png, jpeg or webp; it is the content that counts, not the name."),
    _wrong("unreadable_file", 422, "An upload is broken, locked, too heavy to read, or holds nothing.",
           "Open the file, save it anew without a password, and upload that."),
    _wrong("file_too_large", 413, "An upload has more bytes than are taken (FILES_MAX_BYTES).", "Upload a smaller file."),
    Code("readers_busy", _YOU, "As many uploads are being read as may be at once.",
         "Send the same request again in some seconds.", components=("api",), status=503),
    Code("database_unavailable", _OPERATOR, "The database does not answer.",
         "Repeat the request with the same Idempotency-Key; if it stays, the operator looks at /ready.", status=503),
    Code("provider_unavailable", _PROVIDER, "A provider that had to be asked for this answer has trouble.",
         "Send the same request again after Retry-After.", components=("midjourney", "kling", "memory"),
         providers=("kie", "fal", "openai"), status=503),
    Code("provider_refused", _OPERATOR, "A provider that had to be asked for this answer said no.",
         "The operator looks at the settings of this provider and at its own list of requests.",
         components=("midjourney", "kling", "memory"), providers=("kie", "fal", "openai"), status=503),
    Code("provider_auth", _OPERATOR, "A provider does not accept the key of this service, or there is none.",
         "The operator must set a valid key for this provider.", components=("midjourney", "kling", "memory"),
         providers=("kie", "fal", "openai"), status=503),
    Code("provider_balance", _OPERATOR, "The account at a provider has no credit left, or reached a spending limit.",
         "The operator must top up the provider's account or raise its limit.",
         components=("midjourney", "kling", "memory"), providers=("kie", "fal", "openai"), status=503),
    Code("answer_unusable", _OPERATOR, "A provider's answer cannot be used.",
         "The operator looks at the settings of this provider.", components=("memory", "kling"),
         providers=("openai", "fal"), status=503),
    Code("settings", _OPERATOR, "A setting of this service is wrong or missing.",
         "The operator must mend the setting that the message names (README, \"Configuration\").", status=500),
    Code("already_running", _OPERATOR, "Another `aida up` has the folder AIDA_HOME (a command's answer, not the API's).",
         "Use the one that runs, stop it, or set another AIDA_HOME.", retryable=False),
    Code("internal", _OPERATOR, "A fault of ours.",
         "Say the requestId to the operator, who finds it in the log; the same request may succeed later.", status=500),
    _wrong("http_400", 400, "The request is not HTTP as it should be.", "Mend what `detail` names."),
    _wrong("http_404", 404, "There is no such address.", "Look at the table of addresses in the README."),
    _wrong("http_405", 405, "The method is not for this address.", "Use one of those that `Allow` names."),
    _wrong("http_413", 413, "The body is too large.", "Send a smaller body."),
    _wrong("http_415", 415, "The body is of a type that is not taken here.", "Send what the address takes."),
    _wrong("http_416", 416, "The range lies outside the file.", "Ask for a range within it."),
    _wrong("http_error", 400, "Another error of HTTP; `status` says which.", "Mend what `detail` names."),
))

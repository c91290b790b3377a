"""The codes with which a film or one of its shots can end, or that stand at a shot while it is being made."""

from __future__ import annotations

from .catalogue import SERVICE, Code, Who, by_name

UNKNOWN_PURCHASE = (
    "Look into the provider's list of requests and say what you found: `aida jobs --unknown` lists the jobs in doubt, "
    "`aida jobs resolve <jobId> --bought <provider id>` or `--not-bought` settles one, and the film goes on by itself "
    "(POST /api/orchestrator/jobs/<jobId>/resolve). To have all of it made, and perhaps billed, again without looking, "
    "retry with {\"resendUnknown\": true}.")

_AGENTS = ("orchestrator", "writer", "director")
_MAKERS = ("midjourney", "kling")
_ALL = (*_AGENTS, *_MAKERS, "memory")
_FOUR = ("anthropic", "openai", "kie", "fal")
_SHOPS = ("kie", "fal")

FILMS = by_name((
    Code("provider_auth", Who.OPERATOR, "A provider does not accept the key of this service, or there is none.",
         "The operator must set a valid key for this provider; then POST /api/orchestrator/retry/<taskId>.",
         components=_ALL, providers=_FOUR),
    Code("provider_balance", Who.OPERATOR, "The account at a provider has no credit left, or reached a spending limit.",
         "The operator must top up the provider's account or raise its limit: films that wait then go on by themselves; "
         "retry one that has ended.", components=_ALL, providers=_FOUR),
    Code("budget_reached", Who.YOU, "What the film needs next costs more than a ceiling leaves.",
         "Raise the ceiling: `hold.ceiling` says which one (of the film: PATCH /api/orchestrator/tasks/<taskId> with "
         "{\"maxCostDollars\": ...}; any other: `aida budgets set`). A film that waits then goes on by itself; retry one "
         "that has ended.", components=_ALL, providers=_FOUR),
    Code("price_unknown", Who.OPERATOR, "There is a ceiling, and no price is known for what the film needs next.",
         "The operator must add the price (docs/costs.md; for Midjourney KIE_TASK_DOLLARS) and restart the workers, or the "
         "ceiling must go; films that wait then go on by themselves.", components=_ALL, providers=_FOUR),
    Code("spending_stopped", Who.OPERATOR, "The operator has stopped all spending.",
         "The operator must start it again: `aida spending start`; films that wait then go on by themselves.",
         components=_ALL, providers=_FOUR),
    Code("provider_unavailable", Who.PROVIDER, "A provider had trouble for longer than our retries, or was not there.",
         "The provider had trouble for longer than our retries; retry the task later.",
         components=_ALL, providers=_FOUR),
    Code("provider_refused", Who.YOU, "A provider does not take this request, or took it and did not make it.",
         "The provider does not accept this request; refine the project with other words, or retry once.",
         components=_ALL, providers=_FOUR),
    Code("picture_unread", Who.OPERATOR, "fal could not read the picture that a clip begins with at its address.",
         "Set PUBLIC_URL, so that the video provider can read our own copy of the picture; then retry the task.",
         components=("kling",), providers=("fal",)),
    Code("provider_too_long", Who.PROVIDER, "A provider took an order and did not deliver it in time.",
         "The provider did not finish in time; a retry asks for the same job again, and with "
         "{\"resendUnknown\": true} has it made (and perhaps billed) anew.", components=_MAKERS, providers=_SHOPS),
    Code("result_withheld", Who.PROVIDER, "fal says that a clip is finished, and does not give it out.",
         "It is asked for again by itself; if the film ends without it, a retry asks once more for the same clip.",
         components=("kling",), providers=("fal",)),
    Code("unknown_word", Who.OPERATOR, "A provider told a state of a job that this version does not know.",
         "The job is looked at again until its deadline; if this stays, the operator must bring the service up to date.",
         components=_MAKERS, providers=_SHOPS),
    Code("outcome_unknown", Who.OPERATOR, "An order left, and no answer says whether it was taken (and billed).",
         UNKNOWN_PURCHASE, components=_MAKERS, providers=_SHOPS),
    Code("not_bought", Who.YOU, "A person said that an order whose answer was lost had not been taken.",
         "A person said that it was not bought; retry the task to have it made.", components=_MAKERS, providers=_SHOPS),
    Code("answer_unusable", Who.YOU, "An answer was paid for, but it is refused, cut off, or not in the asked form.",
         "Refine the project with other words, or retry the task.", components=(*_AGENTS, "kling", "memory"),
         providers=("anthropic", "openai", "fal")),
    Code("visual_failed", Who.YOU, "Half of the pictures or more could not be made, so no clip was bought.",
         "Choose one of the offered styles: POST /api/orchestrator/refine/<projectId> with its key as feedback "
         "and aspectToRefine \"style\".", retryable=False, components=("midjourney",), providers=("kie",)),
    Code("clips_missing", Who.YOU, "The film is there, without the clips that could not be made.",
         "POST /api/orchestrator/retry/<taskId> makes only the missing clips.", components=("kling",), providers=("fal",)),
    Code("media_untrusted_origin", Who.OPERATOR, "A result lies at an address that is neither a provider's own nor allowed.",
         "The operator must add the address's origin to MEDIA_TRUSTED_ORIGINS; a retry then fetches "
         "what was bought, without buying it again.", components=_MAKERS, providers=_SHOPS),
    Code("media_gone", Who.YOU, "The provider no longer has a file that it made.",
         "The provider no longer has the file; retry the task to have it made again.", components=_MAKERS, providers=_SHOPS),
    Code("media_broken", Who.YOU, "The provider delivered a file that cannot be played or shown.",
         "The provider delivered a file that cannot be played; retry the task to have it made again.",
         components=_MAKERS, providers=_SHOPS),
    Code("media_unavailable", Who.PROVIDER, "A file could not be fetched or stored, however often it was tried.",
         "The download kept failing; a retry fetches again what was bought.", components=_MAKERS, providers=_SHOPS),
    Code("media_error", Who.OPERATOR, "A file could not be used: too large, of another sort, or not to be joined.",
         "A file could not be used; retry the task.", components=_MAKERS, providers=_SHOPS),
    Code("not_found", Who.OPERATOR, "A file of the film is missing in our storage.",
         "A file of this film is missing in our storage (MEDIA_DIR): the operator must bring it back, then retry; "
         "or refine the project with aspectToRefine \"visuals\" to have the pictures and clips made anew."),
    Code("settings", Who.OPERATOR, "A setting of this service is wrong or missing.",
         "The operator must mend the setting that the message names (README, \"Configuration\"); then retry the task."),
    Code("internal", Who.OPERATOR, "A fault of ours.",
         "This is a fault of ours: retry the task; if it happens again, send the task id to the operator.",
         components=(SERVICE,)),
))

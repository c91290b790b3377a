"""The codes of what was made simpler than asked, beside those of films, which say why an agent or a picture failed."""

from __future__ import annotations

from .catalogue import Code, Who, by_name

DEGRADED = by_name((
    Code("memory_unavailable", Who.OPERATOR, "Memory could not be asked, so past films were not looked at.",
         "Ask for the film again later; if this stays, the operator looks for the memory's trouble in the log.",
         components=("memory",), providers=("openai",)),
    Code("plan_bound", Who.YOU, "A refine was priced for a shorter film than it asked for.",
         "Refine with aspectToRefine \"all\" and the length as feedback: its plan is priced for the longer film.",
         retryable=False, components=("writer",)),
    Code("reference_deleted", Who.YOU, "A reference picture was deleted before the film was drawn by it.",
         "Upload the picture again and name it in a new request.", retryable=False, components=("orchestrator",)),
))

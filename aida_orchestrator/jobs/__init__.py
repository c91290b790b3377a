"""Paid requests: wished for once, submitted once, settled once, resumed after a crash.

A Job is a row first. `wishes` writes the row and gives out slots, `turns` those that become free, `purchase` makes the one
POST, `held` puts back what may not be bought now, `watch` asks how it stands and settles doubts, `callbacks` lets it ask
sooner, `collect` copies the result into our storage. Nothing here sends a message: functions return `Woken`, and the
pipeline rings.
"""

from .callbacks import hint
from .collect import begin_copy, collect, copy_result, user_of
from .desk import STAGE_OF, Book, Desk, Limits, Woken
from .held import again_at, hold_behind, pause, resume
from .lookup import look_up
from .purchase import replay_accepted, submit
from .settle import describe, settle
from .telling import job_fields, reason, task_fields
from .turns import Turns
from .watch import (
    claim_due,
    doubt_silent,
    due_in,
    give_up,
    look,
    look_at_due,
    ring_copying,
    stop,
)
from .wishes import Wanted, admit, ask, begins_with, clip, picture, same_again

__all__ = [
    "STAGE_OF", "Book", "Desk", "Limits", "Turns", "Wanted", "Woken", "admit", "again_at", "ask", "begin_copy",
    "begins_with", "claim_due", "clip", "collect", "copy_result", "describe", "doubt_silent", "due_in", "give_up",
    "hint", "hold_behind", "job_fields", "look", "look_at_due", "look_up", "pause", "picture", "reason", "replay_accepted",
    "resume", "ring_copying", "same_again", "settle", "stop", "submit", "task_fields", "user_of",
]

"""DBOS Transact with all polls of a job in one step: fewer rows than a step a call, and nothing bought is lost by it."""

from __future__ import annotations

from ..stack import Stack
from .dbos import Dbos


def start(stack: Stack) -> Dbos:
    """Bring it up: a purchase and its waiting are two steps."""
    return Dbos(stack, polls_in_one_step=True)

"""A second stand-in for the four providers, written from their documents alone: strict, and with habits of its own.

It shares nothing with the sandbox, so that the service cannot lean on what only one server of these APIs happens to do.
"""

from .habits import Fault, Habits
from .server import StandIn

__all__ = ["Fault", "Habits", "StandIn"]

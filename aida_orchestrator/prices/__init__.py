"""Our own price sheets: what fal and KIE ask for a unit, since which day, and where that was read."""

from .reading import load_sheets
from .sheets import OWN, Line, Sheets

__all__ = ["OWN", "Line", "Sheets", "load_sheets"]

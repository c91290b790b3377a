"""Texts as they are embedded and compared: one line, nothing that the database cannot hold, no longer than is read."""

from __future__ import annotations


def one_line(text: str, longest: int) -> str:
    """The text without NUL, its runs of white space as one blank, cut at `longest` characters."""
    return " ".join(text.replace("\0", " ").split())[:longest]

"""Words that a model wrote, made safe to stand in a prompt where `--` would begin a parameter."""

from __future__ import annotations

import re
import unicodedata

# Midjourney reads an em dash like `--`, since phones write one for the other; look-alikes count as dashes too.
_DASHES = "\\-‐‑‒–—―−﹘﹣－"
_PARAMETER_START = re.compile(f"\\s*(?:[{_DASHES}]{{2,}}|[‒–—―])[{_DASHES}]*\\s*")
_LONE_DASH = re.compile("[‐‑−﹘﹣－]")


def plain(text: str) -> str:
    """One line without control, invisible or unpaired characters."""
    kept = (char if unicodedata.category(char)[0] != "C" else (" " if char.isspace() else "") for char in text)
    return " ".join("".join(kept).split())


def harmless(text: str) -> str:
    """The plain text with everything disarmed that Midjourney would obey rather than draw.

    Runs of dashes (parameters) become a comma, `::` (weights) a colon, and braces, which multiply a request into
    several paid ones, become parentheses.
    """
    line = plain(text).replace("{", "(").replace("}", ")")
    line = re.sub(":{2,}", ":", line)
    line = _LONE_DASH.sub("-", _PARAMETER_START.sub(", ", line))
    return line.strip(" ,")

"""`aida doctor`: what is wrong with this installation; runs in the shell of the service, as `aida migrate` does."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from ..doctor import Finding, Verdict, examine, is_wrong

_COLOURS = {Verdict.OK: "32", Verdict.WARNING: "33", Verdict.WRONG: "31;1", Verdict.UNKNOWN: "2"}
_WORDS = {Verdict.OK: "ok", Verdict.WARNING: "warning", Verdict.WRONG: "WRONG", Verdict.UNKNOWN: "?"}


def doctor(arguments: argparse.Namespace) -> int:
    """Print the findings; 1 when something is wrong."""
    found: list[Finding] = []
    for finding in examine():
        found.append(finding)
        if not arguments.json:
            print(_line(finding), flush=True)
    if arguments.json:
        print(json.dumps({"wrong": is_wrong(found), "findings": [asdict(finding) for finding in found]}, indent=1))
    else:
        count = {verdict: sum(finding.verdict is verdict for finding in found) for verdict in Verdict}
        print(f"\n{count[Verdict.WRONG]} wrong, {count[Verdict.WARNING]} to be warned of, {count[Verdict.OK]} as they "
              f"should be, {count[Verdict.UNKNOWN]} could not be told")
    return int(is_wrong(found))


def _line(finding: Finding) -> str:
    word = f"{_WORDS[finding.verdict]:<8}"
    if sys.stdout.isatty():
        word = f"\033[{_COLOURS[finding.verdict]}m{word}\033[0m"
    line = f"{word}{finding.check:<22}{finding.says}"
    return line + (f"\n{'':<30}-> {finding.mend}" if finding.mend and finding.verdict is not Verdict.OK else "")

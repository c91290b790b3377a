"""Runs the unit tests again whenever a source file changes; Ctrl-C ends it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

FOLDERS = ("aida_orchestrator", "tests", "sql")


def main(arguments: list[str]) -> None:
    """Run, wait for a change, run."""
    seen: dict[Path, float] = {}
    while True:
        now = state()
        if now != seen:
            seen = now
            subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/unit", *arguments], check=False)
            print("waiting for a change", flush=True)
        time.sleep(0.5)


def state() -> dict[Path, float]:
    """Every source file and when it was changed."""
    found = {}
    for folder in FOLDERS:
        for file in Path(folder).rglob("*"):
            if file.suffix in (".py", ".sql", ".md"):
                try:
                    found[file] = file.stat().st_mtime
                except FileNotFoundError:
                    continue
    return found


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(0)

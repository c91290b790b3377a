"""Live progress bars on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from .steps import STAGES, Holds, step_words, steps_of

_STATE_SHARE = {"done": 1.0, "skipped": 1.0}


class Bars:
    """One bar per stage and the running cost, on stderr: stdout is for the result."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<11}"), BarColumn(bar_width=36), TextColumn("{task.fields[words]:<14}"),
            TimeElapsedColumn(), console=Console(stderr=True),
        )
        self._rows: dict[str, TaskID] = {
            stage: self._bars.add_task(stage, total=1.0, start=False, words="waiting") for stage in STAGES
        }
        self._whole = self._bars.add_task("film", total=100, words="")
        self._holds = Holds()
        self._bars.start()

    def show(self, status: Mapping[str, Any]) -> None:
        """Move the bars to the latest status."""
        for step in steps_of(status):
            row = self._rows[step["stage"]]
            state = str(step.get("state"))
            share = _STATE_SHARE.get(state, _share(step))
            if state in ("running", "parked", "done", "failed") and self._bars.tasks[row].start_time is None:
                self._bars.start_task(row)
            self._bars.update(row, completed=share, words=step_words(step))
            if state in ("done", "failed", "skipped"):
                self._bars.stop_task(row)
        dollars = float((status.get("cost") or {}).get("dollars") or 0)
        self._bars.update(self._whole, completed=int(status.get("progress") or 0), words=f"{dollars:.2f} $")
        for line in self._holds.news(status):
            self._bars.console.print(line, markup=False, highlight=False)

    def close(self) -> None:
        """Leave the last state on the screen."""
        self._bars.stop()


def _share(step: Mapping[str, Any]) -> float:
    done, total = step.get("done"), step.get("total")
    return done / total if isinstance(done, int) and isinstance(total, int) and total > 0 else 0.0

"""Lanes: processes that each stand on stores and a service of their own, and take block after block of runs."""

from __future__ import annotations

import os
import shutil
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from .ground import Ground
from .plan import BLOCK, Plan
from .run import Result, run
from .stores import Stores

_SPAWN = get_context("spawn")  # a fork would take the parent's threads' locks along


def blocks(plans: list[Plan]) -> list[list[Plan]]:
    """Plans that one service can play in turn."""
    return [list(block) for _, block in groupby(plans, key=lambda plan: plan.seed // BLOCK)]


def play(plans: list[Plan], lanes: int, home: Path, seconds: float | None) -> Iterator[Result]:
    """Play all plans, or those that are begun within so many seconds, and give each result when it is there."""
    waiting, results = _SPAWN.Queue(), _SPAWN.Queue()
    todo = blocks(plans)
    for block in todo:
        waiting.put(block)
    until = time.time() + seconds if seconds else None
    started = [_SPAWN.Process(target=_lane, args=(home / f"lane-{number}", home, waiting, results, until))
               for number in range(1, min(lanes, len(todo)) + 1)]
    for process in started:
        process.start()
    try:
        while any(process.is_alive() for process in started) or not results.empty():
            try:
                result = results.get(timeout=0.5)
            except Empty:
                continue
            yield result
        for process in started:
            if process.exitcode:
                yield Result(-1, f"a lane ended with code {process.exitcode}", ["its runs were not finished"])
    finally:
        for process in started:
            process.join(60)
            if process.is_alive():
                process.kill()


def _lane(folder: Path, home: Path, waiting: Any, results: Any, until: float | None) -> None:
    folder.mkdir(parents=True)
    stores, parent = Stores(folder), os.getppid()

    def go_on() -> bool:
        return (until is None or time.time() < until) and os.getppid() == parent

    try:
        stores.start()
        while go_on():
            try:
                block = waiting.get(timeout=0.5)
            except Empty:
                return
            for result in _play_block(folder / f"block-{block[0].seed}", home, stores, block, go_on):
                results.put(result)
    except Exception:
        results.put(Result(-1, "a lane broke", [traceback.format_exc()]))
    finally:
        stores.stop()


def _play_block(
    folder: Path, home: Path, stores: Stores, block: list[Plan], go_on: Callable[[], bool],
) -> Iterator[Result]:
    """One service for the block; after a run that went wrong a fresh one, so that no fault is handed on."""
    ground: Ground | None = None
    try:
        for number, plan in enumerate(block):
            if not go_on():
                return
            if ground is None:
                stores.start()
                place = folder / str(number)
                place.mkdir(parents=True)
                ground = Ground(place, stores, plan.mode)
                ground.start()
            result = run(ground, plan)
            if result.wrongs:
                _keep(ground, plan, result, home / f"seed-{plan.seed}")
                ground.stop()
                ground = None
            yield result
    finally:
        if ground is not None:
            ground.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _keep(ground: Ground, plan: Plan, result: Result, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    (into / "plan.txt").write_text("\n".join(plan.lines()) + "\n")
    (into / "wrong.txt").write_text("\n".join(result.wrongs) + "\n")
    try:
        ground.keep(into)
    except Exception as error:  # what can be kept is kept
        result.wrongs.append(f"not everything of the run could be kept: {type(error).__name__}: {error}")

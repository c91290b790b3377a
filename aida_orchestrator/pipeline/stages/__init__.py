"""Five stages, one shape: `run(services, run)` and `fall_back(services, run, error)`."""

from __future__ import annotations

from types import ModuleType

from ...model import Stage
from . import context, script, storyboard, video, visual

STAGES: dict[Stage, ModuleType] = {
    Stage.CONTEXT: context, Stage.SCRIPT: script, Stage.STORYBOARD: storyboard, Stage.VISUAL: visual, Stage.VIDEO: video,
}

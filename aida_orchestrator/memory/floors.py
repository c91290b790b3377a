"""The least likeness that counts as a find. It belongs to the embedder: each spreads its cosines in a way of its own."""

from __future__ import annotations

from ..errors import SettingsError

FLOORS = {
    "text-embedding-3-small": 0.7,
    "text-embedding-3-large": 0.7,  # not measured: that of its smaller sister
    "multilingual-e5-small+pairs-1": 0.2,  # of its second look, not of the cosine: docs/memory.md
}


def floor_of(embedder: str) -> float:
    """The floor of an embedder by its name; raises SettingsError where none is known, for a wrong one recalls everything
    or nothing."""
    floor = FLOORS.get(embedder)
    if floor is None:
        raise SettingsError(
            f"no similarity floor is known for the embedder {embedder}: measure one (make evaluate) and set "
            "MEMORY_SIMILARITY_FLOOR")
    return floor

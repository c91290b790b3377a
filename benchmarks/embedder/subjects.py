"""Messages that name a subject and no more ("the coffee film"), made of the items: the pairs themselves are all detail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from aida_orchestrator.providers import concepts

_FORMS = (("un video su {}", "quello con {}, come l'altra volta"), ("the {} film", "a video about {}"),
          ("un vídeo de {}", "lo de {} otra vez"), ("ein Film über {}", "das mit {}, wie beim letzten Mal"))
_EACH, _LEAST_WEIGHT = 2, 0.8


def ask_for_subjects(said: npt.NDArray[np.float32], kept: npt.NDArray[np.float32]) -> list[tuple[int, bool, str]]:
    """For each item its two rarest concepts, each by its first word in one of the languages.

    `said` is what an item's own message speaks of, `kept` what the whole item does: a row an item, a column a concept.
    """
    chance, common, words = np.random.default_rng(3), (kept > 0).sum(0), _first_words()
    asked = []
    for item, row in enumerate(said):
        spoken = np.flatnonzero(row >= _LEAST_WEIGHT)
        for concept in spoken[np.argsort(common[spoken], kind="stable")][:_EACH]:
            language = int(chance.integers(len(_FORMS)))
            if len(words[concept]) == len(_FORMS):
                form = _FORMS[language][int(chance.integers(2))]
                asked.append((item, True, form.format(words[concept][language])))
    return asked


def _first_words() -> list[list[str]]:
    """Of each concept its first word in each language."""
    lines = Path(concepts.__file__).with_name("concepts.txt").read_text("utf-8").splitlines()
    return [[part.split()[0].replace("_", " ").rstrip("*") for part in line.split("|") if part.strip()]
            for line in lines if line.strip() and line.strip()[0] not in "#["]

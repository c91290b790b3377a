"""One run of the chaos program with a seed that stays, so that a broken program is found before its hundreds of runs are."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from .lane import play
from .plan import make

SEED = 3002  # a worker and PostgreSQL are killed, Valkey is emptied, jobs fail, and media are cut short


@pytest.mark.slow
def test_films_under_the_faults_of_one_seed_end_well(server_folder: Path) -> None:
    results = list(play([make(SEED)], 1, server_folder, None))
    assert [result.seed for result in results] == [SEED]
    assert results[0].wrongs == [], f"{results[0].line}\nlogs: {server_folder}"
    assert results[0].counts["films"] >= 2
    assert not multiprocessing.active_children()

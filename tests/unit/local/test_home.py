"""The folder of an installation: one owner at a time, and a note for other shells."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from aida_orchestrator.local.home import AlreadyRunning, Home


def test_a_second_start_in_the_same_folder_is_told_who_has_it(tmp_path: Path) -> None:
    first, second = Home(tmp_path), Home(tmp_path)
    first.take()
    with pytest.raises(AlreadyRunning, match=r"already running in .* \(process \d+\)"):
        second.take()
    first.leave()
    second.take()
    second.leave()


def test_the_note_for_other_shells_is_private_and_says_what_was_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.take()
    nasty = "postgresql://postgres@/aida?host=/a b's/$HOME\\x&port=5432"
    home.publish({"DATABASE_URL": nasty})
    assert stat.S_IMODE(home.up_env.stat().st_mode) == 0o600
    assert dotenv_values(home.up_env)["DATABASE_URL"] == nasty
    home.leave()
    assert not home.up_env.exists()


def test_a_start_forgets_the_note_of_one_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "up.env").write_text("DATABASE_URL='postgresql://gone'\n")
    home = Home(tmp_path)
    home.take()
    assert not home.up_env.exists()
    home.leave()


def test_a_kept_secret_is_the_same_at_the_next_start_and_private(tmp_path: Path) -> None:
    made = Home(tmp_path).secret("flower-password")
    assert Home(tmp_path).secret("flower-password") == made
    assert stat.S_IMODE((tmp_path / "flower-password").stat().st_mode) == 0o600

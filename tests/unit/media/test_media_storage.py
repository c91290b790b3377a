"""LocalStorage: whole files, keys that cannot be guessed and cannot lead out of the folder."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from aida_orchestrator.errors import MediaError, NotFoundError
from aida_orchestrator.media.storage import LocalStorage, new_key

LEADING_OUT = [
    "../secret.txt", "proj_x/../../secret.txt", "/etc/passwd", "proj_x//a.jpg", ".scratch/a.jpg", "proj_x/.hidden",
    "proj_x/a.jpg\x00.png", "proj_x\\..\\secret.txt", "", "proj_x/", "proj_x/a b.jpg", "proj_x/\n", "..", "a" * 301,
]


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    (tmp_path / "secret.txt").write_text("secret")
    return LocalStorage(tmp_path / "media")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"bytes of a picture")
    return path


def test_what_was_put_is_read_back_and_the_source_stays(storage: LocalStorage, file: Path) -> None:
    key = new_key("proj_x", "picture", 3, "jpg")
    storage.put(key, file)
    assert storage.exists(key)
    assert storage.path(key).read_bytes() == b"bytes of a picture"
    assert file.exists()


def test_a_second_put_replaces_the_first_and_leaves_no_temporary_file(storage: LocalStorage, file: Path) -> None:
    storage.put("proj_x/film.mp4", file)
    file.write_bytes(b"another")
    storage.put("proj_x/film.mp4", file)
    assert storage.path("proj_x/film.mp4").read_bytes() == b"another"
    assert [path.name for path in storage.folder.rglob("*") if path.is_file()] == ["film.mp4"]


def test_a_put_that_fails_leaves_nothing(storage: LocalStorage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.put("proj_x/film.mp4", tmp_path / "is-not-there")
    assert not storage.exists("proj_x/film.mp4")
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []


def test_a_missing_file_is_not_found_and_deleting_twice_is_quiet(storage: LocalStorage, file: Path) -> None:
    storage.put("proj_x/a.jpg", file)
    storage.delete("proj_x/a.jpg")
    storage.delete("proj_x/a.jpg")
    assert not storage.exists("proj_x/a.jpg")
    with pytest.raises(NotFoundError):
        storage.path("proj_x/a.jpg")


def test_a_folder_is_not_a_file(storage: LocalStorage, file: Path) -> None:
    storage.put("proj_x/a.jpg", file)
    assert not storage.exists("proj_x")


@pytest.mark.parametrize("key", LEADING_OUT)
def test_a_key_that_is_not_ours_reads_writes_and_deletes_nothing(storage: LocalStorage, file: Path, key: str) -> None:
    with pytest.raises(NotFoundError):
        storage.path(key)
    assert not storage.exists(key)
    with pytest.raises(MediaError):
        storage.put(key, file)
    with pytest.raises(MediaError):
        storage.delete(key)
    assert (storage.folder.parent / "secret.txt").read_text() == "secret"


def test_a_link_inside_the_folder_does_not_lead_out(storage: LocalStorage, file: Path) -> None:
    storage.put("proj_x/a.jpg", file)
    (storage.folder / "proj_y").symlink_to(storage.folder.parent)
    with pytest.raises(NotFoundError):
        storage.path("proj_y/secret.txt")


def test_keys_carry_128_random_bits_and_never_repeat() -> None:
    keys = {new_key("proj_x", "picture", 3, ".jpg") for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"proj_x/picture-03-[0-9a-f]{32}\.jpg", key) for key in keys)


@pytest.mark.parametrize(
    ("project", "kind", "extension"), [("../x", "clip", "mp4"), ("x", "a/b", "mp4"), ("x", "c", "m/p")]
)
def test_no_key_is_made_of_parts_that_lead_elsewhere(project: str, kind: str, extension: str) -> None:
    with pytest.raises(MediaError):
        new_key(project, kind, 1, extension)


def test_scratch_is_gone_afterwards_even_after_an_error(storage: LocalStorage) -> None:
    seen: list[Path] = []

    def work() -> None:
        with storage.scratch() as folder:
            seen.append(folder)
            (folder / "part.mp4").write_bytes(b"x")
            assert folder.stat().st_dev == storage.folder.stat().st_dev
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert not seen[0].exists()


def test_what_a_killed_process_left_in_scratch_goes_after_a_day(storage: LocalStorage) -> None:
    with storage.scratch() as mine:
        old, young = mine.parent / "work-old", mine.parent / "work-young"
        old.mkdir()
        young.mkdir()
        (old / "part.mp4").write_bytes(b"x")
        os.utime(old, (time.time() - 90_000,) * 2)
    with storage.scratch():
        assert not old.exists()
        assert young.exists()

"""Kinds by content, boxes of an MP4, and what ffmpeg says about a clip."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from aida_orchestrator.media.boxes import is_faststart, top_boxes, what_is_missing
from aida_orchestrator.media.probing import read_counts, read_probe
from aida_orchestrator.media.sniff import JPEG, MOV, MP4, PNG, WEBM, WEBP, FileKind, is_whole, sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", JPEG),
        (b"\x89PNG\r\n\x1a\n\x00\x00", PNG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", WEBP),
        (b"\x00\x00\x00\x20ftypisom\x00\x00", MP4),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00", MOV),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", WEBM),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", None),
        (b"\x00\x00\x00\x20ftypavif\x00\x00", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"<!doctype html><html>", None),
        (b"#EXTM3U\nhttp://inside/", None),
        (b"ffconcat version 1.0", None),
        (b"GIF89a", None),
        (b"\x00\x00\x00\x20ftyp", None),
        (b"", None),
    ],
)
def test_a_file_is_told_by_its_first_bytes(head: bytes, kind: FileKind | None) -> None:
    assert sniff(head) == kind


@pytest.mark.parametrize(("form", "kind"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_a_picture_that_was_cut_off_is_told_from_a_whole_one(tmp_path: Path, form: str, kind: FileKind) -> None:
    made = io.BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(made, form)
    content, file = made.getvalue(), tmp_path / "picture"
    for more in (b"", b"\x00" * 16, b"appended by some writer" * 100):
        file.write_bytes(content + more)
        assert is_whole(file, kind)
    for length in (12, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        assert not is_whole(file, kind)


def test_what_is_no_picture_is_not_judged_by_its_end(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"anything")
    assert is_whole(tmp_path / "clip", MP4)


def _box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", size if size is not None else 8 + len(body)) + name + body


FTYP = _box(b"ftyp", b"isom\0\0\0\0")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (FTYP + _box(b"moov", b"x" * 20) + _box(b"mdat", b"x" * 50), None),
        (FTYP + _box(b"mdat", b"x" * 50) + _box(b"moov", b"x" * 20), None),
        (FTYP + _box(b"moov") + _box(b"mdat", b"x" * 50, size=0), None),
        (FTYP + _box(b"moov") + _box(b"mdat", b"x" * 50, size=59), "cut off"),
        (FTYP + _box(b"mdat", b"x" * 50), "no index"),
        (FTYP + _box(b"moov") + _box(b"mdat", struct.pack(">Q", 1 << 60), size=1), "cut off"),
        (FTYP + _box(b"moov") + _box(b"mdat", b"", size=3), None),
        (FTYP, "no index"),
    ],
)
def test_a_cut_off_mp4_is_noticed_from_its_boxes(tmp_path: Path, content: bytes, complaint: str | None) -> None:
    file = tmp_path / "x.mp4"
    file.write_bytes(content)
    found = what_is_missing(file)
    assert found is None if complaint is None else complaint in (found or "")


def test_faststart_means_the_index_stands_first(tmp_path: Path) -> None:
    file = tmp_path / "x.mp4"
    file.write_bytes(FTYP + _box(b"moov") + _box(b"mdat", b"xx"))
    assert is_faststart(file)
    assert [name for name, _, _ in top_boxes(file)] == ["ftyp", "moov", "mdat"]
    file.write_bytes(FTYP + _box(b"mdat", b"xx") + _box(b"moov"))
    assert not is_faststart(file)


SAID = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a.mp4':
  Metadata:
    title           : nice
                    : Stream #0:9: Video: fake, fake, 1x1
    Duration        : 99:00:00.00
  Duration: 00:01:05.04, start: 0.000000, bitrate: 7467 kb/s
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 720x576 \
[SAR 16:15 DAR 4:3], 7465 kb/s, 29.97 fps, 29.97 tbr, 15360 tbn (default)
    Side data:
      displaymatrix: rotation of -90.00 degrees
  Stream #0:1[0x2](und): Audio: aac (LC), 44100 Hz, mono
"""


def test_what_ffmpeg_says_becomes_a_probe_of_the_clip_as_it_is_shown() -> None:
    found = read_probe(SAID)
    assert found is not None
    assert (found.seconds, found.fps, found.codec, found.pix_fmt) == (65.04, 29.97, "h264", "yuv420p")
    assert (found.width, found.height) == (576, 768)
    assert found.has_audio
    assert found.matrix == "bt709"
    assert not found.square


def test_cover_art_and_sound_alone_are_no_clip() -> None:
    assert read_probe("  Duration: 00:00:05.00\n  Stream #0:1: Audio: aac, 44100 Hz\n") is None
    art = "  Stream #0:0: Video: mjpeg (Baseline), yuvj420p(pc), 600x600, 90k tbr (attached pic)\n"
    assert read_probe("  Duration: 00:00:05.00\n" + art) is None


def test_the_summary_of_a_run_is_read_where_there_is_one() -> None:
    line = "[in#0/mov]   Input stream #0:0 (video): 7 packets read (9 bytes); 6 frames decoded; 1 decode errors; \n"
    counts = read_counts(line)
    assert counts is not None
    assert (counts.packets, counts.frames, counts.errors) == (7, 6, 1)
    assert read_counts("something else") is None

"""Real clips through the real ffmpeg: sizes, lengths and joints, and files that are broken or hostile."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from aida_orchestrator.errors import MediaError, MediaUnavailable
from aida_orchestrator.media.assembly import BrokenClip, FilmPart, assemble, check_film, film_size, finish
from aida_orchestrator.media.boxes import is_faststart
from aida_orchestrator.media.ffmpeg import fit_clip, join, poster, probe

MakeClip = Callable[..., Path]


def _ffmpeg(*arguments: str | Path) -> bytes:
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def frame_count(film: Path) -> int:
    """Frames that really decode."""
    return len(_ffmpeg("-i", film, "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"))


def colour_at(film: Path, seconds: float, x: float, y: float) -> tuple[int, ...]:
    """Red, green, blue at a place (0..1) of the frame at a time."""
    vf = f"crop=2:2:iw*{x}:ih*{y}:exact=1,scale=1:1,format=rgb24"
    return tuple(_ffmpeg("-ss", str(seconds), "-i", film, "-frames:v", "1", "-vf", vf, "-f", "rawvideo", "-"))


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 24) -> bool:
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """A clip from a lavfi source; `more` are output options, `name` may be hostile."""

    def make(
        name: str = "clip.mp4", *, size: str = "320x180", fps: str = "24", seconds: float = 1.0,
        source: str = "testsrc2", more: tuple[str, ...] = (), sound: bool = False,
    ) -> Path:
        out = tmp_path / name
        joint = ":" if "=" in source else "="
        inputs: list[str] = ["-f", "lavfi", "-i", f"{source}{joint}s={size}:r={fps}:d={seconds}"]
        if sound:
            inputs += ["-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "aac"]
        codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
        _ffmpeg(*inputs, *codec, *more, f"file:{out}")
        return out

    return make


@pytest.mark.parametrize(
    ("made", "width", "height"),
    [
        ({"size": "318x178", "fps": "30", "seconds": 1.3}, 320, 180),
        ({"size": "640x360", "fps": "30000/1001", "seconds": 0.4}, 320, 180),
        ({"size": "180x320", "fps": "12", "seconds": 1.0}, 320, 180),
        ({"size": "320x180", "fps": "60", "seconds": 2.0, "sound": True}, 180, 320),
        ({"size": "322x182", "fps": "25", "more": ("-bf", "2")}, 180, 180),
        ({"size": "320x180", "more": ("-pix_fmt", "yuv444p")}, 320, 180),
    ],
)
def test_any_clip_becomes_exactly_the_asked_length_and_size(
    make_clip: MakeClip, tmp_path: Path, made: dict[str, object], width: int, height: int
) -> None:
    out = tmp_path / "fitted.mp4"
    fit_clip(make_clip(**made), out, seconds=1.0, width=width, height=height)
    found = probe(out)
    assert (found.width, found.height, found.fps, found.square) == (width, height, 24, True)
    assert (found.codec, found.pix_fmt, found.has_audio) == ("h264", "yuv420p", False)
    assert found.seconds == pytest.approx(1.0, abs=0.011)
    assert frame_count(out) == 24
    assert is_faststart(out)


def test_a_longer_clip_is_cut_and_a_shorter_one_holds_its_last_frame(make_clip: MakeClip, tmp_path: Path) -> None:
    both = tmp_path / "both.mp4"
    red, blue = make_clip("r.mp4", source="color=red"), make_clip("b.mp4", source="color=blue")
    join([red, blue], both)
    fit_clip(both, tmp_path / "short.mp4", seconds=0.75, width=320, height=180)
    assert near(colour_at(tmp_path / "short.mp4", 0.7, 0.5, 0.5), (255, 0, 0))
    fit_clip(both, tmp_path / "long.mp4", seconds=4, width=320, height=180)
    assert near(colour_at(tmp_path / "long.mp4", 0.5, 0.5, 0.5), (255, 0, 0))
    assert near(colour_at(tmp_path / "long.mp4", 3.9, 0.5, 0.5), (0, 0, 255))
    assert frame_count(tmp_path / "long.mp4") == 96


def test_upright_in_a_wide_frame_gets_bars_and_nearly_fitting_is_cropped(make_clip: MakeClip, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    fit_clip(make_clip(size="180x320", source="color=red"), out, seconds=0.5, width=320, height=180)
    assert near(colour_at(out, 0.1, 0.02, 0.5), (0, 0, 0))
    assert near(colour_at(out, 0.1, 0.5, 0.02), (255, 0, 0))
    fit_clip(make_clip(size="320x200", source="color=red"), out, seconds=0.5, width=320, height=180)
    for x, y in ((0.01, 0.01), (0.98, 0.98), (0.01, 0.98), (0.98, 0.01)):
        assert near(colour_at(out, 0.1, x, y), (255, 0, 0))


def test_stretched_pixels_and_turned_phones_are_shown_undistorted(make_clip: MakeClip, tmp_path: Path) -> None:
    band = "drawbox=h=ih/5:color=red:t=fill,setsar=2"
    stretched = make_clip(size="160x180", source="color=blue", more=("-vf", band))
    assert (probe(stretched).width, probe(stretched).height) == (320, 180)
    fit_clip(stretched, tmp_path / "out.mp4", seconds=0.5, width=320, height=180)
    assert near(colour_at(tmp_path / "out.mp4", 0.1, 0.5, 0.1), (255, 0, 0))
    assert near(colour_at(tmp_path / "out.mp4", 0.1, 0.5, 0.3), (0, 0, 255))
    turned = tmp_path / "turned.mp4"
    _ffmpeg("-display_rotation", "90", "-i", make_clip(size="320x180"), "-c", "copy", turned)
    assert (probe(turned).width, probe(turned).height) == (180, 320)
    fit_clip(turned, tmp_path / "out.mp4", seconds=0.5, width=180, height=320)
    assert (probe(tmp_path / "out.mp4").width, probe(tmp_path / "out.mp4").height) == (180, 320)


@pytest.mark.parametrize("tags", [(), ("-colorspace", "smpte170m"), ("-color_range", "pc")])
def test_colours_survive(make_clip: MakeClip, tmp_path: Path, tags: tuple[str, ...]) -> None:
    clip = make_clip(source="color=0x30a060", more=tags)
    fit_clip(clip, tmp_path / "out.mp4", seconds=0.5, width=640, height=360)
    assert near(colour_at(tmp_path / "out.mp4", 0.1, 0.5, 0.5), (0x30, 0xA0, 0x60), by=6)
    assert probe(tmp_path / "out.mp4").matrix == "bt709"


def test_high_definition_without_a_colour_tag_is_taken_as_players_take_it(make_clip: MakeClip, tmp_path: Path) -> None:
    as_709 = "format=rgb24,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=colorspace=unknown"
    clip = make_clip(source="color=0x30a060", size="1280x720", seconds=0.3, more=("-vf", as_709))
    assert probe(clip).matrix == ""
    fit_clip(clip, tmp_path / "out.mp4", seconds=0.2, width=1280, height=720)
    assert near(colour_at(tmp_path / "out.mp4", 0.1, 0.5, 0.5), (0x30, 0xA0, 0x60), by=6)


def test_a_webm_clip_is_read_too(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("clip.webm", more=("-c:v", "libvpx", "-deadline", "realtime"))
    fit_clip(clip, tmp_path / "out.mp4", seconds=1, width=320, height=180)
    assert frame_count(tmp_path / "out.mp4") == 24


def test_parts_join_without_losing_or_adding_a_frame(make_clip: MakeClip, tmp_path: Path) -> None:
    parts = []
    for number, colour in enumerate(("red", "lime", "blue")):
        part = tmp_path / f"part {number}.mp4"
        fit_clip(make_clip(source=f"color={colour}", fps="30"), part, seconds=1, width=320, height=180)
        parts.append(part)
    found = finish(parts, tmp_path / "film.mp4", width=320, height=180, seconds=3)
    assert found.seconds == pytest.approx(3, abs=0.011)
    assert frame_count(tmp_path / "film.mp4") == 72
    for seconds, colour in ((0.95, (255, 0, 0)), (1.0, (0, 255, 0)), (1.95, (0, 255, 0)), (2.0, (0, 0, 255))):
        assert near(colour_at(tmp_path / "film.mp4", seconds, 0.5, 0.5), colour)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_poster_is_a_jpeg_of_that_moment(make_clip: MakeClip, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    join([make_clip("r.mp4", source="color=red"), make_clip("b.mp4", source="color=blue")], film)
    for at, colour in ((0.2, (255, 0, 0)), (1.5, (0, 0, 255)), (99.0, (0, 0, 255))):
        poster(film, tmp_path / "poster.jpg", at)
        assert (tmp_path / "poster.jpg").read_bytes().startswith(b"\xff\xd8\xff")
        assert near(colour_at(tmp_path / "poster.jpg", 0, 0.5, 0.5), colour)


@pytest.mark.parametrize(
    ("ratio", "sides", "size"),
    [("16:9", [720, 720], (1280, 720)), ("9:16", [720], (720, 1280)), ("1:1", [960], (720, 720)),
     ("16:9", [1080, 1080, 720], (1920, 1080)), ("9:16", [1080], (1080, 1920)), ("1:1", [1080], (1080, 1080)),
     ("16:9", [1080, 720], (1280, 720)), ("16:9", [], (1280, 720))],
)
def test_the_film_is_as_sharp_as_most_clips(ratio: str, sides: list[int], size: tuple[int, int]) -> None:
    assert film_size(ratio, sides) == size


def test_a_shape_that_is_not_offered_is_refused() -> None:
    with pytest.raises(MediaError, match="16:9, 9:16, 1:1"):
        film_size("4:3", [720])


def test_clips_of_all_sorts_become_one_film(make_clip: MakeClip, tmp_path: Path) -> None:
    clips = [
        FilmPart(make_clip("a.mp4", size="640x360", fps="30", seconds=1.2, sound=True), 1),
        FilmPart(make_clip("b.mp4", size="360x640", fps="25", seconds=0.7), 1.5),
        FilmPart(make_clip("c.webm", size="638x358", seconds=1, more=("-c:v", "libvpx")), 1),
    ]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = assemble(clips, "9:16", tmp_path / "film.mp4", scratch)
    assert (found.width, found.height, found.pix_fmt) == (720, 1280, "yuv420p")
    assert found.seconds == pytest.approx(3.5, abs=0.011)
    assert frame_count(tmp_path / "film.mp4") == 84


def test_a_cut_off_clip_is_named_and_no_film_is_left(make_clip: MakeClip, tmp_path: Path) -> None:
    good = make_clip("good.mp4")
    for name, flags in (("index first.mp4", ("-movflags", "+faststart")), ("index last.mp4", ())):
        broken = make_clip(name, more=flags)
        broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
        with pytest.raises(BrokenClip, match=r"^clip 2: .*cut off") as caught:
            assemble([FilmPart(good, 1), FilmPart(broken, 1)], "16:9", tmp_path / "film.mp4", tmp_path)
        assert caught.value.index == 1
        assert not (tmp_path / "film.mp4").exists()


def test_a_clip_whose_data_are_damaged_or_end_early_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip(seconds=2, more=("-movflags", "+faststart"))
    whole = clip.read_bytes()
    start = whole.index(b"mdat") + 5000
    clip.write_bytes(whole[:start] + b"\x00" * (len(whole) - start))
    with pytest.raises(MediaError, match="damaged"):
        fit_clip(clip, tmp_path / "out.mp4", seconds=2, width=320, height=180)
    webm = make_clip("clip.webm", seconds=2, more=("-c:v", "libvpx", "-b:v", "2M"))
    webm.write_bytes(webm.read_bytes()[: webm.stat().st_size // 4])
    with pytest.raises(MediaError, match="early"):
        fit_clip(webm, tmp_path / "out.mp4", seconds=2, width=320, height=180)
    assert not (tmp_path / "out.mp4").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
     b"\x00\x00\x00\x20ftypisom" + b"\x00" * 100, b"\xff\xd8\xff\xe0" + b"\x00" * 100],
)
def test_what_is_no_clip_never_reaches_the_film(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        probe(file)
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize(
    "name",
    ["-i.mp4", "a'b.mp4", "concat:a|b.mp4", "a%03d.mp4", "è vero; rm -rf.mp4", "a\\b.mp4", "[0:v]drawtext=x.mp4"],
)
def test_a_name_that_looks_like_an_order_is_only_a_name(make_clip: MakeClip, tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").mkdir()
    plain = make_clip("plain/clip.mp4")
    source = plain.rename(tmp_path / name)
    fit_clip(source, tmp_path / f"fitted {name}", seconds=1, width=320, height=180)
    join([tmp_path / f"fitted {name}"] * 2, tmp_path / f"film {name}")
    poster(tmp_path / f"film {name}", tmp_path / f"{name}.jpg", 0)
    assert probe(tmp_path / f"film {name}").seconds == pytest.approx(2, abs=0.011)


def test_a_name_with_line_breaks_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip().rename(tmp_path / "a\n  Duration: 01:00:00.00\n.mp4")
    with pytest.raises(MediaError, match="control characters"):
        probe(clip)


def test_a_film_that_is_not_right_is_named_in_every_point(make_clip: MakeClip, tmp_path: Path) -> None:
    film = make_clip(more=("-pix_fmt", "yuv444p"))
    with pytest.raises(MediaError) as caught:
        check_film(film, width=1280, height=720, seconds=5)
    for point in ("yuv444p", "size 320x180", "length 1.00 s", "faststart"):
        assert point in caught.value.message


def test_work_that_takes_too_long_is_ended(make_clip: MakeClip, tmp_path: Path) -> None:
    with pytest.raises(MediaUnavailable, match="within"):
        fit_clip(make_clip(), tmp_path / "out.mp4", seconds=3600, width=1920, height=1080, limit_seconds=0.5)
    assert not list(tmp_path.glob("*out*"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("said", ["av_interleaved_write_frame(): No space left on device", "Too many open files", ""])
def test_what_this_machine_lacks_says_nothing_of_the_clip(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str,
) -> None:
    clip = make_clip()
    known = probe(clip)
    failing = tmp_path / "ffmpeg"
    failing.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 228\n")
    failing.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(failing))
    with pytest.raises(MediaUnavailable):
        fit_clip(clip, tmp_path / "out.mp4", seconds=1, width=320, height=180, known=known)
    with pytest.raises(MediaUnavailable):
        probe(clip)


"""The only file that starts ffmpeg: probe, fit, join, poster.

Every input has a forced format and may read plain files only, so an address or playlist inside a file leads nowhere.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from ..errors import MediaError, MediaUnavailable, SettingsError
from .boxes import what_is_missing
from .probing import Counts, Probe, read_counts, read_probe
from .sniff import MP4, FileKind, sniff_file

FPS = 24
LIMIT_SECONDS = 300.0
_PROBE_SECONDS = 30.0
_NICENESS = 10
_MOST_PIXELS = 36_000_000
_MOST_LOST = 0.25  # of a frame's picture, by cropping; beyond that bars are the smaller evil
_TAIL_BYTES = 16 * 1024
_CHATTER = re.compile(
    r"At least one output|Statistics:|Exiting with|Conversion failed|Terminating thread|Task finished|^frame=|Total:"
    r"|(?:Input|Output) (?:file|stream) #"
)
# Of this machine's disks, not of the clip. On a full one ffmpeg may not even be able to say so.
_OURS = re.compile(r"No space left on device|Disk quota exceeded|Read-only file system|Too many open files")
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")

# One encoding for every part, so that parts join without encoding again. No B-frames: decoding order is showing order,
# so no joint needs an edit list, and it costs less time. A key frame each two seconds lets players seek. The x264
# parameters save a fifth of the time at about the same size.
_ENCODE = (
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high", "-pix_fmt", "yuv420p",
    "-x264-params", "subme=1:weightp=0",
    "-bf", "0", "-g", "48", "-movflags", "+faststart", "-map_metadata", "-1", "-map_chapters", "-1",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mp4",
)
_COLOURS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


def probe(path: Path) -> Probe:
    """What the clip is; raises MediaError if it is no whole MP4, MOV or WebM with a moving picture, MediaUnavailable where
    this machine could not tell: it is overloaded, or a disk is full."""
    kind = _clip_kind(path)
    text = _run([*_input(path, kind)], doing="read the clip", limit_seconds=_PROBE_SECONDS, must_succeed=False)
    found = read_probe(text)
    if found is None:
        raise MediaError(f"the clip cannot be read: {_last_words(text)}")
    if found.width * found.height > _MOST_PIXELS:
        raise MediaError(f"the clip is too large: {found.width}x{found.height}")
    return found


def fit_clip(
    source: Path, out: Path, *, seconds: float, width: int, height: int, fps: int = FPS,
    threads: int = 2, limit_seconds: float = LIMIT_SECONDS, known: Probe | None = None,
) -> None:
    """Make a silent H.264 clip of exactly this length and size; `out` appears whole or not at all.

    A longer source is cut, a shorter one holds its last frame. The picture is never distorted: it covers the frame and
    is cropped, or gets bars where a crop would take more than a quarter. `known` saves probing again; MediaError.
    """
    if width % 2 or height % 2 or min(width, height) < 2 or seconds <= 0:
        raise MediaError(f"a clip of {width}x{height} and {seconds:g} s cannot be made: even sides, more than 0 s")
    found = known or probe(source)
    frames = max(1, round(seconds * fps))
    chain = [f"fps={fps}:start_time=0", *_shape(found, width, height), "setsar=1", _COLOURS,
             "tpad=stop=-1:stop_mode=clone", "format=yuv420p"]
    with _whole(out) as temporary:
        text = _run(
            ["-v", "verbose", "-threads", str(threads), "-max_pixels", str(_MOST_PIXELS),
             "-max_error_rate", "1", *_input(source, _clip_kind(source)), "-map", "0:V:0", "-an", "-sn", "-dn",
             "-filter_threads", str(threads), "-vf", ",".join(chain), "-frames:v", str(frames),
             "-threads", str(threads), "-video_track_timescale", str(fps * 1000), *_ENCODE, _name(temporary)],
            doing="fit the clip", limit_seconds=limit_seconds,
        )
        _refuse_broken(read_counts(text), found, seconds)
        if not temporary.stat().st_size:
            raise MediaError("the clip has no frame that can be read")


def join(parts: Sequence[Path], out: Path, *, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Put clips made by `fit_clip` (one size, one fps) one after another without encoding; raises MediaError."""
    if not parts:
        raise MediaError("a film needs at least one clip")
    for part in parts:
        if _clip_kind(part) != MP4:
            raise MediaError("only clips that were fitted can be joined")
    # The list is a little language of its own, so it only ever holds names that we made up.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".join-") as folder, _whole(out) as temporary:
        names = [f"{number:04d}.mp4" for number in range(len(parts))]
        for name, part in zip(names, parts, strict=True):
            (Path(folder) / name).symlink_to(part.absolute())
        listing = Path(folder) / "parts.txt"
        listing.write_text("ffconcat version 1.0\n" + "".join(f"file {name}\n" for name in names), encoding="ascii")
        _run(
            ["-v", "warning", "-protocol_whitelist", "file", "-f", "concat", "-safe", "1", "-i", _name(listing),
             "-map", "0:v:0", "-c", "copy", "-movflags", "+faststart", "-map_metadata", "-1",
             "-fflags", "+bitexact", "-f", "mp4", _name(temporary)],
            doing="join the clips", limit_seconds=limit_seconds,
        )


def poster(source: Path, out: Path, at_seconds: float) -> None:
    """Write one frame as a JPEG; a time beyond the end means the last frames. Raises MediaError."""
    found = probe(source)
    at = max(0.0, min(at_seconds, found.seconds - 0.25))
    with _whole(out) as temporary:
        _run(
            ["-v", "warning", "-ss", f"{at:.3f}", *_input(source, _clip_kind(source)), "-map", "0:V:0",
             "-vf", "scale='iw*if(sar,sar,1)':ih:out_color_matrix=bt601:out_range=full,setsar=1,format=yuvj420p",
             "-frames:v", "1", "-q:v", "3", "-c:v", "mjpeg", "-f", "mjpeg", _name(temporary)],
            doing="take a frame", limit_seconds=_PROBE_SECONDS,
        )
        if not temporary.is_file() or not temporary.stat().st_size:
            raise MediaError("the clip has no frame at that time")


def _shape(found: Probe, width: int, height: int) -> list[str]:
    filters = []
    if not found.matrix:  # players take untagged high definition for BT.709, ffmpeg for BT.601
        filters.append(f"setparams=colorspace={'bt709' if found.short_side >= 576 else 'smpte170m'}")
    if not found.square:
        filters.append("scale='trunc(iw*sar/2)*2':ih,setsar=1")
    covered = min(width / found.width, height / found.height) / max(width / found.width, height / found.height)
    colours = "out_color_matrix=bt709:out_range=tv"
    if 1 - covered <= _MOST_LOST:
        scale = f"scale={width}:{height}:force_original_aspect_ratio=increase:force_divisible_by=2:{colours}"
        return [*filters, scale, f"crop={width}:{height}"]
    scale = f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:{colours}"
    return [*filters, scale, f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:black"]


def _refuse_broken(counts: Counts | None, found: Probe, seconds: float) -> None:
    if counts is None:
        return
    if counts.frames == 0 or counts.errors * 10 > counts.packets:
        raise MediaError(f"the clip is damaged: {counts.errors} of {counts.packets} pieces cannot be decoded")
    promised = min(found.seconds, seconds) * found.fps
    if found.fps <= 120 and counts.frames < 0.5 * promised:
        raise MediaError(f"the clip ends early: {counts.frames} of about {promised:.0f} frames are there")


def _clip_kind(path: Path) -> FileKind:
    try:
        kind = sniff_file(path)
        missing = what_is_missing(path) if kind is not None and kind.demuxer == "mov" else None
    except OSError as error:
        raise MediaUnavailable(f"the clip cannot be opened: {error.strerror}") from None
    if kind is None or kind.family != "video":
        raise MediaError("the file is not an MP4, MOV or WebM clip")
    if missing:
        raise MediaError(f"the clip is broken: {missing}")
    return kind


def _input(path: Path, kind: FileKind) -> list[str]:
    return ["-protocol_whitelist", "file", "-f", kind.demuxer, "-i", _name(path)]


def _name(path: Path) -> str:
    """`file:` and an absolute path: no name can then be an option or another protocol."""
    name = str(path.absolute())
    if not name.isprintable():
        raise MediaError("the file's name holds control characters")
    return f"file:{name}"


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    temporary = out.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield temporary
        os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)


def _run(arguments: Sequence[str], *, doing: str, limit_seconds: float, must_succeed: bool = True) -> str:
    # -timelimit (processor seconds) also ends an ffmpeg whose worker was killed.
    command = [_executable(), "-nostdin", "-hide_banner", "-timelimit", str(int(limit_seconds * 8) + 1), *arguments]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    with tempfile.TemporaryFile() as log:
        # A group of its own: Ctrl-C is for the worker, which lets a started clip end.
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                              env=environment, process_group=0) as process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
            try:
                code = process.wait(limit_seconds)
            except BaseException as error:
                process.kill()
                if isinstance(error, subprocess.TimeoutExpired):
                    raise MediaUnavailable(f"ffmpeg could not {doing} within {limit_seconds:g} s") from None
                raise
        log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
        text = log.read().decode("utf-8", "replace")
    if code < 0:
        raise MediaUnavailable(f"ffmpeg was stopped by signal {-code} while it tried to {doing}")
    if code and (_OURS.search(text) or not text.strip()):
        raise MediaUnavailable(f"ffmpeg could not {doing} on this machine now: {_last_words(text)}")
    if code and must_succeed:
        raise MediaError(f"ffmpeg could not {doing}: {_last_words(text)}")
    return text


def _executable() -> str:
    try:
        return str(get_ffmpeg_exe())
    except RuntimeError:
        raise SettingsError("no ffmpeg: install the package imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE") from None


def _last_words(text: str) -> str:
    """The last lines that say something, without paths and addresses in memory."""
    clean = re.sub(r" @ 0x[0-9a-f]+|(?:file:)?/\S*", "", text)
    lines = [line.strip() for line in clean.splitlines() if line.strip() and not _CHATTER.search(line)]
    return " | ".join(lines[-3:])[-400:] or "it said nothing"

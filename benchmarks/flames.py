"""`python -m benchmarks.flames FILE`: what a raw py-spy profile says in two lists, by own time and by time with callees.

`--profile FILE` of in_flight records one; py-spy is installed by whoever wants it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

_MOST = 25
_LINE = re.compile(r":\d+\)$")


def record(pid: int, out: Path) -> subprocess.Popen[bytes]:
    """Sample until the recorder is sent SIGINT; only a thread that holds the interpreter counts, so waiting does not."""
    argv = [str(Path(sys.executable).with_name("py-spy")), "record", "--gil", "--nonblocking", "-r", "200", "-d", "3600",
            "-f", "raw", "-p", str(pid), "-o", str(out)]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    """Print both lists as shares of all samples."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    total = 0
    for line in Path(sys.argv[1]).read_text().splitlines():
        stack, _, written = line.rpartition(" ")
        times = int(written)
        frames = [_LINE.sub(")", frame) for frame in stack.split(";") if frame]
        if not frames:
            continue
        total += times
        own[frames[-1]] += times
        for frame in set(frames):
            within[frame] += times
    for title, counts in (("own time", own), ("with callees", within)):
        print(f"{title} (of {total} samples)")
        for frame, times in counts.most_common(_MOST if counts is own else 3 * _MOST):
            print(f"  {100 * times / max(1, total):5.1f} %  {frame}")


if __name__ == "__main__":
    main()

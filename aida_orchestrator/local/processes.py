"""What the operating system knows about our child processes: who they are, whether they live, how they end."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded once here: nothing may be imported or loaded between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(on_death: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that has Linux send `on_death` to the child when our main thread ends, even by kill -9.

    None elsewhere: there the next start finds the leftovers by their register. Start children from the main
    thread only, for Linux watches the thread, not the process.
    """
    libc = _libc
    if libc is None:
        return None
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(on_death), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def identity(pid: int) -> str | None:
    """A word that tells this process from a later one with the same number; None if it is gone or a zombie."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        # proc(5): after the name come state (field 3) and, at field 22, the start time in ticks since boot.
        return None if fields[0] in ("Z", "X") else f"{_boot_id()}:{fields[19]}"
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = asked.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def working_folder(pid: int) -> Path | None:
    """Where the process stands, if we may know."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def command_line(pid: int) -> str:
    """The program and its arguments, empty if unknown."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if sys.platform == "linux":
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def wait_gone(pid: int, who: str, seconds: float) -> bool:
    """True as soon as the process known as `who` has ended."""
    deadline = time.monotonic() + seconds
    while identity(pid) == who:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def stop_process(pid: int, who: str, first: signal.Signals = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ask the process known as `who` to end, and kill it with its whole group when `grace` seconds pass."""
    if identity(pid) != who:
        return
    try:
        os.kill(pid, first)
        if not wait_gone(pid, who, grace):
            kill_group(pid)
            wait_gone(pid, who, 5)
    except ProcessLookupError:
        return


def kill_group(pid: int) -> None:
    """SIGKILL to the process, and to its group where it leads one (every child of ours does)."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True

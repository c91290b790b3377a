"""The folder of one installation (AIDA_HOME): who has it, and what a second shell must know to reach the service."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from ..errors import SettingsError


class AlreadyRunning(SettingsError):
    """Another `aida up` has this folder."""

    code = "already_running"


class Home:
    """Paths below AIDA_HOME, and the lock that only one `aida up` can hold (it ends with the process)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.register = self.folder / "children.json"
        self.up_env = self.folder / "up.env"
        self._lock: int | None = None

    def take(self) -> None:
        """Lock the folder; raises AlreadyRunning naming who has it."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise SettingsError(f"AIDA_HOME {self.folder} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(lock, 32, 0).decode(errors="replace").strip()
            os.close(lock)
            raise AlreadyRunning(
                f"`aida up` is already running in {self.folder} (process {pid or 'unknown'}): "
                "stop it first, or set AIDA_HOME to another folder"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        # Whatever an earlier start left here points to servers that are gone.
        self.up_env.unlink(missing_ok=True)

    def leave(self) -> None:
        """Give the folder free."""
        if self._lock is not None:
            self.up_env.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def publish(self, values: Mapping[str, str]) -> None:
        """Write `up.env` for other shells; only its owner may read it, for it holds passwords."""
        lines = [f"{name}={_quoted(value)}" for name, value in {"AIDA_UP_PID": str(os.getpid()), **values}.items()]
        fresh = self.up_env.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(lines) + "\n")
        fresh.replace(self.up_env)

    def log(self, name: str) -> Path:
        """The log of one child, begun anew when it has grown past 10 MB."""
        file = self.logs / f"{name}.log"
        if file.is_file() and file.stat().st_size > 10_000_000:
            file.replace(file.with_suffix(".log.1"))
        return file

    def secret(self, name: str) -> str:
        """A random word made at the first start and kept."""
        file = self.folder / name
        if not file.is_file() or not file.read_text().strip():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_urlsafe(18))
        return file.read_text().strip()


def _quoted(value: str) -> str:
    """Single quotes: python-dotenv expands nothing inside them."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

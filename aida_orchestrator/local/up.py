"""`aida up`: the whole service on this machine, with whatever is missing brought along, and stopped in order."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from dotenv import dotenv_values

from ..errors import SettingsError
from ..prices import load_sheets
from ..settings import Settings, load_settings
from ..store.migrate import migrate
from . import programs
from .home import Home
from .plan import Plan, make_plan, provider_environment
from .postgres import Postgres
from .processes import free_port, port_is_free
from .redis import Valkey
from .supervisor import Supervisor, stop_leftovers

SANDBOX_PORT = 9100
FLOWER_PORT = 5555


@dataclass(frozen=True)
class Wishes:
    """How this start differs from the usual one.

    `port` replaces ORCHESTRATOR_PORT (0: any free one); `lean` starts fewer processes, and sends their lines to files
    instead of here.
    """

    port: int | None = None
    lean: bool = False
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


class LocalService:
    """A running service. Use from the main thread: `start`, then `tick` a few times a second, then `stop`."""

    def __init__(self, wishes: Wishes | None = None, say: Callable[[str], None] = print) -> None:
        self._wishes = wishes or Wishes()
        self._say = say
        self._screen = threading.Lock()
        self.home = Home(load_settings().aida_home)
        self.supervisor = Supervisor(self.home.register, self._show, say)
        self.settings: Settings
        self.plan: Plan
        self.url = ""
        self.flower_url = ""
        self._flower_login = ""
        self.env: dict[str, str] = {}

    def start(self) -> None:
        """Start everything and return when the API answers; raises SettingsError saying what to mend."""
        self.home.take()
        try:
            # Again, now that no `up.env` of a dead start can speak.
            self.settings = load_settings()
            load_sheets(self.settings.prices_dir)
            self.plan = make_plan(self.settings)
            stop_leftovers(self.home.register, self._say)
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def tick(self) -> None:
        """Look after the children once."""
        self.supervisor.tick()

    def stop(self) -> None:
        """Stop the children side by side, then the servers they lean on, and give the folder free."""
        self.supervisor.stop("web", "worker", "beat", "flower")
        self.supervisor.stop("sandbox")
        self.supervisor.stop("valkey")
        self.supervisor.stop("postgres")
        self.home.leave()

    def _start_all(self) -> None:
        port = self._choose_web_port()
        self.url = f"http://{_reachable(self.settings.orchestrator_host)}:{port}"
        sandbox_url = self._start_sandbox()
        self.env = {
            **os.environ, "AIDA_HOME": str(self.home.folder), "ORCHESTRATOR_PORT": str(port),
            "MEDIA_DIR": str(self.settings.media_folder), "PYTHONUNBUFFERED": "1", **self._wishes.env,
        }
        ours = {
            "ORCHESTRATOR_PORT": str(port), "AIDA_URL": self.url, "MEDIA_DIR": str(self.settings.media_folder),
            **self._start_servers(), **provider_environment(self.plan, self.settings, sandbox_url, self.url),
        }
        self.env.update(ours)
        migrate(ours.get("DATABASE_URL") or self.settings.require_database())
        self._start_service(port)
        if self.plan.sandbox:
            self.supervisor.wait("sandbox", lambda: _answers(f"{sandbox_url}/health"), 60)
        self.supervisor.wait("web", lambda: _answers(f"{self.url}/health"), 60)
        self.home.publish(ours)

    def _start_servers(self) -> dict[str, str]:
        env: dict[str, str] = {}
        valkey = Valkey(self.home.folder / "valkey", self.home.log("valkey")) if self.plan.valkey else None
        postgres = Postgres(self.home.folder / "postgres", self.home.log("postgres")) if self.plan.postgres else None
        if valkey is not None:
            self.supervisor.start(valkey.prepare())
        if postgres is not None:
            self.supervisor.start(postgres.prepare())
            self.supervisor.wait("postgres", postgres.is_ready, 60)
            postgres.make_database()
            env["DATABASE_URL"] = postgres.dsn
        if valkey is not None:
            self.supervisor.wait("valkey", valkey.is_ready, 60)
            env["REDIS_URL"] = valkey.url
        return env

    def _start_sandbox(self) -> str:
        if not self.plan.sandbox:
            return ""
        port = SANDBOX_PORT if port_is_free(SANDBOX_PORT) else free_port()
        # A demo is watched: no pretended waiting, only the time that drawing and filming take.
        latency = "kie=0.2,fal=0.2,anthropic=0" if self._wishes.lean else ""
        self.supervisor.start(programs.sandbox(port, self.home.folder / "sandbox", self._log("sandbox"), latency))
        return f"http://127.0.0.1:{port}"

    def _start_service(self, port: int) -> None:
        host = self.settings.orchestrator_host
        schedule = self.home.folder / "beat-schedule"
        self.supervisor.start(programs.web(self.env, host, port, self._log("web"), 1 if self._wishes.lean else 2))
        if self._wishes.lean:
            self.supervisor.start(programs.worker_with_beat(self.env, schedule, self._log("worker")))
            return
        self.supervisor.start(programs.worker(self.env, self._log("worker")))
        self.supervisor.start(programs.beat(self.env, schedule, self._log("beat")))
        flower_port = self._choose_flower_port()
        self._flower_login = _asked("FLOWER_BASIC_AUTH") or f"aida:{self.home.secret('flower-password')}"
        self.flower_url = f"http://127.0.0.1:{flower_port}"
        self.supervisor.start(programs.flower(self.env, flower_port, self._flower_login, self._log("flower")))

    def _choose_web_port(self) -> int:
        asked = self.settings.orchestrator_port if self._wishes.port is None else self._wishes.port
        port = asked or free_port(self.settings.orchestrator_host)
        if not port_is_free(port, self.settings.orchestrator_host):
            raise SettingsError(f"port {port} is taken: stop what listens there, or set ORCHESTRATOR_PORT to another")
        return port

    def _choose_flower_port(self) -> int:
        asked = _asked("FLOWER_PORT")
        port = int(asked) if asked and asked.isdigit() else FLOWER_PORT
        if port_is_free(port):
            return port
        if asked:
            raise SettingsError(f"port {port} is taken: set FLOWER_PORT to another one")
        return free_port()

    def _log(self, name: str) -> Path | None:
        return self.home.log(name) if self._wishes.lean else None

    def _show(self, name: str, line: str) -> None:
        try:
            with self._screen:
                sys.stdout.write(f"{name:<8}| {line}\n")
                sys.stdout.flush()
        except OSError:
            return

    def first_screen(self) -> str:
        """What somebody who just typed `aida up` wants to know."""
        lines = ["", "AIDA Orchestrator is running", f"  API     {self.url}"]
        if self.flower_url:
            lines.append(f"  Flower  {self.flower_url}  login {self._flower_login}")
        lines += [
            f"  Media   {self.settings.media_folder}",
            f"  Logs    {self.settings.log_file.absolute()} (servers: {self.home.logs})",
            *self.plan.notice(),
            f'  Try:    {_own_command()} create "Voglio un video food come l\'altra volta"',
            "  Ctrl-C stops everything.", "",
        ]
        return "\n".join(lines)


def up() -> int:
    """Run until Ctrl-C or SIGTERM; the exit code for the shell."""
    service = LocalService()
    with stopping_on_signals(service):
        service.start()
        print(service.first_screen(), flush=True)
        while True:
            service.tick()
            time.sleep(0.2)
    return 0


class stopping_on_signals:  # noqa: N801 (reads as a statement)
    """Stop the service when the block ends or a signal asks for it; a second signal kills what is still busy."""

    def __init__(self, service: LocalService) -> None:
        self._service = service
        self._asked = False

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._asked = True
        self._service.stop()
        return kind is KeyboardInterrupt

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            self._service.supervisor.hurry = True
            return
        self._asked = True
        raise KeyboardInterrupt


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (our own loopback address)
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104 (compared, not bound)


def _own_command() -> str:
    """`aida` as the next shell can type it: in a virtual environment it is on nobody's path."""
    command = Path(sys.executable).with_name("aida")
    if not command.is_file() or shutil.which("aida") == str(command):
        return "aida"
    return os.path.relpath(command) if command.is_relative_to(Path.cwd()) else str(command)


def _asked(name: str) -> str | None:
    """A variable that belongs to another program than ours, from the environment or `.env`."""
    return os.environ.get(name) or dotenv_values(".env").get(name)

"""A RabbitMQ of a test's own, where the program is installed."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from aida_orchestrator.api.broker import Broker, BrokerAway
from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.supervisor import Program, Supervisor

# The distribution's wrapper changes the user and insists on its own folders.
_PROGRAM = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
_EPMD = shutil.which("epmd")
INSTALLED = _PROGRAM is not None and _EPMD is not None


class Rabbit:
    """A node of its own: folders, ports and the naming service are not the machine's."""

    def __init__(self, folder: Path) -> None:
        self._supervisor = Supervisor(folder / "rabbit.json")
        self._port, names, talk = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        plugins = folder / "plugins"
        folder.mkdir(parents=True)
        plugins.write_text("[].\n")
        env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "ERL_EPMD_PORT": str(names),
            "RABBITMQ_NODENAME": f"films{self._port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port), "RABBITMQ_DIST_PORT": str(talk), "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"), "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        }
        argv = [str(_EPMD), "-port", str(names), "-address", "127.0.0.1"]
        self._names = Program("epmd", argv, env, log=folder / "epmd.log")
        self._node = Program("rabbit", [str(_PROGRAM)], env, cwd=folder, log=folder / "rabbit.log", grace=20)

    def start(self) -> None:
        """Start it and return when it lets us in."""
        if not self._supervisor.is_alive("epmd"):
            self._supervisor.start(self._names)
        self._supervisor.start(self._node)
        self._supervisor.wait("rabbit", lambda: _answers(self.url), 90)

    def kill(self) -> None:
        """kill -9 to the node and all its helpers."""
        os.killpg(self._supervisor.pid("rabbit"), signal.SIGKILL)
        self._supervisor.stop("rabbit")

    def stop(self) -> None:
        """Stop it."""
        self._supervisor.stop_all()


def _answers(url: str) -> bool:
    try:
        Broker(url).ping()
    except BrokerAway:
        return False
    return True

"""Several hosts on one machine: network namespaces on the cables of one switch, each with a name of its own.

Nothing is made in the machine's own network, so it needs no rights there: as an ordinary user everything lies in a user
namespace. All of it goes with the pipes that this process holds, also when it is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from aida_orchestrator.local.processes import dies_with_parent

SWITCH = "10.77.0.1"
_TOOLS = ("ip", "bridge", "unshare", "nsenter", "hostname")
_FORWARDING, _DISABLED = 3, 0  # states of a bridge's port, IFLA_BRPORT_STATE
_NEW = ("unshare", "--net", "--uts")
_NEW_USER = ("unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--uts")


class NoHosts(Exception):
    """Namespaces cannot be made here; the text says why."""


class Switch:
    """The host of the stores, the sandbox and the web, with a bridge that the other hosts hang on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._relays: list[subprocess.Popen[bytes]] = []
        self._hosts: list[Host] = []
        missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
        if missing:
            raise NoHosts(f"{', '.join(missing)} not installed")
        self._alive, far_end = _pipe()
        self._far_end = far_end
        self._shell, self._as_user = _shell((far_end,))
        self.pid = self._shell.pid

    def __enter__(self) -> Self:
        try:
            self.run("ip link set lo up")
            self.run("ip link add switch type bridge")
            self.run(f"ip addr add {SWITCH}/24 dev switch")
            self.run("ip link set switch up")
        except NoHosts:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the relays and let all namespaces go."""
        for relay in self._relays:
            relay.kill()
            relay.communicate()
        for end in (self._alive, self._far_end):
            os.close(end)
        self._shell.kill()
        self._shell.communicate()

    def add_host(self, name: str) -> Host:
        """A further host, plugged in."""
        said = self.run(f"{' '.join(_NEW)} sh -c 'hostname {name}; exec cat </dev/fd/{self._far_end}' >/dev/null & echo $!")
        host = Host(self, name, int(said), f"10.77.0.{10 + len(self._hosts)}")
        self._hosts.append(host)
        host.plug_in()
        return host

    def enter(self, pid: int | None = None) -> tuple[str, ...]:
        """What a command line is to begin with to be run on this host, or on the one of `pid`."""
        user = ("--user", "--preserve-credentials") if self._as_user else ()
        return "nsenter", "--target", str(pid or self.pid), *user, "--net", "--uts", "--"

    def relay(self, outside: Sequence[tuple[str, str]] = (), inside: Sequence[tuple[str, str]] = ()) -> None:
        """Lead connections of (listen, target) between the machine and here; `outside` listens out there."""
        pairs = [*outside, *inside]
        meetings = [str(self._folder / f"meet-{number}") for number in range(len(pairs))]  # both networks see a file
        listening = [f"{listen}={meeting}" for (listen, _), meeting in zip(pairs, meetings, strict=True)]
        reaching = [f"{meeting}={target}" for (_, target), meeting in zip(pairs, meetings, strict=True)]
        there = len(outside)
        self._start_relay((), [*listening[:there], *reaching[there:]])
        self._start_relay(self.enter(), [*reaching[:there], *listening[there:]])

    def run(self, command: str) -> str:
        """What a shell command says here; raises NoHosts with its words when it fails."""
        shell = self._shell
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(f"{command} 2>&1; echo \"end $?\"\n".encode())
        shell.stdin.flush()
        said = []
        while not (line := shell.stdout.readline().decode()).startswith("end "):
            if not line:
                raise NoHosts(f"the shell of the switch ended: {''.join(said)}")
            said.append(line)
        if line.strip() != "end 0":
            raise NoHosts(f"{command}: {''.join(said).strip()}")
        return "".join(said).strip()

    def _start_relay(self, prefix: Sequence[str], pairs: Sequence[str]) -> None:
        argv = [*prefix, sys.executable, str(Path(__file__).with_name("relay.py")), *pairs]
        relay = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 preexec_fn=dies_with_parent(signal.SIGKILL))
        self._relays.append(relay)
        assert relay.stdout is not None
        assert relay.stdout.readline() == b"listening\n", f"no relay: {pairs}"


class Host:
    """One host: commands run on it by `enter`, and its cable can be cut."""

    def __init__(self, switch: Switch, name: str, pid: int, address: str) -> None:
        self._switch, self.name, self.pid, self.address = switch, name, pid, address
        self._port = f"port-{name}"[:15]

    @property
    def enter(self) -> tuple[str, ...]:
        """What a command line is to begin with to be run on this host."""
        return self._switch.enter(self.pid)

    def plug_in(self) -> None:
        """Lay the cable."""
        net, own = f"/proc/{self.pid}/ns/net", f"/proc/{self._switch.pid}/ns/net"
        while os.readlink(net) == os.readlink(own):
            time.sleep(0.01)  # it has not made its namespace yet
        here, there = self._switch.run, f"nsenter --target {self.pid} --net"
        here(f"ip link add {self._port} type veth peer name eth0 netns {self.pid}")
        here(f"ip link set {self._port} master switch up")
        here(f"{there} ip addr add {self.address}/24 dev eth0")
        here(f"{there} ip link set lo up")
        here(f"{there} ip link set eth0 up")
        deadline = time.monotonic() + 10
        while "state forwarding" not in here(f"bridge link show dev {self._port}"):
            assert time.monotonic() < deadline, f"the cable of {self.name} does not come up"
            time.sleep(0.02)

    def cut(self) -> None:
        """Let nothing pass any more, without a word: no reset, no loss of carrier."""
        self._set(_DISABLED, "disabled")

    def mend(self) -> None:
        """Let everything pass again."""
        self._set(_FORWARDING, "forwarding")

    def _set(self, state: int, word: str) -> None:
        self._switch.run(f"bridge link set dev {self._port} state {state}")
        assert f"state {word}" in self._switch.run(f"bridge link show dev {self._port}"), f"{self._port} is not {word}"


def _pipe() -> tuple[int, int]:
    """A pipe whose reading end is handed on; whoever reads from it ends with this process."""
    read, write = os.pipe()
    return write, read


def _shell(hand_on: Sequence[int]) -> tuple[subprocess.Popen[bytes], bool]:
    """A shell in namespaces of its own, and whether a user namespace was needed for it."""
    said = b""
    for new, as_user in ((_NEW, False), (_NEW_USER, True)):
        if not as_user and os.geteuid() != 0:
            continue
        shell = subprocess.Popen([*new, "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 pass_fds=hand_on, start_new_session=True)
        assert shell.stdin is not None
        assert shell.stdout is not None
        with suppress(BrokenPipeError):
            shell.stdin.write(b"echo ready\n")
            shell.stdin.flush()
        said = shell.stdout.readline()
        if said == b"ready\n":
            return shell, as_user
        shell.kill()
        shell.communicate()
    raise NoHosts(f"network namespaces cannot be made here: {said.decode().strip()}")

"""Each process counts into files of its own; the sums are right whoever has died meanwhile, and nobody needs the folder."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from aida_orchestrator import tally
from aida_orchestrator.local.processes import free_port

ROOT = Path(__file__).parents[2]
COUNTING = """
import sys
from pathlib import Path
from aida_orchestrator import tally
folder, role = Path(sys.argv[1]), sys.argv[2]
print(tally.begin(folder, role), flush=True)
for line in sys.stdin:
    eval(line)
    print("done", flush=True)
"""
READING = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry, generate_latest
from aida_orchestrator import tally
class All:
    def collect(self):
        return tally.families(Path(sys.argv[1]))
registry = CollectorRegistry(auto_describe=False)
registry.register(All())
print(generate_latest(registry).decode())
"""
Sums = dict[str, float]


class Process:
    """A process that counts what it is told to."""

    def __init__(self, folder: Path, role: str = tally.WEB) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._child = subprocess.Popen([sys.executable, "-c", COUNTING, str(folder), role], env=env, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.counts = self._answer() == "True"

    def do(self, what: str) -> None:
        """Run it there, and return when it is done."""
        assert self._child.stdin is not None
        self._child.stdin.write(what + "\n")
        self._child.stdin.flush()
        assert self._answer() == "done"

    def request(self, route: str = "/health", times: int = 1) -> None:
        """Answer some requests."""
        self.do(f"[tally.request_answered({route!r}, 'GET', 200, 0.02) for _ in range({times})]")

    def die(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End without a moment to tidy."""
        self._child.send_signal(how)
        self._child.communicate()

    def _answer(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[type[Process]]:
    started: list[Process] = []

    class Started(Process):
        def __init__(self, role: str = tally.WEB) -> None:
            super().__init__(tmp_path, role)
            started.append(self)

    yield Started
    for process in started:
        process.die()


def sums(folder: Path) -> Sums:
    """Every sample but those of buckets, by its name and labels as they are printed, without noughts."""
    done = subprocess.run([sys.executable, "-c", READING, str(folder)], env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)
    lines = [line.rpartition(" ") for line in done.stdout.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in lines if "_bucket" not in name and float(value)}


HEALTH = 'aida_http_requests_total{method="GET",route="/health",status="200"}'


def test_what_several_processes_counted_is_added_up(start: type[Process], tmp_path: Path) -> None:
    one, other = start(), start()
    one.request(times=3)
    other.request(times=4)
    other.do("tally.request_answered('/ready', 'GET', 503, 0.1)")
    found = sums(tmp_path)
    assert found[HEALTH] == 7
    assert found['aida_http_requests_total{method="GET",route="/ready",status="503"}'] == 1
    assert found['aida_http_request_seconds_count{method="GET",route="/health"}'] == 7
    assert found['aida_http_request_seconds_sum{method="GET",route="/health"}'] == pytest.approx(0.14)


def test_a_killed_process_stays_in_the_sums_and_leaves_no_file(start: type[Process], tmp_path: Path) -> None:
    one, other = start(), start()
    one.request(times=3)
    other.request(times=4)
    before = sums(tmp_path)
    one.die()
    assert sums(tmp_path) == before
    for _ in range(2):  # a second time changes nothing
        tally.tidy(tmp_path, tally.WEB)
        assert sums(tmp_path) == before
    third = start()
    third.request(times=5)
    assert sums(tmp_path)[HEALTH] == 12
    names = sorted(path.name.partition("-")[0] for path in tmp_path.glob("*.db"))
    assert names == ["counter_web"] * 3 + ["histogram_web"] * 3  # two that live, and all that are gone


def test_a_server_begins_at_nought_unless_another_one_counts(start: type[Process], tmp_path: Path) -> None:
    worker, web = start(tally.WORKER), start()
    worker.do("tally.call_made('kie', 'submit', 'ok', 1.0)")
    web.request(times=2)
    tally.tidy(tmp_path, tally.WEB, fresh=True)
    assert sums(tmp_path)[HEALTH] == 2
    web.die()
    tally.tidy(tmp_path, tally.WEB, fresh=True)
    found = sums(tmp_path)
    assert HEALTH not in found
    assert found['aida_provider_calls_total{operation="submit",process="worker",provider="kie",result="ok"}'] == 1


def test_a_forked_child_counts_for_itself(start: type[Process], tmp_path: Path) -> None:
    parent = start()
    parent.request(times=2)
    parent.do("exec('''import os\npid = os.fork()\nif pid == 0:\n tally.request_answered(\"/health\", \"GET\", 200, 0.02)\n"
              " os._exit(0)\nos.waitpid(pid, 0)''')".replace("\n", "\\n"))
    parent.request(times=4)
    assert sums(tmp_path)[HEALTH] == 7


def test_an_odd_method_makes_no_label_of_its_own(start: type[Process], tmp_path: Path) -> None:
    process = start()
    process.do("[tally.request_answered('(no route)', word, 405, 0.01) for word in ('BREW', 'WHEN')]")
    assert sums(tmp_path)['aida_http_requests_total{method="other",route="(no route)",status="405"}'] == 2


def test_a_failed_call_is_counted_by_the_class_of_its_error(start: type[Process], tmp_path: Path) -> None:
    process = start()
    process.do("exec('''from aida_orchestrator.errors import ProviderUnavailable, ProviderAuthError\n"
               "def once(error):\n"
               " @tally.counted(\"kie\", \"submit\")\n"
               " def call():\n"
               "  raise error\n"
               " try:\n"
               "  call()\n"
               " except Exception:\n"
               "  pass\n"
               "once(ProviderUnavailable(\"kie\", \"busy\", status=503))\n"
               "once(ProviderUnavailable(\"kie\", \"slow down\", status=429))\n"
               "once(ProviderAuthError(\"kie\", \"no\"))\n"
               "once(ZeroDivisionError())''')".replace("\n", "\\n"))
    found = {name.partition('result="')[2].rstrip('"}'): value for name, value in sums(tmp_path).items()
             if name.startswith("aida_provider_calls_total")}
    assert found == {"provider_unavailable": 1, "too_many_requests": 1, "provider_auth": 1, "unforeseen": 1}


def test_a_folder_that_cannot_be_written_is_said_and_costs_nothing_else(
    start: type[Process], tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    blocked = Process(tmp_path / "taken")
    assert not blocked.counts
    blocked.request()  # counts nothing, and raises nothing
    blocked.die()
    with caplog.at_level(logging.WARNING):
        tally.tidy(tmp_path / "taken", tally.WEB)
    assert "the folder of counts cannot be written" in caplog.text
    assert list(tally.families(tmp_path / "missing")) == []


def test_a_file_that_a_crash_left_half_made_is_left_out(start: type[Process], tmp_path: Path) -> None:
    process = start()
    process.request()
    (tmp_path / "counter_web-elsewhere-1.db").write_bytes(b"\xff\xff\xff\x7f" + b"\0" * 100)
    (tmp_path / "histogram_web-elsewhere-1.db").write_bytes(b"")
    assert sums(tmp_path)[HEALTH] == 1
    tally.tidy(tmp_path, tally.WEB)
    assert sums(tmp_path)[HEALTH] == 1
    assert not list(tmp_path.glob("*elsewhere*"))


def test_a_machine_without_a_web_server_tells_its_workers_counts_at_a_door_of_its_own(
    start: type[Process],
) -> None:
    one, other, port = start(tally.WORKER), start(tally.WORKER), free_port()
    for process, times in ((one, 2), (other, 3)):
        process.do(f"[tally.call_made('fal', 'poll', 'ok', 0.2) for _ in range({times})]")
        process.do(f"tally.serve(folder, '127.0.0.1', {port})")  # the second one finds the port taken, and works on
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert 'aida_provider_calls_total{operation="poll",process="worker",provider="fal",result="ok"} 5.0' in text

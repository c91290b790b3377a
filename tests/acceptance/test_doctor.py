"""`aida doctor` in the shell of a running service: nothing is wrong, and what cannot be told is no fault."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from ..harness import Service

LOGIN = "operator:a-password-of-the-test"


def doctor(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as it is typed, once worker and beat have begun."""
    deadline = time.monotonic() + 120
    while json.loads(service.get("/ready")[2])["dependencies"]["sweep"]["status"] != "ok":
        assert time.monotonic() < deadline, service.tail()
        time.sleep(0.2)
    return subprocess.run([sys.executable, "-m", "aida_orchestrator.cli", "doctor", *arguments], cwd=service.folder,
                          env={**service.env, "FLOWER_BASIC_AUTH": LOGIN}, capture_output=True, text=True, check=False,
                          timeout=180)


def test_nothing_is_wrong_with_a_running_service(shared: Service) -> None:
    done = doctor(shared, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert [line for line in told["findings"] if line["verdict"] == "wrong"] == []
    verdicts = {line["check"]: line["verdict"] for line in told["findings"]}
    for check in ("database", "database.pgvector", "database.schema", "sweep", "broker", "workers", "provider.kie",
                  "provider.fal", "media.writable", "media.complete", "home.writable", "clock", "exposure.api"):
        assert verdicts[check] == "ok", check
    assert not shared.sandbox.ledger()["sold"], "nothing was spent"


def test_it_says_the_same_to_people_and_prints_no_secret(shared: Service) -> None:
    done = doctor(shared)
    assert "every queue is served" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 wrong, ")
    secrets = [LOGIN.partition(":")[2], shared.env["KIE_API_KEY"],
               shared.env["REDIS_URL"].partition("@")[0].rpartition(":")[2]]
    assert not [secret for secret in secrets if secret in done.stdout + done.stderr]

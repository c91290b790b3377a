"""Two films at once through one worker with two slots, against one film alone: do the providers' waits overlap?

`make bench` runs it. The sandbox's providers are made slow (a picture 6 s, a clip 8 s), as real ones are: what is
measured is waiting, not the drawing of simulated pictures.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.harness import Sandbox, Servers, Service, ServiceWishes

MESSAGE = "Spot di 15 secondi per una pizzeria di Napoli"


def main() -> None:
    """Print seconds for one film, for two at once, and the ratio."""
    with tempfile.TemporaryDirectory(prefix="aida-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        servers, sandbox = Servers(folder), Sandbox(folder)
        servers.start()
        sandbox.start()
        try:
            sandbox.reset()
            sandbox.latency(kie=6.0, fal=8.0, anthropic=1.0)
            (folder / "service").mkdir()
            service = Service(folder / "service", servers.migrated_database(), servers.redis_url(), sandbox,
                              ServiceWishes({}, slots=2))
            service.start()
            try:
                measure(service)
            finally:
                service.stop()
        finally:
            sandbox.stop()
            servers.stop()


def measure(service: Service) -> None:
    """One film to warm up, one alone, two at once."""
    films(service, ["Un film di 5 secondi: riscaldamento"])
    alone = films(service, [MESSAGE])
    together = films(service, [f"{MESSAGE}, di giorno", f"{MESSAGE}, di notte"])
    print(f"one film alone        {alone:6.1f} s")
    print(f"two films at once     {together:6.1f} s   (one worker, two slots)")
    print(f"ratio                 {together / alone:6.2f}    (1 = waits overlap wholly, 2 = one after the other)")


def films(service: Service, messages: list[str]) -> float:
    """Seconds until all these films are complete."""
    begun = time.monotonic()
    for task in [service.create(message, user=f"u{number}")["taskId"] for number, message in enumerate(messages)]:
        status = service.wait(task, 300)
        assert status["status"] == "completed", status
    return time.monotonic() - begun


if __name__ == "__main__":
    main()

"""What comes from outside: kill -9, SIGTERM, SIGSTOP, an emptied broker, a database that goes away, forged callbacks."""

from __future__ import annotations

import http.client
import json
import secrets
import signal
import time
import uuid
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import redis

from ..harness import fetch
from .ground import WORKERS, Ground
from .plan import Blow

# What is usual between SIGTERM and SIGKILL on a platform.
GRACE_SECONDS = 30.0
_CALLBACKS = """SELECT provider, id, coalesce(json_extract(request, '$.callBackUrl'), json_extract(request, '$.fal_webhook'))
    FROM sold WHERE provider IN ('kie', 'fal') AND at >= ?"""


class Striker:
    """Does what the plan says to one ground; `wrongs` is what it saw that must not be."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self.wrongs = ground, list[str]()

    def strike(self, blow: Blow) -> None:
        """Do it, wait as long as it is to last, and bring everything back."""
        verb, _, whom = blow.what.partition(" ")
        names = list(WORKERS) if whom == "workers" else [whom]
        struck = set(self._ground.service.starts) if whom == "everything" else set(names)
        if verb == "forge":
            self._forge()
        elif verb == "flush":
            with redis.Redis.from_url(self._ground.stores.redis_url) as client:
                client.flushall()
        elif whom in ("valkey", "postgres"):
            self._strike_store(verb, whom)
        elif whom == "everything":
            self._ground.service.kill(*struck)
            for name in ("valkey", "postgres"):
                self._ground.stores.kill(name)
        elif verb == "end":
            self._end(names)
        elif verb == "pause":
            for name in names:
                self._ground.service.send(name, signal.SIGSTOP)
        else:
            self._ground.service.kill(*names)
        time.sleep(blow.seconds)
        self.revive(but=struck)

    def revive(self, but: Collection[str] = ()) -> None:
        """Bring everything back; what had fallen without a blow of ours (`but`) is a fault of the service."""
        self.wrongs += [f"{name} had fallen by itself" for name in self._ground.revive()
                        if name not in but and name not in ("valkey", "postgres")]

    def _strike_store(self, verb: str, name: str) -> None:
        if verb == "restart":
            self._ground.stores.stop(name)
        else:
            self._ground.stores.kill(name, signal.SIGQUIT if verb == "crash" else signal.SIGKILL)

    def _end(self, names: list[str]) -> None:
        """SIGTERM under load: each ends by itself within the grace, not counting its waits for a processor."""
        service, began = self._ground.service, time.monotonic()
        before = {name: starved(service.pid(name)) for name in names}
        for name in names:
            service.send(name, signal.SIGTERM)
        while alive := [name for name in names if service.is_alive(name)]:
            for name in alive:
                took = time.monotonic() - began - (starved(service.pid(name)) - before[name])
                if took > GRACE_SECONDS:
                    self.wrongs.append(f"{name} had not ended {took:.0f} s after SIGTERM")
                    service.kill(name)
            time.sleep(0.05)

    def _forge(self) -> None:
        """Callbacks of somebody who does not know our addresses, and of one who has seen them and other jobs' ids."""
        base = f"{self._ground.service.url}/api/orchestrator/callbacks"
        for provider in ("kie", "fal"):
            self._post(f"{base}/{provider}/{secrets.token_urlsafe(32)}", _letter(provider, None), (404,))
        known = self._ground.sandbox.rows(_CALLBACKS, self._ground.sandbox.since)
        for provider, number, address in known:
            if address:
                others = [other for at, other, _ in known if at == provider and other != number]
                for named in (None, *others[:2]):
                    self._post(address, _letter(provider, named), (200,))
                self._post(address, secrets.token_bytes(20), (200, 400, 422))

    def _post(self, address: str, body: bytes, expected: tuple[int, ...]) -> None:
        forged = {"X-Webhook-Timestamp": str(int(time.time())), "X-Webhook-Signature": "Zm9yZ2Vk",
                  "X-Fal-Webhook-Signature": "00" * 64, "X-Fal-Webhook-Request-Id": str(uuid.uuid4()),
                  "X-Fal-Webhook-User-Id": "forger", "X-Fal-Webhook-Timestamp": str(int(time.time()))}
        try:
            status, _, answer = fetch("POST", address, body, forged)
        except (OSError, http.client.HTTPException):
            return
        # 502 and 503: told again later, for the job could not be read back at the moment.
        if status not in (*expected, 502, 503):
            self.wrongs.append(f"a forged callback was answered {status}: {answer[:200]!r}")


def starved(pid: int) -> float:
    """Seconds that the process was ready to run and the machine had no processor for it (its most unlucky thread)."""
    waits = [0.0]
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            waits.append(int(file.read_text().split()[1]) / 1e9)
    return max(waits)


def _letter(provider: str, named: str | None) -> bytes:
    """A callback that names this id, or one that nobody has."""
    if provider == "kie":
        return json.dumps({"code": 200, "msg": "success", "data": {
            "taskId": named or uuid.uuid4().hex, "resultUrls": ["https://example.invalid/forged.png"]}}).encode()
    return json.dumps({"request_id": named or str(uuid.uuid4()), "status": "OK", "payload": {
        "video": {"url": "https://example.invalid/forged.mp4"}}}).encode()

"""Telling the caller that a job is done: signed the way each provider signs, tried again when nobody answers 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .faults import SLOW_SECONDS, Faults
from .state import State

LIMIT_SECONDS = 15
WAITS = (1.0, 2.0, 4.0)  # KIE repeats up to 3 times; fal oftener, over hours, which no test would wait for

Letter = tuple[bytes, dict[str, str]]


class Signer:
    """fal's webhook key: made on the first start, kept in the data folder. Its secret half never leaves here."""

    USER = "sandbox-user"

    def __init__(self, data_dir: Path) -> None:
        path = data_dir / "fal-webhook.key"
        if not path.exists():
            path.touch(mode=0o600)
        raw = path.read_bytes()
        if len(raw) != 32:
            raw = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
            path.write_bytes(raw)
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public half as fal publishes it."""
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": hashlib.sha256(raw).hexdigest()[:16],
                          "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}]}

    def sign(self, request_id: str, body: bytes, forged: bool = False) -> dict[str, str]:
        """The four headers of a fal webhook; `forged` signs with a key nobody knows."""
        stamp = str(int(time.time()))
        message = "\n".join([request_id, self.USER, stamp, hashlib.sha256(body).hexdigest()]).encode()
        key = Ed25519PrivateKey.generate() if forged else self._key
        return {"X-Fal-Webhook-Request-Id": request_id, "X-Fal-Webhook-User-Id": self.USER,
                "X-Fal-Webhook-Timestamp": stamp, "X-Fal-Webhook-Signature": key.sign(message).hex()}


def sign_kie(task_id: str, key: str, forged: bool = False) -> dict[str, str]:
    """KIE's two headers; only the task and the moment are signed, not the body."""
    stamp = str(int(time.time()))
    secret = uuid.uuid4().hex if forged else key
    digest = hmac.new(secret.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}


def _misname(write: Callable[[bool], Letter], job_id: str) -> Callable[[bool], Letter]:
    """The same letter of a forger who knows the address but not the job: it names one that nobody sold."""
    other = str(uuid.uuid4()) if "-" in job_id else uuid.uuid4().hex

    def misnamed(forged: bool) -> Letter:
        body, headers = write(forged)
        return body.replace(job_id.encode(), other.encode()), {
            name: value.replace(job_id, other) for name, value in headers.items()}

    return misnamed


class Postman:
    """Delivers callbacks in threads of its own; each job's outcome is told once, a fault permitting."""

    def __init__(self, state: State, faults: Faults, stop: threading.Event) -> None:
        self._state, self._faults, self._stop = state, faults, stop
        self._lock = threading.Lock()
        self._out: set[str] = set()

    def send(self, provider: str, job_id: str, address: str, text: str, write: Callable[[bool], Letter]) -> None:
        """Deliver in the background; `write(forged)` makes body and headers anew for each attempt."""
        with self._lock:
            if job_id in self._out:
                return
            self._out.add(job_id)
        threading.Thread(target=self._deliver, args=(provider, job_id, address, text, write), daemon=True).start()

    def _deliver(self, provider: str, job_id: str, address: str, text: str, write: Callable[[bool], Letter]) -> None:
        fault = self._faults.take(provider, "callback", text)
        kind = fault.kind if fault else ""
        if fault and kind in ("slow", "hang"):
            self._stop.wait(SLOW_SECONDS if fault.seconds is None else fault.seconds)
        if kind == "drop":
            self._state.record(provider, "callback", {"to": address, "job": job_id, "dropped": True}, 0)
        else:
            if kind == "wrong_id":
                self._post(provider, f"not {job_id}", address, _misname(write, job_id), True)
            for _ in range(2 if kind == "double" else 1):
                self._post(provider, job_id, address, write, kind == "forge")
        if self._stop.is_set():
            return  # the next start sees that nobody was told yet, and tells
        self._state.update(job_id, called=True)
        with self._lock:
            self._out.discard(job_id)

    def _post(self, provider: str, job_id: str, address: str, write: Callable[[bool], Letter], forged: bool) -> None:
        for wait in (*WAITS, None):
            body, headers = write(forged)
            try:
                with requests.Session() as session:
                    session.trust_env = False  # a proxy has no business between two neighbours
                    status = session.post(address, data=body, timeout=LIMIT_SECONDS, allow_redirects=False, headers={
                        **headers, "Content-Type": "application/json"}).status_code
            except requests.RequestException:
                status = 0
            if self._stop.is_set():
                return
            self._state.record(provider, "callback", {"to": address, "job": job_id}, status)
            if 200 <= status < 300 or wait is None or self._stop.wait(wait):
                return

"""Checks that a webhook comes from fal: Ed25519 over a few headers and the body, keys from fal's published key set."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
import urllib3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..errors import ProviderUnavailable
from .http import fetch_public

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 300
_KEEP = timedelta(hours=24)
_LEAST_BETWEEN = timedelta(seconds=5)  # a genuine callback may come right after the keys changed
_MOST_KEYS = 20
_MOST_SECONDS = 10.0  # a webhook waits for the answer


class WebhookKeys:
    """fal's public keys, kept at most 24 h; asked for again, at most every five seconds, when none of them fits."""

    def __init__(self, jwks_url: str, timeout: float) -> None:
        self._url = jwks_url
        self._timeout = min(timeout, _MOST_SECONDS)
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._lock = threading.Lock()

    def signed(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> bool:
        """Whether the signature is fal's and not older than five minutes. Raises ProviderUnavailable while we have no
        keys to tell by: a webhook that is refused so is sent again by fal.

        Source: fal.ai/docs/documentation/model-apis/inference/webhooks.
        """
        given = {name.lower(): value for name, value in headers.items()}
        stamp = given.get("x-fal-webhook-timestamp", "")
        if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            return False
        try:
            signature = bytes.fromhex(given.get("x-fal-webhook-signature", ""))
        except ValueError:
            return False
        message = "\n".join((
            given.get("x-fal-webhook-request-id", ""), given.get("x-fal-webhook-user-id", ""), stamp,
            hashlib.sha256(raw_body).hexdigest(),
        )).encode("utf-8", "replace")
        with self._lock:
            fresh = self._fetched_at is not None and now - self._fetched_at <= _KEEP
            if fresh and _fits(self._keys, signature, message):
                return True
            if self._refetch(now):
                return _fits(self._keys, signature, message)
            if not fresh:
                raise ProviderUnavailable("fal", "fal.ai's webhook keys cannot be fetched now (FAL_JWKS_URL)")
            return False

    def _refetch(self, now: datetime) -> bool:
        if self._asked_at is not None and now - self._asked_at < _LEAST_BETWEEN:
            return False
        self._asked_at = now
        try:
            self._keys = _read_keys(fetch_public(self._url, self._timeout))
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError, RecursionError) as error:
            log.warning("cannot fetch fal's webhook keys: check FAL_JWKS_URL", extra={"reason": type(error).__name__})
            return False
        self._fetched_at = now
        return True


def _fits(keys: tuple[Ed25519PublicKey, ...], signature: bytes, message: bytes) -> bool:
    for key in keys:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False


def _read_keys(jwks: Any) -> tuple[Ed25519PublicKey, ...]:
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    keys = []
    for entry in entries[:_MOST_KEYS] if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("crv", "Ed25519") != "Ed25519":
            continue
        text = str(entry.get("x", ""))
        try:
            keys.append(Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        except ValueError:
            continue
    if not keys:
        raise ValueError("no Ed25519 key in the key set")
    return tuple(keys)

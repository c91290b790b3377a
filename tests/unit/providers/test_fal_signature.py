"""Which webhooks are believed to be fal's, and how often its keys are fetched."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.providers.fal import Fal

from .conftest import KEY

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BODY = b'{"request_id":"r-1","status":"OK"}'


@pytest.fixture
def signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public(private: Ed25519PrivateKey) -> dict[str, str]:
    text = base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": text}


def signed(private: Ed25519PrivateKey, at: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    message = f"r-1\nuser-1\n{stamp}\n{hashlib.sha256(body).hexdigest()}".encode()
    return {"X-Fal-Webhook-Request-Id": "r-1", "X-Fal-Webhook-User-Id": "user-1", "X-Fal-Webhook-Timestamp": stamp,
            "x-fal-webhook-signature": private.sign(message).hex()}


def serve(httpserver: HTTPServer, *keys: Ed25519PrivateKey) -> None:
    httpserver.clear_all_handlers()
    httpserver.expect_request("/jwks").respond_with_json(
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}, {"x": "short"}, *(public(key) for key in keys)]})


@pytest.fixture
def fal(httpserver: HTTPServer) -> Fal:
    return Fal(SecretStr(KEY), "http://127.0.0.1:9", httpserver.url_for("/jwks"), 2)


def test_a_signed_webhook_is_believed_and_the_keys_are_fetched_once(
    fal: Fal, httpserver: HTTPServer, signer: Ed25519PrivateKey
) -> None:
    serve(httpserver, Ed25519PrivateKey.generate(), signer)
    for _ in range(3):
        assert fal.verify_callback(signed(signer), BODY, NOW)
    assert len(httpserver.log) == 1
    assert "Authorization" not in httpserver.log[0][0].headers


def test_what_is_changed_stale_or_malformed_is_not_believed(
    fal: Fal, httpserver: HTTPServer, signer: Ed25519PrivateKey
) -> None:
    serve(httpserver, signer)
    good = signed(signer)
    assert fal.verify_callback(good, BODY, NOW)
    assert not fal.verify_callback(good, BODY + b" ", NOW)
    assert not fal.verify_callback({**good, "X-Fal-Webhook-User-Id": "user-2"}, BODY, NOW)
    assert not fal.verify_callback({**good, "x-fal-webhook-signature": "zz"}, BODY, NOW)
    assert not fal.verify_callback({**good, "x-fal-webhook-signature": ""}, BODY, NOW)
    assert not fal.verify_callback({**good, "X-Fal-Webhook-Timestamp": "now"}, BODY, NOW)
    assert not fal.verify_callback({}, BODY, NOW)
    assert not fal.verify_callback(good, BODY, NOW + timedelta(seconds=301))
    assert not fal.verify_callback(good, BODY, NOW - timedelta(seconds=301))
    assert fal.verify_callback(good, BODY, NOW + timedelta(seconds=300))


def test_a_new_key_of_fal_is_learned_but_asked_for_at_most_every_five_seconds(
    fal: Fal, httpserver: HTTPServer, signer: Ed25519PrivateKey
) -> None:
    serve(httpserver, Ed25519PrivateKey.generate())
    for second in (0, 1, 4):
        at = NOW + timedelta(seconds=second)
        assert not fal.verify_callback(signed(signer, at), BODY, at)
    assert len(httpserver.log) == 1
    serve(httpserver, signer)
    later = NOW + timedelta(seconds=5)
    assert fal.verify_callback(signed(signer, later), BODY, later)
    assert len(httpserver.log) == 2


def test_keys_are_kept_a_day_at_most(fal: Fal, httpserver: HTTPServer, signer: Ed25519PrivateKey) -> None:
    serve(httpserver, signer)
    assert fal.verify_callback(signed(signer), BODY, NOW)
    serve(httpserver, Ed25519PrivateKey.generate())
    day = NOW + timedelta(hours=24)
    assert fal.verify_callback(signed(signer, day), BODY, day)
    after = day + timedelta(seconds=1)
    assert not fal.verify_callback(signed(signer, after), BODY, after)


@pytest.mark.parametrize("status", [500, 302, 200])
def test_while_the_keys_cannot_be_fetched_a_webhook_is_refused_for_now(
    fal: Fal, httpserver: HTTPServer, signer: Ed25519PrivateKey, status: int
) -> None:
    httpserver.expect_request("/jwks").respond_with_data("<html>", status)
    for second in (0, 1):
        with pytest.raises(ProviderUnavailable):
            fal.verify_callback(signed(signer), BODY, NOW + timedelta(seconds=second))
    assert len(httpserver.log) == 1
    serve(httpserver, signer)
    later = NOW + timedelta(seconds=5)
    assert fal.verify_callback(signed(signer, later), BODY, later)

"""A picture whose address is no longer fresh is lent to fal, and only to fal itself."""

from __future__ import annotations

from pathlib import Path

import fal_client.client
import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import ProviderRefused, ProviderUnavailable
from aida_orchestrator.providers.fal import Fal


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"\xff\xd8\xff picture")
    return path


@pytest.fixture
def storage(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """fal's storage on loopback: the vendor's client has its hosts as constants."""
    monkeypatch.setattr(fal_client.client, "REST_URL", httpserver.url_for("").rstrip("/"))
    monkeypatch.setattr(fal_client.client, "CDN_URL", httpserver.url_for("").rstrip("/"))
    return httpserver


def fal(queue_url: str) -> Fal:
    return Fal(key=SecretStr("id:secret-of-ours"), queue_url=queue_url, jwks_url="https://x.test/jwks", timeout=5)


def test_a_picture_is_lent_through_the_vendors_storage(storage: HTTPServer, picture: Path) -> None:
    storage.expect_request("/storage/auth/token", method="POST").respond_with_json(
        {"token": "t", "token_type": "Bearer", "base_url": storage.url_for("").rstrip("/"),
         "expires_at": "2099-01-01T00:00:00Z"})
    storage.expect_request("/files/upload", method="POST").respond_with_json({"access_url": "https://v3.fal.media/files/x.jpg"})
    assert fal("https://queue.fal.run").lend(picture) == "https://v3.fal.media/files/x.jpg"
    uploads = [request for request, _ in storage.log if request.path == "/files/upload"]
    assert [request.get_data() for request in uploads] == [picture.read_bytes()]


def test_storage_that_is_away_is_passing_trouble_without_our_key(storage: HTTPServer, picture: Path) -> None:
    storage.expect_request("/storage/auth/token").respond_with_data("down", status=503)
    storage.expect_request("/storage/upload/initiate").respond_with_data("down", status=503)
    with pytest.raises(ProviderUnavailable) as caught:
        fal("https://queue.fal.run").lend(picture)
    assert "secret-of-ours" not in f"{caught.value} {caught.value.body}"


def test_nothing_is_lent_when_another_server_stands_in_for_fal(storage: HTTPServer, picture: Path) -> None:
    with pytest.raises(ProviderRefused, match="PUBLIC_URL"):
        fal("http://127.0.0.1:9100/fal").lend(picture)
    assert not storage.log

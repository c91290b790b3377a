"""One exchange over real sockets: what was surely not sent, what may have been, and where the key goes."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import (
    OutcomeUnknown,
    ProviderAuthError,
    ProviderRefused,
    ProviderUnavailable,
    SettingsError,
)
from aida_orchestrator.providers.base import Source
from aida_orchestrator.providers.http import Wire

from .conftest import KEY
from .sockets import RawServer, hang_up, reset, say

SOURCE = Source("fal", "fal.ai", "FAL_KEY", "FAL_QUEUE_URL")
Make = Callable[..., RawServer]


def wire(url: str, timeout: float = 2, verify: bool | str = True, key: str | None = KEY) -> Wire:
    return Wire(SOURCE, url, SecretStr(key) if key is not None else None, "Key", timeout, verify=verify)


def test_a_closed_port_means_nothing_was_sent(closed_port_url: str) -> None:
    with pytest.raises(ProviderUnavailable):
        wire(closed_port_url).submit(closed_port_url + "/x", {})


def test_a_name_that_does_not_resolve_means_nothing_was_sent() -> None:
    with pytest.raises(ProviderUnavailable):
        wire("http://no-such-host.invalid").submit("http://no-such-host.invalid/x", {})


def test_a_certificate_that_is_not_trusted_means_nothing_was_sent(raw_server: Make, tls: ssl.SSLContext) -> None:
    server = raw_server(hang_up, tls=tls)
    with pytest.raises(ProviderUnavailable):
        wire(server.url).submit(server.url + "/x", {})
    assert server.requests == []


def test_a_reset_during_the_tls_greeting_means_nothing_was_sent(raw_server: Make, tls: ssl.SSLContext) -> None:
    server = raw_server(hang_up, tls=tls, greet=False)
    with pytest.raises(ProviderUnavailable):
        wire(server.url).submit(server.url + "/x", {})


@pytest.mark.parametrize("behaviour", [
    reset, hang_up, say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), say(b"not http at all\r\n\r\n"),
    say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
])
def test_a_break_after_sending_leaves_the_outcome_open(raw_server: Make, behaviour: object) -> None:
    server = raw_server(behaviour)
    with pytest.raises(OutcomeUnknown):
        wire(server.url).submit(server.url + "/x", {"a": 1})
    assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [reset, hang_up])
def test_a_break_after_sending_over_tls_leaves_the_outcome_open(
    raw_server: Make, tls: ssl.SSLContext, certificate: Path, behaviour: object
) -> None:
    server = raw_server(behaviour, tls=tls)
    with pytest.raises(OutcomeUnknown):
        wire(server.url, verify=str(certificate)).submit(server.url + "/x", {"a": 1})
    assert len(server.requests) == 1


def test_silence_after_sending_leaves_the_outcome_open(raw_server: Make) -> None:
    server = raw_server(lambda client, _: time.sleep(1.5))
    with pytest.raises(OutcomeUnknown):
        wire(server.url, timeout=0.3).submit(server.url + "/x", {"a": 1})
    assert len(server.requests) == 1


def test_an_answer_that_trickles_is_not_waited_for(raw_server: Make) -> None:
    def trickle(client: socket.socket, _: bytes) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _step in range(30):
            client.sendall(b" ")
            time.sleep(0.1)

    server = raw_server(trickle)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        wire(server.url, timeout=0.5).submit(server.url + "/x", {})
    assert time.monotonic() - began < 2


def test_the_same_breaks_on_a_read_are_passing_trouble(raw_server: Make) -> None:
    server = raw_server(reset)
    with pytest.raises(ProviderUnavailable):
        wire(server.url).read("GET", server.url + "/x")
    assert len(server.requests) == 1


def test_an_endless_answer_is_dropped(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/big").respond_with_data(b"x" * 5_000_000)
    with pytest.raises(ProviderUnavailable):
        wire(httpserver.url_for("")).read("GET", httpserver.url_for("/big"))


def test_a_redirect_is_shown_and_not_followed(httpserver: HTTPServer, raw_server: Make) -> None:
    elsewhere = raw_server(say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    httpserver.expect_request("/x").respond_with_data("", 307, {"Location": elsewhere.url + "/y"})
    answer = wire(httpserver.url_for("")).read("GET", httpserver.url_for("/x"))
    assert answer.status == 307
    assert elsewhere.requests == []


def test_the_key_is_not_sent_to_another_origin(httpserver: HTTPServer, raw_server: Make) -> None:
    elsewhere = raw_server(say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(ProviderRefused, match="FAL_QUEUE_URL"):
        wire(httpserver.url_for("")).read("GET", elsewhere.url + "/x")
    assert elsewhere.requests == []


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:1.evil.example/", "https://127.0.0.1/", "http://127.0.0.1@evil.example/", "http://localhost/",
    "//127.0.0.1/", "http://127.0.0.1:99999/",
])
def test_look_alike_addresses_are_not_of_the_origin(url: str) -> None:
    assert not wire("http://127.0.0.1/base").owns(url)


def test_the_environments_netrc_and_proxy_do_not_touch_loopback(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, closed_port_url: str
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\ndefault login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", closed_port_url)
    monkeypatch.setenv("http_proxy", closed_port_url)
    httpserver.expect_request("/x", headers={"Authorization": f"Key {KEY}"}).respond_with_json({"ok": True})
    base = httpserver.url_for("").replace("localhost", "127.0.0.1")
    assert wire(base).read("GET", base + "/x").object == {"ok": True}


def test_html_and_deep_json_are_answers_without_json(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/html").respond_with_data("<html>gateway</html>", 200)
    httpserver.expect_request("/deep").respond_with_data("[" * 200_000, 200)
    line = wire(httpserver.url_for(""))
    assert line.read("GET", httpserver.url_for("/html")).json is None
    assert line.read("GET", httpserver.url_for("/html")).text == "<html>gateway</html>"
    assert line.read("GET", httpserver.url_for("/deep")).object == {}


def test_without_a_key_nothing_is_sent(httpserver: HTTPServer) -> None:
    with pytest.raises(ProviderAuthError, match="FAL_KEY"):
        wire(httpserver.url_for(""), key=None).submit(httpserver.url_for("/x"), {})
    assert httpserver.log == []


@pytest.mark.parametrize("url", ["", "queue.fal.run", "ftp://host/", "http://", "http://u:p@host/", "http://host:port/"])
def test_a_wrong_address_is_named_by_its_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="FAL_QUEUE_URL"):
        wire(url)


def test_errors_and_reprs_hold_neither_key_nor_callback_address(closed_port_url: str, raw_server: Make) -> None:
    for url in (closed_port_url, raw_server(reset).url):
        line = wire(url)
        with pytest.raises((ProviderUnavailable, OutcomeUnknown)) as caught:
            line.submit(url + "/x", {"a": 1}, params={"fal_webhook": "https://us.example/hook/token-123"})
        shown = f"{line!r} {vars(line)!r} {caught.value!r} {vars(caught.value)!r}"
        assert KEY not in shown
        assert "token-123" not in shown
        assert caught.value.__suppress_context__

"""The Fetcher over real HTTP, against servers that behave and servers that do not."""

from __future__ import annotations

import hashlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from aida_orchestrator.errors import MediaError, MediaGone, MediaMistaken, MediaUnavailable, UntrustedOrigin
from aida_orchestrator.media.fetch import Fetcher

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 5000 + b"\xff\xd9"
MP4 = b"\x00\x00\x00\x20ftypisom" + b"\x00" * 5000


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Fetcher:
    return Fetcher((httpserver.url_for("").rstrip("/"),), 10_000, 5)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def raw_server() -> Iterator[Callable[..., str]]:
    """Serves given bytes to one caller, slice by slice with a pause, then hangs up; gives the origin."""
    listeners: list[socket.socket] = []

    def start(*slices: bytes, pause: float = 0.0) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            try:
                caller, _ = listener.accept()
                with caller:
                    caller.recv(65536)
                    for piece in slices:
                        caller.sendall(piece)
                        time.sleep(pause)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def test_a_picture_is_told_by_content_whatever_its_header_and_name_say(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path
) -> None:
    httpserver.expect_request("/a.png").respond_with_data(JPEG, content_type="text/html")
    fetched = fetcher.fetch("kie", httpserver.url_for("/a.png"), into)
    assert (fetched.content_type, fetched.extension, fetched.bytes) == ("image/jpeg", "jpg", len(JPEG))
    assert fetched.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert into.read_bytes() == JPEG


def test_we_ask_as_a_browser_for_the_plain_bytes_and_send_no_secrets(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(JPEG)

    httpserver.expect_request("/a").respond_with_handler(answer)
    fetcher.fetch("kie", httpserver.url_for("/a"), into)
    assert asked[0].headers["User-Agent"].startswith("Mozilla/5.0")
    assert asked[0].headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in asked[0].headers


@pytest.mark.parametrize("body", [b"<html><body>Sorry</body></html>" * 10, b"#EXTM3U\nhttp://10.0.0.1/", b"{}", MP4])
def test_a_page_a_playlist_or_a_clip_is_no_picture(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path, body: bytes
) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data(body, content_type="image/jpeg")
    with pytest.raises(MediaError) as caught:
        fetcher.fetch("kie", httpserver.url_for("/a.jpg"), into, kinds=("image",))
    assert type(caught.value) is MediaMistaken
    assert not caught.value.transient
    assert not into.exists()


def test_a_clip_is_a_clip(httpserver: HTTPServer, fetcher: Fetcher, into: Path) -> None:
    httpserver.expect_request("/a").respond_with_data(MP4)
    assert fetcher.fetch("fal", httpserver.url_for("/a"), into, kinds=("video",)).extension == "mp4"


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, MediaGone), (410, MediaGone), (403, MediaGone), (500, MediaUnavailable), (503, MediaUnavailable),
     (429, MediaUnavailable), (401, MediaError), (206, MediaError), (304, MediaError)],
)
def test_the_status_decides_whether_to_come_again(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path, status: int, error: type[MediaError]
) -> None:
    httpserver.expect_request("/a").respond_with_data(JPEG, status=status)
    with pytest.raises(MediaError) as caught:
        fetcher.fetch("kie", httpserver.url_for("/a"), into)
    assert type(caught.value) is error
    assert not into.exists()
    assert len(httpserver.log) == 1


def test_a_network_that_dislikes_our_user_agent_is_not_a_lost_file(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data("error code: 1010", status=403)
    with pytest.raises(MediaError, match="KIE_USER_AGENT"):
        fetcher.fetch("kie", httpserver.url_for("/a"), into)


def test_redirects_inside_the_trusted_origins_are_followed(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path
) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b?token=1"})
    httpserver.expect_request("/b", query_string="token=1").respond_with_data(JPEG)
    assert fetcher.fetch("kie", httpserver.url_for("/a"), into).bytes == len(JPEG)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://169.254.169.254/", "https://v3.fal.media/a.mp4", "file:///etc/passwd"]
)
def test_redirects_that_leave_the_trusted_origins_are_refused(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path, target: str
) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": target})
    with pytest.raises(UntrustedOrigin):
        fetcher.fetch("fal", httpserver.url_for("/a"), into)


def test_redirects_in_a_circle_end(httpserver: HTTPServer, fetcher: Fetcher, into: Path) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/a"})
    with pytest.raises(MediaError, match="redirects more than"):
        fetcher.fetch("kie", httpserver.url_for("/a"), into)
    assert len(httpserver.log) == 6


def test_too_large_by_its_own_word_is_not_even_read(raw_server: Callable[..., str], into: Path) -> None:
    origin = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n", pause=3)
    began = time.monotonic()
    with pytest.raises(MediaError, match="larger than"):
        Fetcher((origin,), 10_000, 5).fetch("kie", f"{origin}/a", into)
    assert time.monotonic() - began < 2


def test_too_large_without_a_word_is_counted(raw_server: Callable[..., str], into: Path) -> None:
    origin = raw_server(b"HTTP/1.1 200 OK\r\n\r\n" + JPEG, JPEG, JPEG)
    with pytest.raises(MediaError, match="larger than"):
        Fetcher((origin,), 10_000, 5).fetch("kie", f"{origin}/a", into)
    assert not into.exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + JPEG,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + JPEG[:0x1000] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n" + JPEG,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + JPEG[:10],
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + JPEG[:3000],
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200",
        b"",
    ],
)
def test_a_body_that_breaks_off_may_be_whole_next_time(
    raw_server: Callable[..., str], into: Path, answer: bytes
) -> None:
    origin = raw_server(answer)
    with pytest.raises(MediaUnavailable):
        Fetcher((origin,), 10_000, 5).fetch("kie", f"{origin}/a", into)
    assert not into.exists()


def test_a_trickle_does_not_outlast_the_time_cap(raw_server: Callable[..., str], into: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + JPEG[:100]
    origin = raw_server(head, *[b"\x00"] * 60, pause=0.1)
    began = time.monotonic()
    with pytest.raises(MediaUnavailable):
        Fetcher((origin,), 10_000, 1).fetch("kie", f"{origin}/a", into)
    assert time.monotonic() - began < 2.5


def test_silence_does_not_outlast_the_time_cap(raw_server: Callable[..., str], into: Path) -> None:
    origin = raw_server(b"HTTP/1.1 200 OK\r\n", pause=6)
    began = time.monotonic()
    with pytest.raises(MediaUnavailable):
        Fetcher((origin,), 10_000, 1).fetch("kie", f"{origin}/a", into)
    assert time.monotonic() - began < 2.5


def test_neither_log_nor_error_repeats_the_query(
    httpserver: HTTPServer, fetcher: Fetcher, into: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    httpserver.expect_request("/a").respond_with_data(JPEG)
    fetcher.fetch("kie", httpserver.url_for("/a?token=hush"), into)
    lines = [record for record in caplog.records if record.name.startswith("aida_orchestrator")]
    assert len(lines) == 1
    assert "hush" not in str(vars(lines[0]))
    httpserver.stop()  # one server serves the whole run, so it must come back
    try:
        with pytest.raises(MediaUnavailable) as caught:
            fetcher.fetch("kie", httpserver.url_for("/a?token=hush"), into)
    finally:
        httpserver.start()
    assert "hush" not in caught.value.message
    assert caught.value.__suppress_context__

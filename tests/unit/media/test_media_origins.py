"""Which addresses may be fetched at all; nothing here reaches a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from aida_orchestrator.errors import MediaUnavailable, SettingsError, UntrustedOrigin
from aida_orchestrator.media.fetch import Fetcher
from aida_orchestrator.media.origins import PROVIDER_HOSTS, is_own_host, origin_of, shown

OWN = [
    ("fal", "https://fal.media/files/a.mp4"),
    ("fal", "https://v3.fal.media/files/a.mp4"),
    ("fal", "https://V3B.FAL.MEDIA:443/a.mp4?token=1"),
    ("kie", "https://tempfile.aiquickdraw.com/x_0_0.jpeg"),
    ("kie", "https://kieai.redpandaai.co/x.png"),
    ("kie", "https://file.kie.ai/x.png"),
]
STRANGE = [
    "http://v3.fal.media/a.mp4",
    "https://v3.fal.media:8443/a.mp4",
    "https://v3.fal.media.evil.example/a.mp4",
    "https://evilfal.media/a.mp4",
    "https://fal.media@evil.example/a.mp4",
    "https://user:password@v3.fal.media/a.mp4",
    "https://evil.example\\@v3.fal.media/a.mp4",
    "https://evil.example#@v3.fal.media/a.mp4",
    "https://evil.example/?v3.fal.media",
    "https://v3.fal.media\n.evil.example/a.mp4",
    "https://storage.googleapis.com/fal.media/a.mp4",
    "https://tempfile.aiquickdraw.com/a.mp4",
    "https://127.0.0.1/a.mp4",
    "https://2130706433/a.mp4",
    "https://0x7f000001/a.mp4",
    "https://0177.0.0.1/a.mp4",
    "https://127.1/a.mp4",
    "https://0.0.0.0/a.mp4",
    "https://[::1]/a.mp4",
    "https://[::ffff:127.0.0.1]/a.mp4",
    "https://169.254.169.254/latest/meta-data/",
    "https://[64:ff9b::7f00:1]/a.mp4",
    "https://[2002:7f00:1::]/a.mp4",
    "https://100.64.0.1/a.mp4",
    "https://localhost/a.mp4",
    "file:///etc/passwd",
    "ftp://v3.fal.media/a.mp4",
    "data:image/png;base64,AAAA",
    "//v3.fal.media/a.mp4",
    "https://[v3.fal.media/a.mp4",
    "https://v3.fal.media:99999/a.mp4",
    "",
]
# The same addresses as names that a provider's host could resolve to: the second wall behind the list of hosts.
PRIVATE = [
    "localhost", "127.0.0.1", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
    "169.254.169.254", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "10.0.0.1", "192.168.0.1", "[fe80::1]",
    "[fc00::1]",
]


@pytest.mark.parametrize(("provider", "url"), OWN)
def test_a_providers_own_hosts_are_recognised(provider: str, url: str) -> None:
    assert is_own_host(origin_of(url), PROVIDER_HOSTS[provider])


@pytest.mark.parametrize("url", STRANGE)
def test_any_other_address_is_refused_and_nothing_is_written(tmp_path: Path, url: str) -> None:
    with pytest.raises(UntrustedOrigin):
        Fetcher((), 1000, 2).fetch("fal", url, tmp_path / "x", kinds=("video",))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_provider_has_no_hosts(tmp_path: Path) -> None:
    with pytest.raises(UntrustedOrigin):
        Fetcher((), 1000, 2).fetch("nobody", "https://v3.fal.media/a.mp4", tmp_path / "x")


@pytest.mark.parametrize("host", PRIVATE)
def test_a_listed_host_that_lies_in_a_private_network_is_refused(tmp_path: Path, host: str) -> None:
    fetcher = Fetcher((), 1000, 2, hosts={"fal": (host.strip("[]"),)})
    with pytest.raises(UntrustedOrigin, match="private network"):
        fetcher.fetch("fal", f"https://{host}/a.mp4", tmp_path / "x", kinds=("video",))


def test_a_host_that_has_no_address_may_have_one_later(tmp_path: Path) -> None:
    fetcher = Fetcher((), 1000, 2, hosts={"fal": ("nothing.invalid",)})
    with pytest.raises(MediaUnavailable):
        fetcher.fetch("fal", "https://nothing.invalid/a.mp4?token=hush", tmp_path / "x")


def test_refusals_do_not_repeat_what_is_secret_in_an_address(tmp_path: Path) -> None:
    with pytest.raises(UntrustedOrigin) as caught:
        Fetcher((), 1000, 2).fetch("fal", "https://me:hush@evil.example/a.mp4?token=hush#hush", tmp_path / "x")
    assert "hush" not in caught.value.message
    assert "https://evil.example/a.mp4" in caught.value.message


@pytest.mark.parametrize("origin", ["127.0.0.1:9100", "http://", "ftp://a", "http://a/path", "http://u:p@a", "http://a?b"])
def test_a_trusted_origin_that_is_none_is_a_setting_to_mend(origin: str) -> None:
    with pytest.raises(SettingsError, match="MEDIA_TRUSTED_ORIGINS"):
        Fetcher((origin,), 1000, 2)


def test_an_origin_is_trusted_with_its_port_and_scheme_only(tmp_path: Path) -> None:
    fetcher = Fetcher(("http://127.0.0.1:1",), 1000, 2)
    for url in ("https://127.0.0.1:1/a", "http://127.0.0.1:2/a", "http://localhost:1/a", "http://x@127.0.0.1:1/a"):
        with pytest.raises(UntrustedOrigin):
            fetcher.fetch("fal", url, tmp_path / "x")
    with pytest.raises(MediaUnavailable):
        fetcher.fetch("fal", "http://127.0.0.1:1/a", tmp_path / "x")


def test_an_address_is_shown_without_control_characters() -> None:
    assert "\n" not in shown("https://a.example/\x1b[31mred\nline")

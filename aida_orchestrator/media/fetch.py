"""Download what providers made: only from their own hosts or listed origins, counted, timed, and told by content."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import requests
import urllib3
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress

from ..errors import MediaError, MediaGone, MediaMistaken, MediaUnavailable, UntrustedOrigin
from .origins import PROVIDER_HOSTS, is_own_host, origin_of, shown, trusted
from .sniff import HEAD_BYTES, FileKind, is_whole, sniff

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (403, 404, 410)
_PASSING = (408, 425, 429)
_CHUNK_BYTES = 64 * 1024
_CONNECT_SECONDS = 10.0
_SILENCE_SECONDS = 30.0

# A bare library name is refused by the network in front of KIE's hosts (403, "error code: 1010").
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AIDA-Orchestrator/0.1"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was downloaded; type and extension come from the content."""

    content_type: str
    bytes: int
    sha256: str
    extension: str


class Fetcher:
    """Downloads one file at a time and never tries twice: the caller's rows decide when to come again."""

    def __init__(
        self, trusted_origins: Sequence[str], max_bytes: int, timeout_seconds: float, *,
        user_agent: str = _USER_AGENT, hosts: Mapping[str, tuple[str, ...]] = PROVIDER_HOSTS,
    ) -> None:
        """Raises SettingsError when a trusted origin is not scheme://host[:port]."""
        self._trusted = trusted(trusted_origins)
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds
        self._user_agent = user_agent
        self._hosts = hosts

    def fetch(self, provider: str, url: str, into: Path, kinds: Sequence[str] = ("image",)) -> Fetched:
        """Download `url` to the file `into`; kinds are "image", "video" or both.

        Raises UntrustedOrigin, MediaGone (403, 404, 410), MediaUnavailable (try again later) or MediaError (too large,
        or not such a file). After an error `into` does not exist.
        """
        until = time.monotonic() + self._timeout_seconds
        try:
            fetched = self._fetch(provider, url, into, kinds, until)
        except InvalidIPAddress:
            into.unlink(missing_ok=True)
            raise UntrustedOrigin(f"{shown(url)} leads to a private network") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            into.unlink(missing_ok=True)
            raise MediaError(f"{shown(url)} is not an address that can be fetched") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            into.unlink(missing_ok=True)
            # The text of these errors holds the whole address, so neither it nor the chain is kept.
            raise MediaUnavailable(f"the download of {shown(url)} broke ({type(error).__name__})") from None
        except OSError as error:
            into.unlink(missing_ok=True)
            raise MediaUnavailable(f"{shown(url)} could not be written to disk: {error.strerror}") from error
        except BaseException:
            into.unlink(missing_ok=True)
            raise
        log.info("media fetched", extra={"provider": provider, "url": shown(url), "bytes": fetched.bytes})
        return fetched

    def _fetch(self, provider: str, url: str, into: Path, kinds: Sequence[str], until: float) -> Fetched:
        origin, own = origin_of(url), self._hosts.get(provider, ())
        guarded = is_own_host(origin, own)
        with self._session(guarded) as session:
            for _ in range(_MOST_REDIRECTS + 1):
                origin = origin_of(url)
                if not (is_own_host(origin, own) if guarded else origin in self._trusted):
                    raise UntrustedOrigin(
                        f"{shown(url)} is neither a host of {provider} nor in MEDIA_TRUSTED_ORIGINS, "
                        "or a redirect leads from one to the other"
                    )
                response = session.get(url, stream=True, allow_redirects=False, timeout=self._patience(url, until))
                with response:
                    if response.status_code not in _REDIRECTS:
                        _raise_for_status(response, url)
                        return self._receive(response, url, into, kinds, until)
                    target = response.headers.get("Location")
                    if not target:
                        raise MediaError(f"{shown(url)} redirects to nowhere")
                    url = urljoin(url, target)
        raise MediaError(f"{shown(url)} redirects more than {_MOST_REDIRECTS} times")

    @contextmanager
    def _session(self, guarded: bool) -> Iterator[requests.Session]:
        config = Config(ip_filter_enable=True, ip_filter_allow_loopback_ips=False, never_redirect=True,
                        default_timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS))
        with HTTPSession(config) if guarded else requests.Session() as session:
            session.trust_env = False  # no proxies and no .netrc: the address that was checked is the one that is used
            session.headers.update({"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "identity"})
            yield session

    def _patience(self, url: str, until: float) -> tuple[float, float]:
        left = until - time.monotonic()
        if left <= 0:
            raise MediaUnavailable(f"the download of {shown(url)} took longer than {self._timeout_seconds:g} s")
        return min(left, _CONNECT_SECONDS), min(left, _SILENCE_SECONDS)

    def _receive(
        self, response: requests.Response, url: str, into: Path, kinds: Sequence[str], until: float
    ) -> Fetched:
        promised = response.headers.get("Content-Length", "")
        if promised.isascii() and promised.isdigit() and int(promised) > self._max_bytes:
            raise self._too_large(url)
        with into.open("wb") as file:
            kind, size, digest = self._stream(response, url, file, kinds, until)
        # Without a Content-Length a line that breaks looks like the end.
        if not is_whole(into, kind):
            raise MediaUnavailable(f"{shown(url)} was cut off after {size} bytes")
        return Fetched(kind.content_type, size, digest, kind.extension)

    def _stream(
        self, response: requests.Response, url: str, file: BinaryIO, kinds: Sequence[str], until: float
    ) -> tuple[FileKind, int, str]:
        digest, size, head, kind = hashlib.sha256(), 0, b"", None
        # read1 returns what has come; read would wait for a full chunk and let a trickle outlast the time cap.
        # It raises IncompleteRead when the body is shorter than its Content-Length or its last chunk is missing.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
            size += len(chunk)
            if size > self._max_bytes:
                raise self._too_large(url)
            self._patience(url, until)
            if kind is None:
                head += chunk
                if len(head) >= HEAD_BYTES:
                    kind = _kind(head, url, kinds)
            digest.update(chunk)
            file.write(chunk)
        if size == 0:
            raise MediaUnavailable(f"{shown(url)} is empty")
        return kind or _kind(head, url, kinds), size, digest.hexdigest()

    def _too_large(self, url: str) -> MediaError:
        return MediaError(f"{shown(url)} is larger than {self._max_bytes} bytes (MEDIA_MAX_BYTES)")


def _kind(head: bytes, url: str, kinds: Sequence[str]) -> FileKind:
    kind = sniff(head)
    if kind is None or kind.family not in kinds:
        found = kind.content_type if kind else "something else"
        raise MediaMistaken(f"{shown(url)} should be {' or '.join(kinds)}, but its content is {found}")
    return kind


def _raise_for_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 403 and b"error code: 1010" in (response.raw.read1(2048, decode_content=False) or b""):
        raise MediaError(f"{shown(url)} refuses our user agent; set KIE_USER_AGENT to that of a browser")
    if status in _GONE:
        raise MediaGone(f"{shown(url)} is no longer there (HTTP {status})")
    if status in _PASSING or status >= 500:
        raise MediaUnavailable(f"{shown(url)} cannot be downloaded now (HTTP {status})")
    raise MediaError(f"{shown(url)} cannot be downloaded (HTTP {status})")

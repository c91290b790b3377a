"""Connections to providers: kept for reads, new for each paid request, noted when something may have been sent."""

from __future__ import annotations

import os
import threading
from typing import Any

import certifi
import urllib3
from requests.utils import get_environ_proxies, select_proxy

_KEPT = 16


class Lines:
    """The ways to one origin, by the environment's proxy if it has one; none on loopback (`direct`).

    A kept connection that the server closes at the moment of a paid submission would leave it open whether anything was
    bought, so those never use one. Reads do: they are repeated. What is kept is not shared over a fork.
    """

    def __init__(self, url: str, *, direct: bool, verify: bool | str = True) -> None:
        self._url, self._direct, self._verify = url, direct, verify
        self._kept: tuple[int, urllib3.PoolManager] | None = None

    def kept(self) -> urllib3.PoolManager:
        """Connections that are used again in this process."""
        if self._kept is None or self._kept[0] != os.getpid():
            self._kept = (os.getpid(), self.fresh(_KEPT))
        return self._kept[1]

    def fresh(self, size: int = 1) -> urllib3.PoolManager:
        """Connections for one exchange; the caller clears them."""
        proxy = None if self._direct else select_proxy(self._url, get_environ_proxies(self._url))
        tls: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED" if self._verify else "CERT_NONE"}
        if self._verify and self._url.startswith("https"):
            tls["ca_certs"] = self._authorities()
        manager = (urllib3.ProxyManager(proxy, maxsize=size, **tls) if proxy
                   else urllib3.PoolManager(num_pools=2, maxsize=size, **tls))
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def _authorities(self) -> str:
        if isinstance(self._verify, str):
            return self._verify
        named = None if self._direct else os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return named or certifi.where()


class Sent(threading.local):
    """Whether, in this thread, a connection stood (TLS and proxy tunnel included): before that nothing can have been sent.

    The exceptions alone do not tell: a TLS error, or a reset, comes from the handshake or from a lost answer.
    """

    maybe = False


SENT = Sent()


class _Http(urllib3.connection.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        SENT.maybe = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        SENT.maybe = SENT.maybe or not self.is_closed  # a kept one is connected already
        super().request(*args, **kwargs)


class _Https(urllib3.connection.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        SENT.maybe = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        SENT.maybe = SENT.maybe or not self.is_closed
        super().request(*args, **kwargs)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}

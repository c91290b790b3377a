"""Which files of ours a provider was lent, so that the many shots of a film that go by one picture lend it once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_SECONDS = 6 * 3600.0  # a lent file can be read for a day, and the order that names it may wait
_MOST = 500


@dataclass(slots=True)
class _Loan:
    """One file: whoever holds `lock` lends it, the others wait for what comes of it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    address: str = ""
    until: float = 0.0
    failed_at: float = 0.0
    error: Exception | None = None


class Lent:
    """The addresses of one process, a bounded number of them. A stored file never changes, so its path names its content."""

    def __init__(self, upload: Callable[[Path], str]) -> None:
        self._upload = upload
        self._lock = threading.Lock()
        self._loans: OrderedDict[Path, _Loan] = OrderedDict()

    def address(self, path: Path) -> str:
        """Where the provider can read the file; lends it if that was not done in the last hours. Raises what lending raises,
        also to those who waited meanwhile: each trying in turn would hold the last one up for minutes."""
        loan, asked = self._loan(path), time.monotonic()
        with loan.lock:
            if loan.error is not None and loan.failed_at >= asked:
                raise loan.error
            if time.monotonic() >= loan.until:
                try:
                    loan.address, loan.error = self._upload(path), None
                except Exception as error:
                    loan.error, loan.failed_at = error, time.monotonic()
                    raise
                loan.until = time.monotonic() + _SECONDS
            return loan.address

    def _loan(self, path: Path) -> _Loan:
        with self._lock:
            loan = self._loans.setdefault(path, _Loan())
            self._loans.move_to_end(path)
            if len(self._loans) > _MOST:
                self._loans.popitem(last=False)
            return loan

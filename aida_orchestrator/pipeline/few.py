"""Work that takes a core for seconds: so much of it at once in a process, that its other slots are left for the light."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Few(Generic[Name]):
    """Who may begin and who waits, by name; a name waits once. What waits when the process dies is rung from its row."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._waiting: OrderedDict[Name, None] = OrderedDict()

    def enter(self, name: Name, most: int) -> bool:
        """Whether this one may begin now, of at most so many; else it waits to be named by `leave`."""
        with self._lock:
            if self._under_way >= most:
                self._waiting[name] = None
                return False
            self._waiting.pop(name, None)
            self._under_way += 1
            return True

    def leave(self) -> Name | None:
        """One has ended; the name that has waited longest, if any does."""
        with self._lock:
            self._under_way -= 1
            return self._waiting.popitem(last=False)[0] if self._waiting else None

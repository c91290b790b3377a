"""Work that takes a core for seconds: so much of it at once in a process, that its other slots are left for the light.

What cannot begin waits by name, and users take turns: one whose hundred clips wait does not stop another's one.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Few(Generic[Name]):
    """Who may begin and who waits; a name waits once. What waits when the process dies is rung from its row."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._waiting: OrderedDict[Hashable, OrderedDict[Name, None]] = OrderedDict()

    def is_full(self, most: int) -> bool:
        """Whether so many are under way."""
        return self._under_way >= most

    def enter(self, name: Name, most: int, user: Hashable = None) -> bool:
        """Whether this one may begin now, of at most so many; else it waits among this user's to be named by `leave`."""
        with self._lock:
            if self._under_way >= most:
                self._waiting.setdefault(user, OrderedDict())[name] = None
                return False
            self._forget(name)
            self._under_way += 1
            return True

    def leave(self) -> Name | None:
        """One has ended; the name that has waited longest of the user whose turn it is, if any waits."""
        with self._lock:
            self._under_way -= 1
            if not self._waiting:
                return None
            user, names = self._waiting.popitem(last=False)
            name = names.popitem(last=False)[0]
            if names:
                self._waiting[user] = names  # behind the others
            return name

    def left_over(self) -> list[Name]:
        """All that wait although nothing is under way: what was named before began in another process."""
        with self._lock:
            if self._under_way:
                return []
            left = [name for names in self._waiting.values() for name in names]
            self._waiting.clear()
            return left

    def _forget(self, name: Name) -> None:
        for user in [user for user, names in self._waiting.items() if name in names]:
            del self._waiting[user][name]
            if not self._waiting[user]:
                del self._waiting[user]

"""Slots that became free are given away together: those that come while an admission is under way share the next one."""

from __future__ import annotations

import threading
from collections import defaultdict

from ..model import JobKind
from ..store.jobs import JobRef
from .desk import Desk, Woken
from .wishes import admit


class _Round:
    """One admission for all films that asked for it in time; the first of them makes it."""

    def __init__(self) -> None:
        self.films: list[str] = []
        self.made = threading.Event()
        self.submits: list[list[JobRef]] = []
        self.error: Exception | None = None

    def make(self, desk: Desk, kind: JobKind) -> None:
        """Admit for all, and give each the job that its film may submit next; what is more goes to the first."""
        try:
            admitted = admit(desk, [kind], self.films).submits
            for film in self.films:
                own = next((ref for ref in admitted if ref.project_id == film), None)
                if own is not None:
                    admitted.remove(own)
                self.submits.append([own] if own is not None else [])
            self.submits[0] += admitted
        except Exception as error:
            self.error = error
        finally:
            self.made.set()


class Turns:
    """One a process. An admission holds its account's lock, so many at once would only wait for it one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[JobKind, threading.Lock] = defaultdict(threading.Lock)
        self._next: dict[JobKind, _Round] = {}

    def admit_freed(self, desk: Desk, kind: JobKind, film: str) -> Woken:
        """Give away a slot that a job of this film (project id) gave back; the answer has what is to be submitted.

        Raises what the database raised, to all of a round.
        """
        with self._lock:
            turn = self._under_way[kind]
            mine = self._next.setdefault(kind, _Round())
            place = len(mine.films)
            mine.films.append(film)
        if place == 0:
            with turn:
                with self._lock:
                    del self._next[kind]
                mine.make(desk, kind)
        else:
            mine.made.wait()
        if mine.error is not None:
            raise mine.error
        return Woken(submits=mine.submits[place] if place < len(mine.submits) else [])

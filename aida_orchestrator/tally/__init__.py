"""What only a process can count by itself, because it leaves no row: requests of the API, and calls to providers.

Counting is off until a door calls `begin`; every process of a machine then counts into files of its own in one folder, and
whoever is scraped adds them up (`families`). See docs/metrics.md.
"""

from .counts import begin, call_made, counted, request_answered
from .folder import WEB, WORKER, families, tidy
from .serving import serve

__all__ = ["WEB", "WORKER", "begin", "call_made", "counted", "families", "request_answered", "serve", "tidy"]

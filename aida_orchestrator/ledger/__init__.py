"""The price book, every charge written, and the proof of the books: recomputed, and compared with the providers' bills."""

from .book import Price, PriceBook, booked
from .charging import Ledger, TaskKeys, cache_hit_rate

__all__ = ["Ledger", "Price", "PriceBook", "TaskKeys", "booked", "cache_hit_rate"]

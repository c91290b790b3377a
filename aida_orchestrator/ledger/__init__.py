"""The price book, the gate before each paid call, every charge written, and the proof of the books: recomputed, and compared
with the providers' bills."""

from .allowed import allowed, most_of_claude, most_of_vectors
from .book import Price, PriceBook, booked
from .charging import Ledger, TaskKeys, cache_hit_rate
from .gate import Gate, told_anew

__all__ = ["Gate", "Ledger", "Price", "PriceBook", "TaskKeys", "allowed", "booked", "cache_hit_rate",
           "most_of_claude", "most_of_vectors", "told_anew"]

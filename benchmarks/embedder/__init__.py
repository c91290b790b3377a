"""What the local embedder learned, and from what: `python -m benchmarks.embedder.train`."""

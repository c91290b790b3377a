"""The roles played by Claude: orchestrator, writer, director. Each turns quoted words into one clamped document."""

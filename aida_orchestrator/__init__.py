"""AIDA Orchestrator: one chat message becomes one finished film."""

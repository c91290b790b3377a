"""The outside world: one file per provider, one retry policy, one way to read a refusal."""

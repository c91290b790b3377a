"""The five stages: what a caller may ask, how a stage is run, how its messages travel, what the sweep brings back."""

"""Memory: what can be recalled by meaning, and how finished work gets there."""

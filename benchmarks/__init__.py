"""Measurements, each run by one command; they print figures and ratios and judge nothing."""

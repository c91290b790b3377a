"""The four provider APIs on loopback, with real pictures and clips.

A program of its own: it imports nothing of the service, so that one mistake cannot agree with itself.
"""

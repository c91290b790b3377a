"""The four providers as one cheap process with fixed latencies, so that a benchmark measures what stands before them.

It shares no code with the package and draws nothing: answers are bytes made once, jobs are ready by the clock.
"""

"""Reading uploads: what runs in a child process with limits, and knows nothing of the service.

An upload is a stranger's file, and what reads it may hang, crash or eat memory; none of that may happen to the web server.
"""

"""Answers that somebody saved or copied: bodies, curl's output, terminals, Python's printing."""

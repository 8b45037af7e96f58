"""A function runs in a process of its own, which is ended where it takes too long."""

"""The conversation as people read it."""

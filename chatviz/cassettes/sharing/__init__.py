"""Recordings that may be shown to others: who and what is meant is replaced, the stream stays."""

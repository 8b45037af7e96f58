"""Recordings at rest: what a cassette is, how it is stored, and what runs are in it."""

"""Recordings on disk: what a cassette is, how it is stored, and which runs it holds."""

"""Secrets that are not written in one piece."""

"""Drift: what changed between two recordings of the same test, layer by layer."""

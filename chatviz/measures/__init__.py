"""Measures: runs in, values out, each with its rule; no pandas."""

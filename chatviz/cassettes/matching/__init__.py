"""Finds the recorded request that matches, and explains why the others do not."""

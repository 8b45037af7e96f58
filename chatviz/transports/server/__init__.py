"""Recorded answers over a real socket."""

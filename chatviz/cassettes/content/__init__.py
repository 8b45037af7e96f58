"""Content codings undone, within limits."""

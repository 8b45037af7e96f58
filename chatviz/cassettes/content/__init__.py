"""Decodes content codings, within limits."""

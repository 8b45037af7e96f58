"""Secrets that a name gives away: a key of JSON, a header, a word before a sign."""

"""A stream that is played like a film."""

"""Tables of groups of answers."""

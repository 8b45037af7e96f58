"""Tables of what only the requests of a whole conversation show."""

"""What can be taken away: items of a list, parts of a JSON value, events of a body."""

"""A conversation that is had in a notebook, shown while it goes on."""

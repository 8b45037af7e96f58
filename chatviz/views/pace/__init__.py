"""How much had come by when, and where it stood still."""

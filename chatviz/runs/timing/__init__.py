"""When the parts of an answer came, how even that was, and what the server itself says of time."""

"""How the arguments of a tool call grow, and what a schema says of them."""

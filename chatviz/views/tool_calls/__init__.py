"""How the arguments of tool calls grew."""

"""The subcommands: each reads its arguments, asks the rooms below, and prints what they answer."""

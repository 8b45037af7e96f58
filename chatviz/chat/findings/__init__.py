"""What was odd on the wire: its kinds, and how it is collected and worded."""

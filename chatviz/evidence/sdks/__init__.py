"""What other libraries make of a recording; each reads it in a process of its own."""

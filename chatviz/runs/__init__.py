"""From the bytes of answers to runs, and from runs to conversations."""

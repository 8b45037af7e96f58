"""The wire layer: framing, the shape of events, and their order."""

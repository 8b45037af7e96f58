"""Which recorded request is the one that was asked, and why another is not."""

"""Many conversations on one page."""

"""When each chunk came, and what it said."""

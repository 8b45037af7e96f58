"""A folder of recordings in a notebook."""

"""A reverse proxy that keeps what passes, for clients in any language."""

"""Secrets, found and written over before anything is stored."""

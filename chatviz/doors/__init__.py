"""Doors from other programs into the house; they hold no logic of their own."""
